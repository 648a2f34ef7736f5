/* SPDX-License-Identifier: MIT */
/* Endorsement keys from the templates of the TCG EK Credential Profile, made on demand and kept. */
#ifndef TPMD_EK_H
#define TPMD_EK_H

#include "vtpm.h"

enum ek_kind {
	EK_RSA2048, /* template L-1: RSA 2048, AES-128, SHA-256 */
	EK_P256,    /* template L-2: ECC P-256, AES-128, SHA-256 */
	EK_P384,    /* template H-3: ECC P-384, AES-256, SHA-384 */
	EK_KINDS,
};

#define EK_PUBLIC_MAX 512U

/* Gives the template as a marshalled TPMT_PUBLIC in `out`, EK_PUBLIC_MAX bytes; returns its size.
 */
size_t ek_template(enum ek_kind kind, uint8_t *out);

/*
 * Gives the public part of an endorsement key of the TPM that is on, a marshalled TPMT_PUBLIC,
 * valid until the next call. Made at the first call (seconds for RSA), and again after the TPM got
 * a new endorsement seed. Errors: those of vtpm_endorsement_key.
 */
enum vtpm_error ek_public(enum ek_kind kind, const uint8_t **public, size_t *size) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/* Public areas and quotes of a TPM (TPM 2.0 part 2), as far as the verifier reads them. */
#ifndef ATTEST_TPM_H
#define ATTEST_TPM_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/evp.h>

#include "attest/verdict.h"

#define TPM_ATTR_FIXED_TPM             0x00000002U
#define TPM_ATTR_FIXED_PARENT          0x00000010U
#define TPM_ATTR_SENSITIVE_DATA_ORIGIN 0x00000020U
#define TPM_ATTR_RESTRICTED            0x00010000U
#define TPM_ATTR_DECRYPT               0x00020000U
#define TPM_ATTR_SIGN                  0x00040000U

#define TPM_NAME_MAX 66 /* nameAlg and the longest digest */

/* A TPMT_PUBLIC, taken apart; pointers go into the input. */
struct tpm_public {
	struct bytes area; /* all of TPMT_PUBLIC: what a name is the hash of */
	uint16_t type;
	uint16_t name_alg;
	uint32_t attributes;
	uint16_t curve;    /* ECC */
	uint32_t exponent; /* RSA; 0 stands for 65537 */
	struct bytes x;    /* RSA: modulus */
	struct bytes y;
};

/* What a TPM2_Quote signs. */
struct tpm_quote {
	struct bytes qualified_signer;
	struct bytes extra_data;
	struct bytes pcr_digest;
};

/* Reads TPM2B_PUBLIC or TPMT_PUBLIC, all of the bytes. */
MUST_CHECK bool tpm_read_public(struct bytes bytes, struct tpm_public *public_area);

/* Reads a TPMS_ATTEST of type quote, all of the bytes. */
MUST_CHECK bool tpm_read_quote(struct bytes bytes, struct tpm_quote *quote);

/* The key for OpenSSL, to be freed; NULL: not a usable RSA or ECC key. */
EVP_PKEY *tpm_key(const struct tpm_public *public_area);

/* nameAlg || H(public area). *size 0: unknown hash. */
void tpm_name(const struct tpm_public *public_area, uint8_t name[TPM_NAME_MAX], size_t *size);

/* The qualified name of a key below a primary key of the endorsement hierarchy. */
void tpm_qualified_name(const struct tpm_public *ek, const struct tpm_public *key,
			uint8_t name[TPM_NAME_MAX], size_t *size);

/* Verifies a TPMT_SIGNATURE (RSASSA, RSAPSS, ECDSA) over the message. */
MUST_CHECK bool tpm_verify(const struct tpm_public *key, struct bytes message,
			   struct bytes signature);

#endif

/* SPDX-License-Identifier: MIT */
/* Sealing a request, opening its answer: AES-256-GCM over the message page (snp-guest-msg 1). */
#ifndef PSP_MESSAGE_H
#define PSP_MESSAGE_H

#include "kernel/psp.h"

/* Largest request that we send (TSC information). */
#define PSP_REQUEST_MAX 128U

/* What a request is made of: its type and payload. */
struct psp_request {
	uint8_t type; /* enum guest_msg_type, a request */
	uint16_t size;
	uint8_t payload[PSP_REQUEST_MAX];
};

/*
 * Encrypt into `out`, private memory. `number` must never have been used with this key for
 * anything else. ERR_INVALID: too large; ERR_CRYPTO.
 */
enum error psp_message_seal(const uint8_t key[VMPCK_SIZE], uint64_t number,
			    const struct psp_request *request, struct guest_msg *out) MUST_CHECK;

/*
 * Check that `message` is the answer to the request `type` sent with `number`, decrypt it. The
 * payload must be exactly `size` bytes. ERR_FORMAT: header; ERR_CRYPTO: tag. The output is zeroed
 * on error.
 */
enum error psp_message_open(const uint8_t key[VMPCK_SIZE], uint64_t number, uint8_t type,
			    const struct guest_msg *message, void *out, size_t size) MUST_CHECK;

#endif

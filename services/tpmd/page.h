/* SPDX-License-Identifier: MIT */
/* The vTPM protocol's command page (SVSM 7, TPM_SEND_COMMAND): decoded from a private copy. */
#ifndef TPMD_PAGE_H
#define TPMD_PAGE_H

#include "base/compiler.h"
#include "base/types.h"
#include "sevabi/svsm.h"

#define VTPM_PAGE_SIZE       4096U
#define VTPM_REQUEST_HEADER  ((uint32_t)offsetof(struct svsm_tpm_request, bytes))
#define VTPM_RESPONSE_HEADER 4U /* u32 size */
#define VTPM_REQUEST_MAX     (VTPM_PAGE_SIZE - VTPM_REQUEST_HEADER)
#define VTPM_RESPONSE_MAX    (VTPM_PAGE_SIZE - VTPM_RESPONSE_HEADER)

enum page_error {
	PAGE_OK = 0,
	PAGE_UNKNOWN_COMMAND,     /* no platform command has this number */
	PAGE_UNSUPPORTED_COMMAND, /* a platform command that this vTPM does not offer */
	PAGE_BAD_LOCALITY,        /* only locality 0 is defined */
	PAGE_BAD_SIZE,            /* the command does not fit the page, or the answer does not */
};

/* A TPM command inside the page it was decoded from. */
struct page_command {
	uint8_t locality;
	uint32_t size; /* bytes at `bytes`, 0 to VTPM_REQUEST_MAX */
	const uint8_t *bytes;
};

/*
 * Decodes the page at `page`, `page_size` bytes (0 to VTPM_PAGE_SIZE), checks in the order of
 * its fields. The TPM itself judges a command that is shorter than its header or contradicts it.
 * `out` is untouched on error.
 */
enum page_error page_decode(const uint8_t *page, size_t page_size,
			    struct page_command *out) MUST_CHECK;

/*
 * Writes an answer of `size` bytes to `page`, VTPM_PAGE_SIZE bytes, and sets `*used` to the bytes
 * that go back to the guest. PAGE_BAD_SIZE: larger than VTPM_RESPONSE_MAX, nothing written.
 * `response` may not overlap `page`.
 */
enum page_error page_encode(uint8_t *page, const uint8_t *response, size_t size,
			    uint32_t *used) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Guest messages to the PSP (56860 chapter 7, snp-guest-msg 1). One channel, with VMPCK0.
 *
 * A sequence number is an IV. It is burned when its ciphertext leaves private memory; from then on
 * only the identical message may be sent under it, until the PSP's own, authenticated answer frees
 * the channel. A host that is BUSY is asked again; a host whose answers stay doubtful costs us the
 * key, never an IV.
 */
#ifndef KERNEL_PSP_H
#define KERNEL_PSP_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"
#include "sevabi/guest_msg.h"
#include "sevabi/secrets_page.h"

#define PSP_CERTS_MAX_PAGES 4U /* 0x4000 bytes, as other guests take */

/* A certificate table wanted by an extended request: private memory. Nothing in it is
 * authenticated. */
struct psp_certs {
	uint8_t *buffer;
	uint32_t pages; /* in: room; out, after ERR_RANGE: pages needed */
};

/*
 * How messages travel. `request` is private memory: its bytes leave through a shared page,
 * unchanged. On OK *exit_info2 is the host's answer (GHCB SW_EXITINFO2: 31:0 firmware status, 63:32
 * VMM error) and `response` holds the response page, copied once. `certs` not NULL: an extended
 * request; its buffer is filled, or its `pages` set to what the host says is needed. ERR_PLATFORM:
 * the host's answer was not an answer (GHCB fields not marked valid, malformed). Called with the
 * channel's lock held; does not sleep.
 */
typedef enum error (*psp_transport)(const struct guest_msg *request, struct guest_msg *response,
				    struct psp_certs *certs, uint64_t *exit_info2);

/* Take VMPCK0 (copied; the caller wipes its own copy). ERR_NO_MEMORY. Once, boot CPU. */
enum error psp_init(const uint8_t key[VMPCK_SIZE], psp_transport transport) MUST_CHECK;

/* Whether the channel is alive; false: every request ends in ERR_CLOSED. */
bool psp_alive(void);

/*
 * The requests. Each may sleep, up to `deadline_ns` of clock_ns(), while the host is busy. Errors:
 * ERR_BUSY     the host throttles; nothing is lost, ask again
 * ERR_RANGE    certificates: buffer too small, certs->pages says what is needed
 * ERR_IO       the PSP answered with an error status
 * ERR_PLATFORM the host's answers are not the PSP's; may be tried again a few times
 * ERR_CLOSED   the channel had to be given up: no key any more
 */

/* Attestation report of `vmpl` over 64 bytes. `certs` may be NULL. */
enum error psp_report(const uint8_t report_data[64], uint32_t vmpl,
		      struct attestation_report *report, struct psp_certs *certs,
		      uint64_t deadline_ns) MUST_CHECK;

/* Derived key (56860 7.2). The output is zeroed on error. */
enum error psp_derive_key(const struct key_req *request, uint8_t key[32],
			  uint64_t deadline_ns) MUST_CHECK;

/* TSC scale and offset (56860 7.5). */
enum error psp_tsc_info(struct tsc_info_rsp *info, uint64_t deadline_ns) MUST_CHECK;

#endif

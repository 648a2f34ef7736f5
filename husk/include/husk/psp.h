/* SPDX-License-Identifier: MIT */
/*
 * The AMD-SP's firmware for the one guest (AMD 56860): launch, secrets, guest messages, reports.
 * Called under the machine lock.
 */
#ifndef HUSK_PSP_H
#define HUSK_PSP_H

#include "base/compiler.h"
#include "base/types.h"
#include "sevabi/cpuid_page.h"
#include "sevabi/guest_msg.h"
#include "sevabi/id_block.h"
#include "sevabi/launch.h"
#include "sevabi/secrets_page.h"

/*
 * Reads HUSK_FWCFG_VCEK and HUSK_FWCFG_CERTS, draws VMPCKs and report ID. Without a VCEK file
 * the chip gets a key of its own that nobody certified. Before any other function.
 */
void psp_init(void);

/* SNP_LAUNCH_START. PSP_POLICY_FAILURE: a reserved bit, or an ABI version that is too high. */
enum psp_status MUST_CHECK psp_launch_start(uint64_t policy);

/*
 * SNP_LAUNCH_UPDATE of one page, measurement only (the RMP is rmp_launch_page()'s). `contents`:
 * 4096 bytes, or NULL for zeros. VMSAs go in at the GPA that launch/measure.h says.
 */
enum psp_status MUST_CHECK psp_launch_page(enum launch_page_type type, gpa_t gpa,
					   const void *contents);
enum psp_status MUST_CHECK psp_launch_vmsa(const void *contents);

/*
 * SNP_LAUNCH_FINISH. `block` and `auth` both NULL: no ID block. `host_data` 32 bytes or NULL.
 * PSP_BAD_MEASUREMENT, PSP_POLICY_FAILURE, PSP_BAD_SIGNATURE, PSP_BAD_VERSION as the block says.
 */
enum psp_status MUST_CHECK psp_launch_finish(const struct id_block *block,
					     const struct id_auth *auth, const uint8_t *host_data);

/* The launch digest so far, 48 bytes. */
const uint8_t *psp_launch_digest(void);

/* Fills in the secrets page of the launch: keys, version; everything else zero. */
void psp_fill_secrets(struct secrets_page *page);

/*
 * Checks the host's CPUID page against what the machine has (husk_cpuid()). PSP_BAD_PARAMETER:
 * something was wrong, and the page now holds what would be right.
 */
enum psp_status MUST_CHECK psp_check_cpuid_page(struct cpuid_page *page);

/*
 * SNP_GUEST_REQUEST: `request` and `response` are whole pages in Husk's own memory (the request
 * read once from the guest's). The response is written only on PSP_OK.
 */
enum psp_status MUST_CHECK psp_guest_request(const struct guest_msg *request,
					     struct guest_msg *response);

/* The certificate table for extended requests; size 0: there is none. */
const void *psp_certificates(uint32_t *size);

/* Random bytes, from RDRAND. */
void psp_random(void *to, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* The SNP launch digest as the firmware computes it (56860 8.17.2; snp-guest-msg 7). Freestanding.
 */
#ifndef LAUNCH_DIGEST_H
#define LAUNCH_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/types.h"
#include "sevabi/launch.h"

struct launch_digest {
	uint8_t value[LAUNCH_DIGEST_SIZE];
};

/* The digest of a launch without any page. */
void launch_digest_start(struct launch_digest *digest);

/*
 * Adds one 4 KiB page at a page aligned gpa, in the order of the launch updates. `contents` are
 * its 4096 bytes (NULL: zeros); they count for NORMAL and VMSA only. The VMPL permissions of
 * PAGE_INFO are 0, as every known loader has them. False when SHA-384 fails; the digest is then
 * unchanged.
 */
MUST_CHECK bool launch_digest_page(struct launch_digest *digest, enum launch_page_type type,
				   gpa_t gpa, const void *contents);

#endif

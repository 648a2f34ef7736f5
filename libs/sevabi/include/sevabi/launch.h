/* SPDX-License-Identifier: MIT */
/* Launch of an SNP guest: page types and what the launch digest hashes (AMD 56860 8.17;
 * snp-guest-msg 7). */
#ifndef SEVABI_LAUNCH_H
#define SEVABI_LAUNCH_H

#include <stdint.h>

#include "base/compiler.h"

#define LAUNCH_DIGEST_SIZE 48 /* SHA-384; it starts as zeros */

enum launch_page_type {
	LAUNCH_PAGE_NORMAL = 1,
	LAUNCH_PAGE_VMSA = 2,
	LAUNCH_PAGE_ZERO = 3,
	LAUNCH_PAGE_UNMEASURED = 4,
	LAUNCH_PAGE_SECRETS = 5,
	LAUNCH_PAGE_CPUID = 6,
};

#define PAGE_INFO_LENGTH   0x70
#define PAGE_INFO_FLAG_IMI 0x1

/* digest = SHA-384(PAGE_INFO), once per 4 KiB page, in the order of the calls. */
struct page_info {
	uint8_t digest[48];   /* so far */
	uint8_t contents[48]; /* SHA-384 of the page: NORMAL and VMSA; else zeros */
	uint16_t length;
	uint8_t page_type; /* enum launch_page_type */
	uint8_t flags;
	uint8_t vmpl_perms[4]; /* 0 in all known loaders; order unconfirmed */
	uint64_t gpa;
};
LAYOUT_SIZE(struct page_info, PAGE_INFO_LENGTH);
LAYOUT_AT(struct page_info, contents, 0x30);
LAYOUT_AT(struct page_info, length, 0x60);
LAYOUT_AT(struct page_info, page_type, 0x62);
LAYOUT_AT(struct page_info, flags, 0x63);
LAYOUT_AT(struct page_info, vmpl_perms, 0x64);
LAYOUT_AT(struct page_info, gpa, 0x68);

/* Firmware commands (host interface) */
#define SNP_CMD_LAUNCH_START  0x0a0
#define SNP_CMD_LAUNCH_UPDATE 0x0a1
#define SNP_CMD_LAUNCH_FINISH 0x0a2
#define SNP_CMD_GUEST_REQUEST 0x094

#endif

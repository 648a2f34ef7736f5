/* SPDX-License-Identifier: MIT */
/* The secrets page, launch page type 5 (56860, 56421, 58019; snp-arch 11, svsm-protocol 1.1). */
#ifndef SEVABI_SECRETS_PAGE_H
#define SEVABI_SECRETS_PAGE_H

#include <stdint.h>

#include "base/compiler.h"

#define VMPCK_COUNT 4
#define VMPCK_SIZE  32

#define SECRETS_IMI_EN 0x1

/* The part of the secrets page that belongs to the guest's operating system (56421). */
struct secrets_os_area {
	uint32_t msg_seqno_low[VMPCK_COUNT]; /* last used sequence number */
	uint64_t ap_jump_table_pa;
	uint32_t msg_seqno_high[VMPCK_COUNT]; /* from 56421 2.01 on */
	uint8_t reserved[22];
	uint16_t version; /* 1: 56421 2.01 */
	uint8_t guest_usage[32];
};
LAYOUT_SIZE(struct secrets_os_area, 96);
LAYOUT_AT(struct secrets_os_area, ap_jump_table_pa, 0x10);
LAYOUT_AT(struct secrets_os_area, msg_seqno_high, 0x18);
LAYOUT_AT(struct secrets_os_area, version, 0x3e);
LAYOUT_AT(struct secrets_os_area, guest_usage, 0x40);

struct secrets_page {
	uint32_t version; /* 2 to 4 */
	uint32_t flags;   /* SECRETS_IMI_EN */
	uint32_t fms;
	uint32_t reserved0;
	uint8_t gosvw[16];
	uint8_t vmpck[VMPCK_COUNT][VMPCK_SIZE];
	struct secrets_os_area os_area;
	uint8_t vmsa_tweak_bitmap[64];
	uint64_t svsm_base; /* written by the SVSM into the guest's copy */
	uint64_t svsm_size; /* 0: no SVSM */
	uint64_t svsm_caa;  /* of the boot vCPU */
	uint32_t svsm_max_version;
	uint8_t svsm_guest_vmpl;
	uint8_t reserved1[3];
	uint32_t tsc_factor;
	uint32_t reserved2;
	uint64_t launch_mit_vector;
	uint8_t reserved3[0xe90];
};
LAYOUT_SIZE(struct secrets_page, 4096);
LAYOUT_AT(struct secrets_page, flags, 0x004);
LAYOUT_AT(struct secrets_page, fms, 0x008);
LAYOUT_AT(struct secrets_page, gosvw, 0x010);
LAYOUT_AT(struct secrets_page, vmpck, 0x020);
LAYOUT_AT(struct secrets_page, os_area, 0x0a0);
LAYOUT_AT(struct secrets_page, vmsa_tweak_bitmap, 0x100);
LAYOUT_AT(struct secrets_page, svsm_base, 0x140);
LAYOUT_AT(struct secrets_page, svsm_size, 0x148);
LAYOUT_AT(struct secrets_page, svsm_caa, 0x150);
LAYOUT_AT(struct secrets_page, svsm_max_version, 0x158);
LAYOUT_AT(struct secrets_page, svsm_guest_vmpl, 0x15c);
LAYOUT_AT(struct secrets_page, tsc_factor, 0x160);
LAYOUT_AT(struct secrets_page, launch_mit_vector, 0x168);

#endif

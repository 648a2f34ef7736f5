/* SPDX-License-Identifier: MIT */
/* The CPUID page, launch page type 6 (56860, snp-arch 10), and the SEV leaf. */
#ifndef SEVABI_CPUID_PAGE_H
#define SEVABI_CPUID_PAGE_H

#define CPUID_PAGE_MAX_ENTRIES 64
#define CPUID_PAGE_ENTRIES_AT  0x10
#define CPUID_PAGE_ENTRY_SIZE  48
#define CPUID_LEAF_SEV         0x8000001f
#define CPUID_LEAF_SEV_EBX_AT  28 /* offset of EBX in an entry; for the boot shim */

#ifndef __ASSEMBLER__

#include <stdint.h>

#include "base/compiler.h"

struct cpuid_entry {
	uint32_t eax_in;
	uint32_t ecx_in;
	uint64_t xcr0_in;
	uint64_t xss_in;
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
	uint64_t reserved;
};
LAYOUT_SIZE(struct cpuid_entry, 48);
LAYOUT_AT(struct cpuid_entry, ecx_in, 4);
LAYOUT_AT(struct cpuid_entry, xcr0_in, 8);
LAYOUT_AT(struct cpuid_entry, xss_in, 16);
LAYOUT_AT(struct cpuid_entry, eax, 24);
LAYOUT_AT(struct cpuid_entry, ebx, 28);
LAYOUT_AT(struct cpuid_entry, ecx, 32);
LAYOUT_AT(struct cpuid_entry, edx, 36);
LAYOUT_AT(struct cpuid_entry, reserved, 40);

struct cpuid_page {
	uint32_t count;
	uint32_t reserved0;
	uint64_t reserved1;
	struct cpuid_entry entries[CPUID_PAGE_MAX_ENTRIES];
	uint8_t unused[4096 - 16 - 64 * 48];
};
LAYOUT_SIZE(struct cpuid_page, 4096);
LAYOUT_AT(struct cpuid_page, entries, 0x10);

#endif

/* Leaf 0x8000001F EAX (snp-arch 12) */
#define CPUID_SEV_SME                  (1U << 0)
#define CPUID_SEV_SEV                  (1U << 1)
#define CPUID_SEV_PAGE_FLUSH           (1U << 2)
#define CPUID_SEV_ES                   (1U << 3)
#define CPUID_SEV_SNP                  (1U << 4)
#define CPUID_SEV_VMPL                 (1U << 5)
#define CPUID_SEV_RMPQUERY             (1U << 6)
#define CPUID_SEV_VMPL_SSS             (1U << 7)
#define CPUID_SEV_SECURE_TSC           (1U << 8)
#define CPUID_SEV_TSC_AUX              (1U << 9)
#define CPUID_SEV_COHERENCY            (1U << 10)
#define CPUID_SEV_64BIT_HOST           (1U << 11)
#define CPUID_SEV_RESTRICTED_INJECTION (1U << 12)
#define CPUID_SEV_ALTERNATE_INJECTION  (1U << 13)
#define CPUID_SEV_DEBUG_SWAP           (1U << 14)
#define CPUID_SEV_PREVENT_HOST_IBS     (1U << 15)
#define CPUID_SEV_VTE                  (1U << 16)
#define CPUID_SEV_VMGEXIT_PARAMETER    (1U << 17)
#define CPUID_SEV_VIRTUAL_TOM          (1U << 18)
#define CPUID_SEV_IBS_VIRTUALIZATION   (1U << 19)
#define CPUID_SEV_VMSA_REG_PROTECTION  (1U << 24)
#define CPUID_SEV_SMT_PROTECTION       (1U << 25)
#define CPUID_SEV_SECURE_AVIC          (1U << 26)
#define CPUID_SEV_ALLOWED_FEATURES     (1U << 27)
#define CPUID_SEV_SVSM_PRESENT         (1U << 28) /* set by software in the guest's copy only */

/* Leaf 0x8000001F EBX */
#define CPUID_SEV_EBX_CBIT_MASK        0x3fU
#define CPUID_SEV_EBX_REDUCTION_SHIFT  6
#define CPUID_SEV_EBX_REDUCTION_MASK   (0x3fU << 6)
#define CPUID_SEV_EBX_VMPL_COUNT_SHIFT 12
#define CPUID_SEV_EBX_VMPL_COUNT_MASK  (0xfU << 12)
#define CPUID_SEV_EBX_COHERENCY_SFW_NO (1U << 31)

#endif

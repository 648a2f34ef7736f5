/* SPDX-License-Identifier: MIT */
/* What the kernel was booted with, checked once and read-only from then on. */
#ifndef KERNEL_BOOT_H
#define KERNEL_BOOT_H

#include "bootabi/bootabi.h"
#include "kernel/error.h"

struct boot_info {
	struct boot_params params; /* the measured block, private copy */
	enum boot_platform platform;
	uint64_t cbit; /* C-bit mask for page tables, 0 when there is none */
};

extern struct boot_info boot_info;

/*
 * Check `params` against the boot contract (bootabi.h) and fill boot_info.
 * ERR_FORMAT for anything that the contract does not allow.
 */
MUST_CHECK enum error boot_info_init(const struct boot_params *params, uint32_t platform,
				     uint64_t cbit);

/*
 * Kernel-virtual address of a loaded part of the image (archive, CPUID page, secrets page, input
 * pages): `offset` from region_base. NULL when [offset, offset + size) is not within the region.
 */
void *boot_region_pointer(uint64_t offset, uint64_t size);

#endif

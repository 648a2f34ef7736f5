/* SPDX-License-Identifier: MIT */
#include "kernel/boot.h"
#include "kernel/platform.h"

const struct platform *platform_find(uint32_t which)
{
	switch (which) {
	case BOOT_PLATFORM_NATIVE:
		return &platform_native;
	case BOOT_PLATFORM_SNP:
		return &platform_snp;
	default:
		return NULL;
	}
}

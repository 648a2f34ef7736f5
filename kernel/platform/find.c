/* SPDX-License-Identifier: MIT */
#include "kernel/boot.h"
#include "kernel/platform.h"

const struct platform *platform_find(uint32_t which)
{
	return which == BOOT_PLATFORM_NATIVE ? &platform_native : NULL;
}

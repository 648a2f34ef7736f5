/* SPDX-License-Identifier: MIT */
/* OVMF's metadata (spec/igvm.md 10). */
#ifndef IGVM_FIRMWARE_H
#define IGVM_FIRMWARE_H

#include <stdint.h>

#include "bootabi/bootabi.h"
#include "tool.h"

struct firmware {
	uint64_t base; /* guest physical; the image ends at 4 GiB */
	uint64_t size;
	uint32_t area_count;
	struct boot_firmware_area areas[BOOT_MAX_FIRMWARE_AREAS];
};

/*
 * Finds and checks the areas that the firmware's SEV and IGVM metadata ask for. The firmware
 * must have SEV metadata with a secrets page, a CPUID page and a calling area.
 */
MUST_CHECK enum tool_status firmware_parse(const struct file *file, struct firmware *firmware);

#endif

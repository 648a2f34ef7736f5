/* SPDX-License-Identifier: MIT */
/* The kernel's ELF file, as far as the builder needs it. */
#ifndef IGVM_ELF_H
#define IGVM_ELF_H

#include <stdint.h>

#include "tool.h"

#define ELF_MAX_SEGMENTS 16

struct elf_segment {
	uint64_t offset; /* from region_base */
	uint64_t memory_size;
	const uint8_t *bytes;
	uint64_t size;  /* of bytes; the rest is zero */
	uint32_t flags; /* BOOT_RANGE_WRITE, BOOT_RANGE_EXECUTE */
};

struct elf_kernel {
	uint64_t entry; /* virtual */
	uint32_t segment_count;
	struct elf_segment segments[ELF_MAX_SEGMENTS];
};

/*
 * Takes the PT_LOAD segments out of a static x86-64 executable that is linked at
 * BOOT_KERNEL_VBASE. Segments are page aligned, ascending, not below BOOT_LOAD_OFFSET.
 */
MUST_CHECK enum tool_status elf_parse(const struct file *file, struct elf_kernel *kernel);

#endif

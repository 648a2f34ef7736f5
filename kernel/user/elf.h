/* SPDX-License-Identifier: MIT */
/* Loading of static executables (ELF64, x86-64; ET_EXEC and static PIE). */
#ifndef USER_ELF_H
#define USER_ELF_H

#include "kernel/vm_map.h"

struct elf_image {
	uint64_t entry;
	uint64_t headers; /* address of the program headers */
	uint16_t header_count;
	uint64_t end; /* first address behind the last segment */
};

#define ELF_SEGMENT_HEADER_SIZE 56

/*
 * Map an executable into an empty map. Segments are checked before anything is mapped.
 * ERR_FORMAT: not one, needs an interpreter, or has a segment that is writable and executable;
 * else as vm_map_add().
 */
MUST_CHECK enum error elf_load(struct vm_map *map, const uint8_t *file, size_t size,
			       struct elf_image *out);

#endif

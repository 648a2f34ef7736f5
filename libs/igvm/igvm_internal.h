/* SPDX-License-Identifier: MIT */
#ifndef IGVM_INTERNAL_H
#define IGVM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/types.h"
#include "igvm/reader.h"

#define IGVM_NO_MASK 0xffffU

/* The three sections of the header list, in their order. */
enum igvm_section {
	IGVM_SECTION_PLATFORM,
	IGVM_SECTION_INITIALIZATION,
	IGVM_SECTION_DIRECTIVE,
};

struct igvm_type_info {
	uint32_t type;
	uint16_t size; /* of the content */
	uint16_t section;
	uint16_t mask_at; /* offset of the compatibility mask in the content, or IGVM_NO_MASK */
	const char *name;
};

/* The facts of a type; NULL: unknown. */
const struct igvm_type_info *igvm_type_info(uint32_t type);

/* The section a type number belongs to, known or not. */
enum igvm_section igvm_section_of(uint32_t type);

/* Reads the header at the cursor whatever its type, with its framing checked. */
MUST_CHECK enum igvm_error igvm_read_header(const struct igvm_file *file,
					    struct igvm_cursor *cursor, struct igvm_header *header);

/* Checks what one header means (spec/igvm.md 3, 4), given all headers before it. */
MUST_CHECK enum igvm_error igvm_check_header(struct igvm_file *file,
					     const struct igvm_header *header);

#endif

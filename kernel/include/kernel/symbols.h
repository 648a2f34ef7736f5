/* SPDX-License-Identifier: MIT */
/* Names of the kernel's functions, for backtraces; the table is made at link time. */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include "base/compiler.h"
#include "base/types.h"

struct symbol {
	uint32_t offset; /* of the function, from LAYOUT_IMAGE_BASE */
	uint32_t name;   /* into symbol_names */
};

/* Sorted by offset; kernel/tools/symbols.py writes them. */
extern const struct symbol symbol_table[];
extern const uint32_t symbol_count;
extern const char symbol_names[];

/* The function that contains `address` and the offset in it; NULL: none. */
const char *symbol_find(uint64_t address, uint64_t *offset);

#endif

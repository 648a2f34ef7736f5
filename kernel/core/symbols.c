/* SPDX-License-Identifier: MIT */
#include "kernel/layout.h"
#include "kernel/symbols.h"

const char *symbol_find(uint64_t address, uint64_t *offset)
{
	uint64_t wanted = address - LAYOUT_IMAGE_BASE;
	uint32_t low = 0, high = symbol_count;

	if (address < LAYOUT_IMAGE_BASE || symbol_count == 0 || wanted < symbol_table[0].offset)
		return NULL;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (symbol_table[middle].offset <= wanted)
			low = middle;
		else
			high = middle;
	}
	*offset = wanted - symbol_table[low].offset;
	return symbol_names + symbol_table[low].name;
}

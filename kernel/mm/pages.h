/* SPDX-License-Identifier: MIT */
/* How boot hands memory to the page allocator. mm/ and main only. */
#ifndef MM_PAGES_H
#define MM_PAGES_H

#include "base/types.h"

/* Bytes of the table for `count` pages, whole pages. */
size_t page_table_size(uint32_t count);

/* Start with every one of the region's `count` pages reserved; `table` has page_table_size() bytes.
 */
void page_init(void *table, uint32_t count);

/* Hand over pages that are private memory of ours, validated, and used by nobody. */
void page_add(paddr_t first, size_t pages);

#endif

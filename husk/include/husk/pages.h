/* SPDX-License-Identifier: MIT */
/* Husk's own page allocator: zeroed 4 KiB pages out of Husk's own memory. */
#ifndef HUSK_PAGES_H
#define HUSK_PAGES_H

#include "base/compiler.h"
#include "base/types.h"

/* One zeroed page, or NULL. */
void *page_alloc(void);
void page_free(void *page);
/* `count` contiguous zeroed pages, at launch only, never given back; or NULL. */
void *pages_reserve(size_t count);
/* Physical address of memory from this allocator or of Husk's own data. */
paddr_t page_physical(const void *pointer);

#endif

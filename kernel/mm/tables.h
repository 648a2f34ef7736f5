/* SPDX-License-Identifier: MIT */
/* Four-level page tables (APM2 5.3): entries, walks, and the kernel's own root. mm/ only. */
#ifndef MM_TABLES_H
#define MM_TABLES_H

#include "base/types.h"
#include "kernel/error.h"
#include "kernel/paging.h"

#define PTE_PRESENT  BIT(0)
#define PTE_WRITE    BIT(1)
#define PTE_USER     BIT(2)
#define PTE_PWT      BIT(3)
#define PTE_PCD      BIT(4)
#define PTE_ACCESSED BIT(5)
#define PTE_DIRTY    BIT(6)
#define PTE_LARGE    BIT(7)
#define PTE_GLOBAL   BIT(8)
#define PTE_NX       BIT(63)
#define PTE_ADDRESS  0x000ffffffffff000ULL

#define TABLE_ENTRIES 512
#define LEVEL_4K      1 /* page tables */
#define LEVEL_2M      2
#define LEVEL_ROOT    4

/* Physical address in an entry, without attributes and C-bit. */
paddr_t pte_address(uint64_t entry);

/* A leaf entry: `flags` are MAP_*; global unless MAP_USER; LEVEL_2M sets the large bit. */
uint64_t pte_make(paddr_t page, unsigned int flags, unsigned int level);

/* The MAP_* flags of a leaf. */
unsigned int pte_flags(uint64_t entry);

/*
 * The entry for `address` at `level` (LEVEL_4K or LEVEL_2M) under `root`. Missing tables are made
 * when `create` is set (their number is added to *tables if not NULL). ERR_NOT_FOUND: a table is
 * missing; ERR_EXISTS: a larger page is in the way; ERR_NO_MEMORY.
 */
MUST_CHECK enum error table_entry(paddr_t root, vaddr_t address, unsigned int level, bool create,
				  uint64_t **out, uint64_t *tables);

/* What is mapped at `address`, whatever its size. ERR_NOT_FOUND. */
MUST_CHECK enum error table_query(paddr_t root, vaddr_t address, struct mapping *out);

/* Replace the 2 MiB page at `entry` by a table of 4 KiB pages with the same attributes. */
MUST_CHECK enum error table_split(uint64_t *entry);

/* A zeroed page for a table: from the pool in the image until the page allocator works. */
MUST_CHECK enum error table_page_alloc(paddr_t *out);

/* Map and unmap in the kernel's half; the caller flushes. ERR_EXISTS, ERR_NOT_FOUND, ERR_NO_MEMORY.
 */
MUST_CHECK enum error kernel_map(vaddr_t address, paddr_t page, unsigned int flags);
MUST_CHECK enum error kernel_unmap(vaddr_t address, paddr_t *page);

/* For windows: the entry itself, made when missing. */
MUST_CHECK enum error kernel_entry_of(vaddr_t address, unsigned int level, uint64_t **out);

#endif

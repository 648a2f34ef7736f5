/* SPDX-License-Identifier: MIT */
/* Single pages of a process; the map's lock is held. */
#ifndef USER_VM_PAGE_H
#define USER_VM_PAGE_H

#include "kernel/vm_map.h"

/* Fill the page at `address` of `area` and map it. ERR_NO_MEMORY. */
MUST_CHECK enum error vm_page_fill(struct vm_map *map, const struct vm_area *area,
				   uint64_t address);

/* Give a present, read-only page of a writable area to the process: a copy if it is not its own. */
MUST_CHECK enum error vm_page_make_writable(struct vm_map *map, const struct vm_area *area,
					    uint64_t address, const struct mapping *present);

/* Apply new permissions to what is present at `address`. ERR_NO_MEMORY. */
MUST_CHECK enum error vm_page_protect(struct vm_map *map, uint64_t address, uint32_t prot);

/* Take the page at `address` away, present or hidden; nothing there is fine. */
void vm_page_drop(struct vm_map *map, uint64_t address);

/* Scrub and free a page if it belongs to a process; leave pages of the archive alone. */
void vm_page_release(void *context, vaddr_t address, paddr_t page);

#endif

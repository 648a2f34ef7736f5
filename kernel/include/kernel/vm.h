/* SPDX-License-Identifier: MIT */
/* Kernel ranges: virtually contiguous memory with an unmapped guard page on both sides. */
#ifndef KERNEL_VM_H
#define KERNEL_VM_H

#include "base/types.h"
#include "kernel/error.h"
#include "kernel/page.h"
#include "kernel/paging.h"

/*
 * Allocate `size` bytes (rounded up to pages, at most 64 MiB) of zeroed read-write memory.
 * ERR_NO_MEMORY, ERR_INVALID (size 0), ERR_LIMIT.
 */
MUST_CHECK enum error vm_alloc(size_t size, enum page_owner owner, void **out);
void vm_free(void *address);

/*
 * Map physical memory outside the region, or device registers: `flags` of MAP_WRITE,
 * MAP_UNCACHED, MAP_SHARED. `address` need not be aligned. Errors as vm_alloc().
 */
MUST_CHECK enum error vm_map_physical(paddr_t address, size_t size, unsigned int flags, void **out);
void vm_unmap_physical(void *address);

/* A kernel stack of `size` bytes with guard pages: [base, top), page aligned. Errors as vm_alloc().
 */
MUST_CHECK enum error stack_alloc(size_t size, vaddr_t *base, vaddr_t *top);
void stack_free(vaddr_t base);

/* True when `address` lies in a guard page of a range: a stack overflow rather than a wild access.
 */
bool vm_is_guard(vaddr_t address);

#endif

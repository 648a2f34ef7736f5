/* SPDX-License-Identifier: MIT */
/*
 * Page tables: user address spaces, and what the kernel's own tables need. Kernel ranges with
 * addresses chosen by the kernel are in vm.h, guest memory in window.h.
 */
#ifndef KERNEL_PAGING_H
#define KERNEL_PAGING_H

#include "base/types.h"
#include "kernel/error.h"
#include "kernel/spinlock.h"
#include "kernel/layout.h"

/* Permissions. Readable always; a mapping with WRITE and EXECUTE is refused (ERR_INVALID). */
#define MAP_WRITE    0x01
#define MAP_EXECUTE  0x02
#define MAP_USER     0x04
#define MAP_UNCACHED 0x08
#define MAP_SHARED   0x10 /* without the C-bit: the host reads and writes it too */

struct address_space {
	struct spinlock lock;
	paddr_t root;
	uint64_t tables;               /* pages used for tables, the root included */
	uint64_t active[CPU_MAX / 64]; /* CPUs that have it loaded */
};

struct mapping {
	paddr_t address;    /* of the byte asked for */
	uint64_t size;      /* of the page: PAGE_SIZE or PAGE_2M_SIZE */
	unsigned int flags; /* MAP_* */
	bool accessed;
	bool dirty;
};

/* An empty user address space with the kernel's half. ERR_NO_MEMORY. */
MUST_CHECK enum error space_create(struct address_space *space);

/*
 * Free all tables. Pages still mapped are handed one by one to `release` (NULL: left alone).
 * No CPU may have the space loaded.
 */
void space_destroy(struct address_space *space,
		   void (*release)(void *context, vaddr_t address, paddr_t page), void *context);

/*
 * Map one 4 KiB page below LAYOUT_USER_END. MAP_USER is implied.
 * ERR_RANGE, ERR_ALIGNMENT, ERR_EXISTS (something is mapped there), ERR_NO_MEMORY, ERR_INVALID
 * (W+X).
 */
MUST_CHECK enum error space_map(struct address_space *space, vaddr_t address, paddr_t page,
				unsigned int flags);

/* Unmap one page and flush it from every TLB. ERR_NOT_FOUND. `page` gets what was mapped. */
MUST_CHECK enum error space_unmap(struct address_space *space, vaddr_t address, paddr_t *page);

/* Change the permissions of one page and flush it. ERR_NOT_FOUND, ERR_INVALID (W+X). */
MUST_CHECK enum error space_protect(struct address_space *space, vaddr_t address,
				    unsigned int flags);

/* ERR_NOT_FOUND when nothing is mapped at `address`. */
MUST_CHECK enum error space_query(struct address_space *space, vaddr_t address,
				  struct mapping *out);

/* Load the space on this CPU (NULL: the kernel's own, no user half). Preemption is off. */
void space_switch(struct address_space *space);

/*
 * Build the kernel's own tables and load them; the shim's are not used any more. Boot CPU, once.
 * Stops with STOP_BOOT_PARAMETERS when the region does not fit.
 */
void paging_init(void);
/* True once the direct map is there. */
bool paging_direct_ready(void);
/* From now on tables come from the page allocator. */
void paging_use_allocator(void);

/* The kernel's root table, for CPUs to be started. */
paddr_t paging_kernel_root(void);

/* What is mapped at a kernel address, for tests and diagnosis. ERR_NOT_FOUND. */
MUST_CHECK enum error paging_kernel_query(vaddr_t address, struct mapping *out);

/*
 * Make pages of the direct map shared with the host or private again: only the C-bit of our own
 * mapping, flushed everywhere; the platform changes the state of the pages. ERR_NO_MEMORY: a
 * 2 MiB page could not be split.
 */
MUST_CHECK enum error paging_direct_set_shared(paddr_t page, size_t pages, bool shared);

/* Data that boot filled in becomes read-only; called once when all CPUs are up. */
void paging_seal(void);

/* Goes to a section that paging_seal() makes read-only. */
#define RO_AFTER_INIT SECTION(".data.ro_after_init")

#endif

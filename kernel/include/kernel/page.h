/* SPDX-License-Identifier: MIT */
/*
 * The page allocator: a buddy system over Copra's own region, with a stack of single pages per
 * CPU. Every allocation can fail. Free pages are not scrubbed unless PAGE_ZERO asks for it;
 * whoever frees a page that held secrets wipes it first.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include "base/types.h"
#include "kernel/error.h"

#define PAGE_ORDER_MAX 9 /* 2 MiB */

/* Who owns a page; statistics are kept per owner. */
enum page_owner {
	PAGE_OWNER_FREE = 0,
	PAGE_OWNER_RESERVED,   /* image, parameter pages, the page table of pages itself */
	PAGE_OWNER_PAGE_TABLE, /* kernel and user page tables */
	PAGE_OWNER_STACK,
	PAGE_OWNER_CACHE,      /* object caches and kalloc() */
	PAGE_OWNER_CPU,        /* per-CPU data */
	PAGE_OWNER_PLATFORM,   /* GHCBs, doorbell pages, VMSAs of our own */
	PAGE_OWNER_PAGE_STATE, /* record of the guest's page states */
	PAGE_OWNER_GUEST,      /* VMSAs of guest vCPUs */
	PAGE_OWNER_USER,       /* memory of processes */
	PAGE_OWNER_FILE,       /* contents of files */
	PAGE_OWNER_BUFFER,     /* large kernel buffers */
	PAGE_OWNER_TEST,
	PAGE_OWNER_COUNT,
};

#define PAGE_ZERO 0x1 /* zero-filled */

/* Allocate 2^order contiguous, naturally aligned pages (order <= PAGE_ORDER_MAX). ERR_NO_MEMORY. */
MUST_CHECK enum error page_alloc(unsigned int order, enum page_owner owner, unsigned int flags,
				 paddr_t *out);

/* Free what page_alloc() gave, with the same order. A page with references loses one (order 0). */
void page_free(paddr_t page, unsigned int order);

/* One zeroed page by its kernel-virtual address, NULL when there is none; and back. */
void *page_alloc_virtual(enum page_owner owner);
void page_free_virtual(void *page);

/*
 * References to a single page (order 0), for pages that are mapped in several places. A page comes
 * with one reference; page_free() drops one and frees with the last.
 */
void page_reference(paddr_t page);
uint32_t page_references(paddr_t page);

/* True when the page belongs to Copra's region and is allocated to `owner`. */
bool page_owned_by(paddr_t page, enum page_owner owner);

/* A word that the page's owner may use while it holds the page. */
void page_set_private(paddr_t page, uint64_t value);
uint64_t page_private(paddr_t page);

/* Between physical addresses in the region and the direct map (or the image, to physical only). */
void *phys_to_virt(paddr_t address);
paddr_t virt_to_phys(const void *address);

struct page_statistics {
	size_t total; /* pages of the region */
	size_t free;  /* including those in per-CPU stacks */
	size_t owned[PAGE_OWNER_COUNT];
	size_t peak; /* most pages ever in use */
	uint64_t failures;
};
void page_statistics(struct page_statistics *out);
const char *page_owner_name(enum page_owner owner);

#endif

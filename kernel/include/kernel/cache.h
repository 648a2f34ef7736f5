/* SPDX-License-Identifier: MIT */
/*
 * Object caches (fixed size, per-CPU magazines over shared slabs) and the general allocator built
 * of them. Everything can fail; nothing sleeps; usable with interrupts on or off, not in NMI.
 */
#ifndef KERNEL_CACHE_H
#define KERNEL_CACHE_H

#include "base/types.h"
#include "kernel/error.h"
#include "kernel/spinlock.h"

#define CACHE_MAX        32 /* caches in the kernel */
#define CACHE_OBJECT_MAX 2048
#define CACHE_MAGAZINE   8 /* objects that a CPU keeps per cache */

struct slab;

struct object_cache {
	struct spinlock lock;
	const char *name;
	struct slab *partial; /* slabs with a free object */
	uint32_t size;        /* bytes per object, rounded up */
	uint32_t align;
	uint32_t per_slab;
	uint32_t index; /* of the CPUs' magazines */
	uint32_t slabs;
	uint64_t live; /* objects out of their slabs, those in magazines included */
};

/*
 * Prepare a cache of objects of `size` bytes (1 to CACHE_OBJECT_MAX), aligned to `align` (power of
 * two, at most 64). ERR_LIMIT: more than CACHE_MAX caches.
 */
MUST_CHECK enum error cache_init(struct object_cache *cache, const char *name, size_t size,
				 size_t align);

/* One zeroed object, or NULL. */
void *cache_alloc(struct object_cache *cache);

/* Give an object back; it is not read again (wipe secrets before). NULL is allowed. */
void cache_free(struct object_cache *cache, void *object);

/* Prepare kalloc(). Boot, once. */
MUST_CHECK enum error kalloc_init(void);

/* Zeroed memory, 16-byte aligned, page aligned from 4096 bytes on; at most 2 MiB. NULL: none. */
void *kalloc(size_t size);
void kfree(void *memory);
/* Wipes the whole allocation first. */
void kfree_secret(void *memory);

#endif

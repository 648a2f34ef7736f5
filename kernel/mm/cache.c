/* SPDX-License-Identifier: MIT */
/*
 * Slabs: a block of pages with a header, cut into objects. Free objects of a slab are a list of
 * indices. Each CPU keeps a few free objects per cache in a magazine, so that most calls touch no
 * shared data. kalloc() is a row of caches by size; what is larger comes as whole pages.
 */
#include "kernel/cache.h"
#include "kernel/cpu.h"
#include "kernel/failure.h"
#include "kernel/page.h"
#include "kernel/stop.h"
#include "kernel/string.h"

#define SLAB_MAGIC  0x42414c53
#define END_OF_LIST 0xffff
#define REFILL      (CACHE_MAGAZINE / 2)

/* page_private() of a block that kalloc() gave whole: its order; else the slab's address. */
#define LARGE_MARK                                                                    \
	0x8000000000000000ULL /* a slab's address has bit 63 and more, see is_large() \
			       */

struct slab {
	uint32_t magic;
	uint16_t free;   /* index of the first free object */
	uint16_t in_use; /* objects out of the slab */
	struct object_cache *cache;
	struct slab *next; /* in the cache's list of slabs with free objects */
	struct slab *previous;
	uint8_t *objects;
};

static uint32_t cache_count;
static struct object_cache sizes[8];
static const uint32_t size_classes[] = {32, 64, 128, 256, 512, 1024, 2048};

/* Blocks hold at least 7 objects. */
static unsigned int slab_order(const struct object_cache *cache)
{
	return cache->size <= 512 ? 0 : cache->size <= 1024 ? 1 : 2;
}

enum error cache_init(struct object_cache *cache, const char *name, size_t size, size_t align)
{
	uint32_t index = __atomic_fetch_add(&cache_count, 1, __ATOMIC_RELAXED);
	size_t bytes;

	if (index >= CACHE_MAX)
		return ERR_LIMIT;
	if (size == 0 || size > CACHE_OBJECT_MAX || align > 64 || (align & (align - 1)) != 0)
		return ERR_INVALID;
	if (align < 16)
		align = 16;
	*cache = (struct object_cache){.name = name, .index = index};
	cache->size = (uint32_t)ALIGN_UP(size, align);
	bytes = (PAGE_SIZE << slab_order(cache)) - sizeof(struct slab) - align;
	cache->per_slab = (uint32_t)(bytes / cache->size);
	cache->align = (uint32_t)align;
	spin_init(&cache->lock, LOCK_RANK_CACHE);
	return OK;
}

/* --- Slabs; the cache's lock is held -------------------------------------------------------- */

static uint16_t *link_of(const struct slab *slab, uint32_t index)
{
	return (uint16_t *)(void *)(slab->objects + (size_t)index * slab->cache->size);
}

static void list_add(struct slab *slab)
{
	struct object_cache *cache = slab->cache;

	slab->previous = NULL;
	slab->next = cache->partial;
	if (cache->partial != NULL)
		cache->partial->previous = slab;
	cache->partial = slab;
}

static void list_drop(struct slab *slab)
{
	if (slab->previous != NULL)
		slab->previous->next = slab->next;
	else
		slab->cache->partial = slab->next;
	if (slab->next != NULL)
		slab->next->previous = slab->previous;
}

static bool slab_make(struct object_cache *cache)
{
	unsigned int order = slab_order(cache);
	struct slab *slab;
	paddr_t page;

	if (page_alloc(order, PAGE_OWNER_CACHE, 0, &page) != OK)
		return false;
	slab = phys_to_virt(page);
	for (uint64_t i = 0; i < 1ULL << order; i++)
		page_set_private(PADDR(page.raw + i * PAGE_SIZE), (uint64_t)slab);
	*slab = (struct slab){.magic = SLAB_MAGIC, .cache = cache};
	slab->objects = (uint8_t *)ALIGN_UP((uint64_t)(slab + 1), cache->align);
	for (uint32_t i = 0; i < cache->per_slab; i++)
		*link_of(slab, i) =
			i + 1 < cache->per_slab ? (uint16_t)(i + 1) : (uint16_t)END_OF_LIST;
	cache->slabs++;
	list_add(slab);
	return true;
}

static void *slab_take(struct object_cache *cache)
{
	struct slab *slab = cache->partial;
	void *object;

	if (slab == NULL && !slab_make(cache))
		return NULL;
	slab = cache->partial;
	if (slab->magic != SLAB_MAGIC || slab->free >= cache->per_slab)
		stop(STOP_HEAP_CORRUPT);
	object = link_of(slab, slab->free);
	slab->free = *link_of(slab, slab->free);
	slab->in_use++;
	cache->live++;
	if (slab->free == END_OF_LIST)
		list_drop(slab);
	return object;
}

static void slab_give(struct object_cache *cache, void *object)
{
	struct slab *slab =
		(struct slab *)page_private(PADDR(ALIGN_DOWN(virt_to_phys(object).raw, PAGE_SIZE)));
	uint64_t offset = (uint64_t)((uint8_t *)object - slab->objects);

	if (slab->magic != SLAB_MAGIC || slab->cache != cache || offset % cache->size != 0 ||
	    offset / cache->size >= cache->per_slab || slab->in_use == 0)
		stop(STOP_HEAP_CORRUPT);
	if (slab->free == END_OF_LIST)
		list_add(slab);
	*(uint16_t *)object = slab->free;
	slab->free = (uint16_t)(offset / cache->size);
	slab->in_use--;
	cache->live--;
	if (slab->in_use > 0 || (slab->next == NULL && slab->previous == NULL))
		return; /* still used, or the last one with room: kept */
	list_drop(slab);
	slab->magic = 0;
	cache->slabs--;
	page_free(virt_to_phys(slab), slab_order(cache));
}

/* --- Magazines; interrupts are off ---------------------------------------------------------- */

static void magazine_refill(struct object_cache *cache, struct magazine *magazine)
{
	spin_lock(&cache->lock);
	while (magazine->count < REFILL) {
		void *object = slab_take(cache);

		if (object == NULL)
			break;
		magazine->objects[magazine->count++] = object;
	}
	spin_unlock(&cache->lock);
}

static void magazine_drain(struct object_cache *cache, struct magazine *magazine)
{
	spin_lock(&cache->lock);
	while (magazine->count > REFILL)
		slab_give(cache, magazine->objects[--magazine->count]);
	spin_unlock(&cache->lock);
}

void *cache_alloc(struct object_cache *cache)
{
	struct magazine *magazine;
	void *object = NULL;
	irq_flags_t irq;

	if (failure_due())
		return NULL;
	irq = irq_save();
	magazine = &this_cpu()->magazines[cache->index];
	if (magazine->count == 0)
		magazine_refill(cache, magazine);
	if (magazine->count > 0)
		object = magazine->objects[--magazine->count];
	irq_restore(irq);
	if (object != NULL)
		memset(object, 0, cache->size);
	return object;
}

void cache_free(struct object_cache *cache, void *object)
{
	struct magazine *magazine;
	irq_flags_t irq;

	if (object == NULL)
		return;
	irq = irq_save();
	magazine = &this_cpu()->magazines[cache->index];
	for (uint32_t i = 0; i < magazine->count; i++)
		if (magazine->objects[i] == object)
			stop(STOP_HEAP_CORRUPT); /* freed twice */
	if (magazine->count == CACHE_MAGAZINE)
		magazine_drain(cache, magazine);
	magazine->objects[magazine->count++] = object;
	irq_restore(irq);
}

/* --- kalloc --------------------------------------------------------------------------------- */

enum error kalloc_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(size_classes); i++) {
		enum error error = cache_init(&sizes[i], "kalloc", size_classes[i], 16);

		if (error != OK)
			return error;
	}
	return OK;
}

static struct object_cache *cache_for(size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(size_classes); i++)
		if (size <= size_classes[i])
			return &sizes[i];
	return NULL;
}

static unsigned int order_for(size_t size)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}

void *kalloc(size_t size)
{
	struct object_cache *cache = cache_for(size);
	unsigned int order;
	paddr_t page;

	if (cache != NULL)
		return cache_alloc(cache);
	if (size > PAGE_SIZE << PAGE_ORDER_MAX)
		return NULL;
	order = order_for(size);
	if (page_alloc(order, PAGE_OWNER_CACHE, PAGE_ZERO, &page) != OK)
		return NULL;
	page_set_private(page, LARGE_MARK | order);
	return phys_to_virt(page);
}

/* Slabs lie in the direct map, whose addresses have many more bits set than the mark. */
static bool is_large(uint64_t private)
{
	return (private & ~LARGE_MARK) <= PAGE_ORDER_MAX;
}

/* What kalloc() gave out: its page's word. Stops when it was not given out. */
static uint64_t owner_word(void *memory)
{
	paddr_t page = PADDR(ALIGN_DOWN(virt_to_phys(memory).raw, PAGE_SIZE));

	if (!page_owned_by(page, PAGE_OWNER_CACHE))
		stop(STOP_HEAP_CORRUPT);
	return page_private(page);
}

void kfree(void *memory)
{
	uint64_t word;

	if (memory == NULL)
		return;
	word = owner_word(memory);
	if (is_large(word))
		page_free(virt_to_phys(memory), (unsigned int)(word & ~LARGE_MARK));
	else
		cache_free(((struct slab *)word)->cache, memory);
}

void kfree_secret(void *memory)
{
	uint64_t word;

	if (memory == NULL)
		return;
	word = owner_word(memory);
	if (is_large(word))
		memory_wipe(memory, PAGE_SIZE << (word & ~LARGE_MARK));
	else
		memory_wipe(memory, ((struct slab *)word)->cache->size);
	kfree(memory);
}

/* SPDX-License-Identifier: MIT */
/*
 * Kernel ranges: a sorted list, first fit, so that the tables of low addresses are used again.
 * Every range is followed by an unmapped page, and so is preceded by one.
 */
#include "base/list.h"
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/vm.h"
#include "tables.h"

#define RANGE_MAX MIB(64)

struct range {
	struct list link; /* by address */
	uint64_t base;
	size_t pages;
	bool owned; /* the pages came from the page allocator */
};

static struct list ranges = LIST_INIT(ranges);
static struct spinlock ranges_lock = SPINLOCK_INIT(LOCK_RANK_KERNEL_RANGES);

/* Put the range into the first gap that is large enough, a guard page left on both sides. */
static enum error range_insert(struct range *range)
{
	uint64_t base = LAYOUT_RANGE_BASE + PAGE_SIZE;
	uint64_t need = (range->pages + 1) * PAGE_SIZE;
	irq_flags_t irq = spin_lock_irq(&ranges_lock);
	struct list *at = ranges.next;
	enum error error = ERR_LIMIT;

	for (; at != &ranges; at = at->next) {
		struct range *next = list_entry(at, struct range, link);

		if (next->base - base >= need)
			break;
		base = next->base + (next->pages + 1) * PAGE_SIZE;
	}
	if (LAYOUT_RANGE_BASE + LAYOUT_RANGE_SIZE - base >= need) {
		range->base = base;
		list_insert_before(at, &range->link);
		error = OK;
	}
	spin_unlock_irq(&ranges_lock, irq);
	return error;
}

static void range_remove(struct range *range)
{
	irq_flags_t irq = spin_lock_irq(&ranges_lock);

	list_remove(&range->link);
	spin_unlock_irq(&ranges_lock, irq);
}

static struct range *range_find(uint64_t address)
{
	irq_flags_t irq = spin_lock_irq(&ranges_lock);
	struct range *found = NULL;

	for (struct list *at = ranges.next; at != &ranges; at = at->next) {
		struct range *range = list_entry(at, struct range, link);

		if (address >= range->base && address - range->base < range->pages * PAGE_SIZE)
			found = range;
	}
	spin_unlock_irq(&ranges_lock, irq);
	return found;
}

/* Unmap the first `pages` pages; free those that are ours once nobody can reach them. */
static void range_unmap(struct range *range, size_t pages)
{
	paddr_t batch[TLB_RANGE_MAX];

	for (size_t done = 0; done < pages;) {
		size_t n = pages - done < TLB_RANGE_MAX ? pages - done : TLB_RANGE_MAX;
		vaddr_t start = VADDR(range->base + done * PAGE_SIZE);

		for (size_t i = 0; i < n; i++)
			if (kernel_unmap(VADDR(start.raw + i * PAGE_SIZE), &batch[i]) != OK)
				stop(STOP_HEAP_CORRUPT);
		tlb_flush(NULL, start, n);
		for (size_t i = 0; i < n && range->owned; i++)
			page_free(batch[i], 0);
		done += n;
	}
}

static void range_release(struct range *range, size_t mapped)
{
	range_unmap(range, mapped);
	range_remove(range);
	kfree(range);
}

static enum error range_make(size_t size, bool owned, struct range **out)
{
	struct range *range;
	enum error error;

	if (size == 0)
		return ERR_INVALID;
	if (size > RANGE_MAX)
		return ERR_LIMIT;
	range = kalloc(sizeof(*range));
	if (range == NULL)
		return ERR_NO_MEMORY;
	range->pages = ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE;
	range->owned = owned;
	error = range_insert(range);
	if (error != OK) {
		kfree(range);
		return error;
	}
	*out = range;
	return OK;
}

/* One fresh page at `address`. */
static enum error map_fresh(uint64_t address, enum page_owner owner)
{
	paddr_t page;
	enum error error = page_alloc(0, owner, PAGE_ZERO, &page);

	if (error != OK)
		return error;
	error = kernel_map(VADDR(address), page, MAP_WRITE);
	if (error != OK)
		page_free(page, 0);
	return error;
}

enum error vm_alloc(size_t size, enum page_owner owner, void **out)
{
	struct range *range = NULL;
	enum error error = range_make(size, true, &range);

	if (error != OK)
		return error;
	for (size_t i = 0; i < range->pages; i++) {
		error = map_fresh(range->base + i * PAGE_SIZE, owner);
		if (error != OK) {
			range_release(range, i);
			return error;
		}
	}
	*out = (void *)range->base;
	return OK;
}

static void release_at(uint64_t address)
{
	struct range *range = range_find(address);

	if (range == NULL)
		stop(STOP_HEAP_CORRUPT);
	range_release(range, range->pages);
}

void vm_free(void *address)
{
	if (address != NULL)
		release_at((uint64_t)address);
}

enum error vm_map_physical(paddr_t address, size_t size, unsigned int flags, void **out)
{
	uint64_t offset = address.raw % PAGE_SIZE;
	struct range *range = NULL;
	enum error error;

	if ((flags & (MAP_EXECUTE | MAP_USER)) != 0 || address.raw + size < address.raw)
		return ERR_INVALID;
	error = range_make(size + offset, false, &range);
	if (error != OK)
		return error;
	for (size_t i = 0; i < range->pages; i++) {
		paddr_t page = PADDR(address.raw - offset + i * PAGE_SIZE);

		error = kernel_map(VADDR(range->base + i * PAGE_SIZE), page, flags);
		if (error != OK) {
			range_release(range, i);
			return error;
		}
	}
	*out = (void *)(range->base + offset);
	return OK;
}

void vm_unmap_physical(void *address)
{
	release_at((uint64_t)address);
}

enum error stack_alloc(size_t size, vaddr_t *base, vaddr_t *top)
{
	void *memory;
	enum error error = vm_alloc(size, PAGE_OWNER_STACK, &memory);

	if (error != OK)
		return error;
	*base = VADDR((uint64_t)memory);
	*top = VADDR(base->raw + ALIGN_UP(size, PAGE_SIZE));
	return OK;
}

void stack_free(vaddr_t base)
{
	release_at(base.raw);
}

extern const char boot_stack_guard[];

/* Called while stopping: no lock, the answer may be wrong when another CPU changes tables. */
bool vm_is_guard(vaddr_t address)
{
	struct mapping mapping;

	if (address.raw - (uint64_t)boot_stack_guard < PAGE_SIZE)
		return true;
	return address.raw >= LAYOUT_RANGE_BASE &&
	       address.raw < LAYOUT_RANGE_BASE + LAYOUT_RANGE_SIZE &&
	       table_query(paging_kernel_root(), address, &mapping) != OK;
}

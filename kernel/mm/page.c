/* SPDX-License-Identifier: MIT */
/*
 * Buddy allocator. Pages are known by their number in the region; the table has one entry for each.
 * Order-0 pages go through a small stack per CPU, so that most calls take no lock.
 */
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/failure.h"
#include "kernel/page.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "pages.h"

#define NO_PAGE UINT32_MAX
#define REFILL  (CPU_PAGE_STACK / 2)

enum page_kind {
	PAGE_RESERVED = 0, /* never given out */
	PAGE_BUDDY,        /* first page of a free block of 2^order pages */
	PAGE_BUDDY_TAIL,   /* inside such a block */
	PAGE_CACHED,       /* free, in a CPU's stack */
	PAGE_ALLOCATED,    /* first page of an allocated block */
	PAGE_ALLOCATED_TAIL,
};

struct page {
	uint32_t next; /* in the free list of its order */
	uint32_t previous;
	uint32_t references;
	uint8_t kind; /* enum page_kind */
	uint8_t order;
	uint8_t owner; /* enum page_owner */
	uint8_t reserved;
	uint64_t private;
};
LAYOUT_SIZE(struct page, 24);

static struct page *pages;
static uint32_t page_count;
static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_PAGES);
static uint32_t free_lists[PAGE_ORDER_MAX + 1]; /* page number + 1; 0: empty */
static size_t owned[PAGE_OWNER_COUNT];
static size_t pages_in_use, peak_in_use, pages_managed;
static uint64_t failures;

static const char *const owner_names[PAGE_OWNER_COUNT] = {
	[PAGE_OWNER_FREE] = "free",
	[PAGE_OWNER_RESERVED] = "reserved",
	[PAGE_OWNER_PAGE_TABLE] = "page-table",
	[PAGE_OWNER_STACK] = "stack",
	[PAGE_OWNER_CACHE] = "cache",
	[PAGE_OWNER_CPU] = "cpu",
	[PAGE_OWNER_PLATFORM] = "platform",
	[PAGE_OWNER_PAGE_STATE] = "page-state",
	[PAGE_OWNER_GUEST] = "guest",
	[PAGE_OWNER_USER] = "user",
	[PAGE_OWNER_FILE] = "file",
	[PAGE_OWNER_BUFFER] = "buffer",
	[PAGE_OWNER_TEST] = "test",
};

const char *page_owner_name(enum page_owner owner)
{
	return (unsigned int)owner < PAGE_OWNER_COUNT ? owner_names[owner] : "unknown";
}

static uint32_t page_number(paddr_t address)
{
	uint64_t offset = address.raw - boot_info.params.region_base;

	if (offset >= (uint64_t)page_count * PAGE_SIZE || !IS_ALIGNED(offset, PAGE_SIZE))
		stop(STOP_HEAP_CORRUPT);
	return (uint32_t)(offset / PAGE_SIZE);
}

static paddr_t page_address(uint32_t number)
{
	return PADDR(boot_info.params.region_base + (uint64_t)number * PAGE_SIZE);
}

/* --- Free lists; the lock is held --------------------------------------------------------- */

static void list_insert(uint32_t number, uint8_t order)
{
	struct page *page = &pages[number];

	page->kind = PAGE_BUDDY;
	page->order = order;
	page->previous = NO_PAGE;
	page->next = free_lists[order] - 1;
	if (free_lists[order] != 0)
		pages[page->next].previous = number;
	free_lists[order] = number + 1;
}

static void list_remove(uint32_t number)
{
	struct page *page = &pages[number];

	if (page->previous == NO_PAGE)
		free_lists[page->order] = page->next + 1;
	else
		pages[page->previous].next = page->next;
	if (page->next != NO_PAGE)
		pages[page->next].previous = page->previous;
	page->kind = PAGE_BUDDY_TAIL;
}

/* Take a block, splitting a larger one if need be. NO_PAGE: none. */
static uint32_t buddy_take(uint8_t order)
{
	uint8_t from = order;
	uint32_t number;

	while (from <= PAGE_ORDER_MAX && free_lists[from] == 0)
		from++;
	if (from > PAGE_ORDER_MAX)
		return NO_PAGE;
	number = free_lists[from] - 1;
	list_remove(number);
	while (from > order) {
		from--;
		list_insert(number + (1U << from), from);
	}
	return number;
}

/* Give a block back and merge it with its buddies. */
static void buddy_give(uint32_t number, uint8_t order)
{
	while (order < PAGE_ORDER_MAX) {
		uint32_t buddy = number ^ (1U << order);

		if (buddy >= page_count || pages[buddy].kind != PAGE_BUDDY ||
		    pages[buddy].order != order)
			break;
		list_remove(buddy);
		pages[number].kind = PAGE_BUDDY_TAIL;
		number &= ~(1U << order);
		order++;
	}
	list_insert(number, order);
}

/* --- Per-CPU stacks; interrupts are off ---------------------------------------------------- */

static void stack_refill(struct cpu *cpu)
{
	spin_lock(&lock);
	while (cpu->free_pages.count < REFILL) {
		uint32_t number = buddy_take(0);

		if (number == NO_PAGE)
			break;
		pages[number].kind = PAGE_CACHED;
		cpu->free_pages.pages[cpu->free_pages.count++] = number;
	}
	spin_unlock(&lock);
}

static void stack_drain(struct cpu *cpu, uint32_t keep)
{
	spin_lock(&lock);
	while (cpu->free_pages.count > keep)
		buddy_give(cpu->free_pages.pages[--cpu->free_pages.count], 0);
	spin_unlock(&lock);
}

static uint32_t take_one(void)
{
	irq_flags_t irq = irq_save();
	struct cpu *cpu = this_cpu();
	uint32_t number = NO_PAGE;

	if (cpu->free_pages.count == 0)
		stack_refill(cpu);
	if (cpu->free_pages.count > 0)
		number = cpu->free_pages.pages[--cpu->free_pages.count];
	irq_restore(irq);
	return number;
}

static void give_one(uint32_t number)
{
	irq_flags_t irq = irq_save();
	struct cpu *cpu = this_cpu();

	if (cpu->free_pages.count == CPU_PAGE_STACK)
		stack_drain(cpu, REFILL);
	pages[number].kind = PAGE_CACHED;
	cpu->free_pages.pages[cpu->free_pages.count++] = number;
	irq_restore(irq);
}

static uint32_t take_block(uint8_t order)
{
	irq_flags_t irq = spin_lock_irq(&lock);
	uint32_t number = buddy_take(order);

	spin_unlock_irq(&lock, irq);
	return number;
}

/* --- Interface ----------------------------------------------------------------------------- */

static void account(enum page_owner owner, size_t count)
{
	size_t used = __atomic_add_fetch(&pages_in_use, count, __ATOMIC_RELAXED);

	__atomic_fetch_add(&owned[owner], count, __ATOMIC_RELAXED);
	if (used > peak_in_use)
		peak_in_use = used; /* a lost race costs a little accuracy */
}

static void mark_allocated(uint32_t number, uint8_t order, enum page_owner owner)
{
	for (uint32_t i = 0; i < 1U << order; i++) {
		struct page *page = &pages[number + i];

		page->kind = i == 0 ? PAGE_ALLOCATED : PAGE_ALLOCATED_TAIL;
		page->owner = (uint8_t)owner;
		page->private = 0;
	}
	pages[number].order = order;
	pages[number].references = 1;
}

enum error page_alloc(unsigned int order, enum page_owner owner, unsigned int flags, paddr_t *out)
{
	uint32_t number;

	if (order > PAGE_ORDER_MAX)
		return ERR_INVALID;
	number = failure_due() ? NO_PAGE : order == 0 ? take_one() : take_block((uint8_t)order);
	if (number == NO_PAGE) {
		__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
		return ERR_NO_MEMORY;
	}
	mark_allocated(number, (uint8_t)order, owner);
	account(owner, 1ULL << order);
	*out = page_address(number);
	if ((flags & PAGE_ZERO) != 0)
		memset(phys_to_virt(*out), 0, PAGE_SIZE << order);
	return OK;
}

void page_free(paddr_t address, unsigned int order)
{
	uint32_t number = page_number(address);
	struct page *page = &pages[number];
	irq_flags_t irq;

	if (page->kind != PAGE_ALLOCATED || page->order != order)
		stop(STOP_HEAP_CORRUPT);
	if (__atomic_sub_fetch(&page->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	__atomic_fetch_sub(&owned[page->owner], 1ULL << order, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&pages_in_use, 1ULL << order, __ATOMIC_RELAXED);
	if (order == 0) {
		give_one(number);
		return;
	}
	irq = spin_lock_irq(&lock);
	for (uint32_t i = 0; i < 1U << order; i++)
		pages[number + i].kind = PAGE_BUDDY_TAIL;
	buddy_give(number, (uint8_t)order);
	spin_unlock_irq(&lock, irq);
}

void *page_alloc_virtual(enum page_owner owner)
{
	paddr_t page;

	return page_alloc(0, owner, PAGE_ZERO, &page) == OK ? phys_to_virt(page) : NULL;
}

void page_free_virtual(void *page)
{
	if (page != NULL)
		page_free(virt_to_phys(page), 0);
}

void page_reference(paddr_t address)
{
	struct page *page = &pages[page_number(address)];

	if (page->kind != PAGE_ALLOCATED || page->order != 0)
		stop(STOP_HEAP_CORRUPT);
	__atomic_fetch_add(&page->references, 1, __ATOMIC_RELAXED);
}

uint32_t page_references(paddr_t address)
{
	return __atomic_load_n(&pages[page_number(address)].references, __ATOMIC_ACQUIRE);
}

bool page_owned_by(paddr_t address, enum page_owner owner)
{
	uint64_t offset = address.raw - boot_info.params.region_base;
	const struct page *page;

	if (offset >= (uint64_t)page_count * PAGE_SIZE)
		return false;
	page = &pages[offset / PAGE_SIZE];
	return (page->kind == PAGE_ALLOCATED || page->kind == PAGE_ALLOCATED_TAIL) &&
	       page->owner == owner;
}

void page_set_private(paddr_t address, uint64_t value)
{
	pages[page_number(address)].private = value;
}

uint64_t page_private(paddr_t address)
{
	return pages[page_number(address)].private;
}

void page_statistics(struct page_statistics *out)
{
	size_t used = __atomic_load_n(&pages_in_use, __ATOMIC_RELAXED);

	*out = (struct page_statistics){
		.total = page_count,
		.free = pages_managed - used,
		.peak = page_count - pages_managed + peak_in_use,
		.failures = __atomic_load_n(&failures, __ATOMIC_RELAXED),
	};
	for (unsigned int i = 0; i < PAGE_OWNER_COUNT; i++)
		out->owned[i] = __atomic_load_n(&owned[i], __ATOMIC_RELAXED);
	out->owned[PAGE_OWNER_FREE] = out->free;
	out->owned[PAGE_OWNER_RESERVED] = page_count - pages_managed;
}

/* --- Boot ---------------------------------------------------------------------------------- */

size_t page_table_size(uint32_t count)
{
	return ALIGN_UP(count * sizeof(struct page), PAGE_SIZE);
}

void page_init(void *table, uint32_t count)
{
	pages = table;
	page_count = count;
	pages_in_use = peak_in_use = pages_managed = 0;
	failures = 0;
	memset(free_lists, 0, sizeof(free_lists));
	memset(owned, 0, sizeof(owned));
	memset(pages, 0, count * sizeof(struct page));
}

void page_add(paddr_t first, size_t count)
{
	uint32_t number = page_number(first);
	irq_flags_t irq = spin_lock_irq(&lock);

	pages_managed += count;
	for (; count > 0; count--, number++) {
		if (pages[number].kind != PAGE_RESERVED)
			stop(STOP_HEAP_CORRUPT);
		buddy_give(number, 0);
	}
	spin_unlock_irq(&lock, irq);
}

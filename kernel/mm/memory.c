/* SPDX-License-Identifier: MIT */
/* The region at boot: what the launch loaded, what is free, where the table of pages goes. */
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/cpu_internal.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/platform.h"
#include "kernel/stop.h"
#include "pages.h"

/* A part of the region, offsets from region_base. */
struct part {
	uint64_t start;
	uint64_t end;
	const struct boot_range *range; /* NULL: not loaded */
};

/* The range that contains `offset`; NULL: none, and *next is where the next one starts. */
static const struct boot_range *range_at(uint64_t offset, uint64_t *next)
{
	const struct boot_params *p = &boot_info.params;

	*next = p->region_size;
	for (uint32_t i = 0; i < p->range_count; i++) {
		const struct boot_range *r = &p->ranges[i];
		uint64_t start = r->gpa - p->region_base;

		if (r->kind == BOOT_RANGE_FIRMWARE || r->size == 0)
			continue;
		if (offset >= start && offset < start + r->size)
			return r;
		if (start > offset && start < *next)
			*next = start;
	}
	return NULL;
}

/* The part that starts where `part` ends; false at the end of the region. */
static bool next_part(struct part *part)
{
	uint64_t next;

	part->start = part->end;
	if (part->start >= boot_info.params.region_size)
		return false;
	part->range = range_at(part->start, &next);
	part->end = part->range == NULL
			    ? next
			    : part->range->gpa + part->range->size - boot_info.params.region_base;
	return true;
}

static paddr_t at_offset(uint64_t offset)
{
	return PADDR(boot_info.params.region_base + offset);
}

static void validate_free(void)
{
	for (struct part part = {0}; next_part(&part);)
		if (part.range == NULL &&
		    platform->pages_validate(at_offset(part.start),
					     (part.end - part.start) / PAGE_SIZE) != OK)
			stop(STOP_BOOT_MEMORY);
}

/* Where the table of pages goes: the start of the first free part that holds it. */
static uint64_t place_table(size_t size)
{
	for (struct part part = {0}; next_part(&part);)
		if (part.range == NULL && part.end - part.start >= size)
			return part.start;
	stop(STOP_BOOT_MEMORY);
}

static void add_free(uint64_t table, size_t size)
{
	for (struct part part = {0}; next_part(&part);) {
		uint64_t start = part.start == table ? table + size : part.start;

		if (part.range != NULL && part.range->kind != BOOT_RANGE_SHIM)
			continue;
		page_add(at_offset(start), (part.end - start) / PAGE_SIZE);
	}
}

void memory_init(void)
{
	uint32_t count = (uint32_t)(boot_info.params.region_size / PAGE_SIZE);
	size_t size = page_table_size(count);
	uint64_t table;

	validate_free();
	table = place_table(size);
	page_init(phys_to_virt(at_offset(table)), count);
	add_free(table, size);
	paging_use_allocator();
	if (kalloc_init() != OK || cpu_init_boot_memory() != OK)
		stop(STOP_BOOT_MEMORY);
}

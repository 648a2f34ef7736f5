/* SPDX-License-Identifier: MIT */
/* A free list over Husk's own memory; pages that were never used yet lie above a mark. */
#include "husk/machine.h"
#include "husk/pages.h"
#include "mem/mem.h"

struct free_page {
	struct free_page *next;
};

static struct free_page *free_list;
static uint64_t mark; /* physical address of the first page never handed out */
static uint64_t end;

void pages_init(paddr_t base, uint64_t size)
{
	mark = base.raw;
	end = base.raw + size;
}

void *pages_reserve(size_t count)
{
	uint64_t bytes = count * PAGE_SIZE;
	void *pages = machine_map(PADDR(mark));

	if (bytes > end - mark)
		return NULL;
	mark += bytes;
	return memset(pages, 0, bytes);
}

void *page_alloc(void)
{
	struct free_page *page = free_list;

	if (!page)
		return pages_reserve(1);
	free_list = page->next;
	return memset(page, 0, PAGE_SIZE);
}

void page_free(void *page)
{
	struct free_page *head = page;

	head->next = free_list;
	free_list = head;
}

/* SPDX-License-Identifier: MIT */
/* Page allocator, object caches and kernel ranges on the real machine. */
#include "kernel/cache.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/string.h"
#include "kernel/test.h"
#include "kernel/vm.h"

KTEST(page_zeroed_and_owned, KTEST_SWEEP)
{
	paddr_t page;
	enum error error = page_alloc(0, PAGE_OWNER_TEST, PAGE_ZERO, &page);
	const uint64_t *word;

	if (error != OK)
		return error;
	word = phys_to_virt(page);
	for (unsigned int i = 0; i < PAGE_SIZE / 8; i++)
		KTEST_CHECK(word[i] == 0);
	KTEST_CHECK(page_owned_by(page, PAGE_OWNER_TEST));
	page_free(page, 0);
	KTEST_CHECK(!page_owned_by(page, PAGE_OWNER_TEST));
	return OK;
}

KTEST(page_blocks_are_aligned, KTEST_SWEEP)
{
	for (unsigned int order = 0; order <= PAGE_ORDER_MAX; order++) {
		paddr_t page;
		enum error error = page_alloc(order, PAGE_OWNER_TEST, 0, &page);

		if (error != OK)
			return error;
		KTEST_CHECK(IS_ALIGNED(page.raw, PAGE_SIZE << order));
		KTEST_CHECK(virt_to_phys(phys_to_virt(page)).raw == page.raw);
		page_free(page, order);
	}
	KTEST_CHECK(page_alloc(PAGE_ORDER_MAX + 1, PAGE_OWNER_TEST, 0, &(paddr_t){0}) ==
		    ERR_INVALID);
	return OK;
}

KTEST(page_references_keep_it, KTEST_SWEEP)
{
	paddr_t page;
	enum error error = page_alloc(0, PAGE_OWNER_TEST, 0, &page);

	if (error != OK)
		return error;
	page_reference(page);
	KTEST_CHECK(page_references(page) == 2);
	page_free(page, 0);
	KTEST_CHECK(page_owned_by(page, PAGE_OWNER_TEST));
	page_free(page, 0);
	KTEST_CHECK(!page_owned_by(page, PAGE_OWNER_TEST));
	return OK;
}

/* Take everything, see it end in an error, give everything back. */
KTEST(page_exhaustion, 0)
{
	struct page_statistics before, after;
	paddr_t page, list = PADDR(0);
	size_t taken = 0;

	page_statistics(&before);
	while (page_alloc(0, PAGE_OWNER_TEST, 0, &page) == OK) {
		*(paddr_t *)phys_to_virt(page) = list;
		list = page;
		taken++;
	}
	KTEST_CHECK(taken + 64 >= before.free); /* other CPUs keep a few in their stacks */
	KTEST_CHECK(kalloc(64 * 1024) == NULL);
	while (taken-- > 0) {
		page = list;
		list = *(paddr_t *)phys_to_virt(page);
		page_free(page, 0);
	}
	page_statistics(&after);
	KTEST_CHECK(after.owned[PAGE_OWNER_TEST] == 0);
	KTEST_CHECK(after.failures > before.failures);
	KTEST_CHECK(page_alloc(PAGE_ORDER_MAX, PAGE_OWNER_TEST, 0, &page) == OK);
	page_free(page, PAGE_ORDER_MAX);
	return OK;
}

KTEST(kalloc_all_sizes, KTEST_SWEEP)
{
	for (size_t size = 1; size <= KIB(64); size = size * 3 / 2 + 1) {
		uint8_t *memory = kalloc(size);

		if (memory == NULL)
			return ERR_NO_MEMORY;
		KTEST_CHECK(IS_ALIGNED((uint64_t)memory, 16));
		KTEST_CHECK(size <= CACHE_OBJECT_MAX || IS_ALIGNED((uint64_t)memory, PAGE_SIZE));
		KTEST_CHECK(memory[0] == 0 && memory[size - 1] == 0);
		memset(memory, 0xa5, size);
		kfree(memory);
	}
	KTEST_CHECK(kalloc(MIB(2) + 1) == NULL);
	kfree(NULL);
	return OK;
}

KTEST(cache_many_objects, KTEST_SWEEP)
{
	static struct object_cache cache;
	void *objects[100];
	size_t count = 0;
	enum error error = OK;

	if (cache.size == 0)
		error = cache_init(&cache, "test", 100, 64);
	if (error != OK)
		return error;
	for (; count < ARRAY_SIZE(objects); count++) {
		objects[count] = cache_alloc(&cache);
		if (objects[count] == NULL)
			break;
		KTEST_CHECK(IS_ALIGNED((uint64_t)objects[count], 64));
		memset(objects[count], (int)count, 100);
	}
	for (size_t i = 0; i < count; i++)
		KTEST_CHECK(((uint8_t *)objects[i])[99] == i);
	error = count == ARRAY_SIZE(objects) ? OK : ERR_NO_MEMORY;
	while (count > 0)
		cache_free(&cache, objects[--count]);
	return error;
}

KTEST(range_has_guard_pages, KTEST_SWEEP)
{
	struct mapping mapping;
	void *memory;
	enum error error = vm_alloc(3 * PAGE_SIZE, PAGE_OWNER_TEST, &memory);
	uint64_t base = (uint64_t)memory;

	if (error != OK)
		return error;
	KTEST_CHECK(paging_kernel_query(VADDR(base - 1), &mapping) == ERR_NOT_FOUND);
	KTEST_CHECK(paging_kernel_query(VADDR(base + 3 * PAGE_SIZE), &mapping) == ERR_NOT_FOUND);
	KTEST_CHECK(vm_is_guard(VADDR(base - 1)));
	KTEST_CHECK(paging_kernel_query(VADDR(base + PAGE_SIZE), &mapping) == OK);
	KTEST_CHECK(mapping.flags == MAP_WRITE);
	((volatile char *)memory)[3 * PAGE_SIZE - 1] = 1;
	vm_free(memory);
	KTEST_CHECK(paging_kernel_query(VADDR(base), &mapping) == ERR_NOT_FOUND);
	return OK;
}

KTEST(range_refuses_nonsense, 0)
{
	void *memory;

	KTEST_CHECK(vm_alloc(0, PAGE_OWNER_TEST, &memory) == ERR_INVALID);
	KTEST_CHECK(vm_alloc(MIB(65), PAGE_OWNER_TEST, &memory) == ERR_LIMIT);
	KTEST_CHECK(vm_map_physical(PADDR(UINT64_MAX - 10), 4096, 0, &memory) == ERR_INVALID);
	KTEST_CHECK(vm_map_physical(PADDR(0), 4096, MAP_EXECUTE, &memory) == ERR_INVALID);
	return OK;
}

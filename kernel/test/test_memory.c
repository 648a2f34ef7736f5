/* SPDX-License-Identifier: MIT */
/* Page allocator, object caches and kernel ranges on the real machine. */
#include "kernel/cache.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/test.h"
#include "kernel/vm.h"

KTEST(page_alloc_and_free, KTEST_SWEEP)
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

KTEST(vm_range_has_guard_pages, KTEST_SWEEP)
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

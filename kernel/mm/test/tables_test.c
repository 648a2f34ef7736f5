/* SPDX-License-Identifier: MIT */
/* Page tables and user address spaces, with a C-bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../tables.h"
#include "fake.h"
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/failure.h"
#include "kernel/page.h"
#include "kernel/paging.h"

#define PAGES 256
#define CBIT  BIT(51)

static void test_leaf_bits(void **state)
{
	(void)state;
	fake_start(PAGES);
	assert_int_equal(pte_make(PADDR(0x1000), 0, LEVEL_4K),
			 0x1000 | PTE_PRESENT | PTE_ACCESSED | PTE_NX | PTE_GLOBAL | CBIT);
	assert_int_equal(pte_make(PADDR(0x1000), MAP_USER | MAP_EXECUTE, LEVEL_4K),
			 0x1000 | PTE_PRESENT | PTE_ACCESSED | PTE_USER | CBIT);
	assert_int_equal(pte_make(PADDR(0x200000), MAP_WRITE | MAP_SHARED, LEVEL_2M),
			 0x200000 | PTE_PRESENT | PTE_ACCESSED | PTE_WRITE | PTE_DIRTY | PTE_NX |
				 PTE_GLOBAL | PTE_LARGE);
	assert_int_equal(pte_address(pte_make(PADDR(0x123000), MAP_WRITE, LEVEL_4K)).raw, 0x123000);
	for (unsigned int flags = 0; flags < 32; flags++)
		assert_int_equal(pte_flags(pte_make(PADDR(0), flags, LEVEL_4K)), flags);
}

static void test_without_cbit(void **state)
{
	(void)state;
	fake_start(PAGES);
	boot_info.cbit = 0;
	assert_int_equal(pte_flags(pte_make(PADDR(0), MAP_WRITE, LEVEL_4K)), MAP_WRITE);
	assert_int_equal(pte_make(PADDR(0x1000), 0, LEVEL_4K) & CBIT, 0);
}

static void test_walk(void **state)
{
	uint64_t *entry, tables = 0;
	paddr_t root = paging_kernel_root();
	vaddr_t at = VADDR(0xffff900000345000);

	(void)state;
	fake_start(PAGES);
	root = paging_kernel_root();
	assert_int_equal(table_entry(root, at, LEVEL_4K, false, &entry, NULL), ERR_NOT_FOUND);
	assert_int_equal(table_entry(root, at, LEVEL_4K, true, &entry, &tables), OK);
	assert_int_equal(tables, 3);
	*entry = pte_make(PADDR(0x7000), MAP_WRITE, LEVEL_4K);
	assert_int_equal(table_entry(root, at, LEVEL_4K, true, &entry, &tables), OK);
	assert_int_equal(tables, 3);
	assert_int_equal(pte_address(*entry).raw, 0x7000);
}

static void test_split(void **state)
{
	vaddr_t at = VADDR(0xffff800000000000);
	struct mapping m;
	uint64_t *entry;
	paddr_t root;

	(void)state;
	fake_start(PAGES);
	root = paging_kernel_root();
	assert_int_equal(table_entry(root, at, LEVEL_2M, true, &entry, NULL), OK);
	*entry = pte_make(PADDR(0x40000000), MAP_WRITE, LEVEL_2M);
	assert_int_equal(table_query(root, VADDR(at.raw + 0x1234), &m), OK);
	assert_int_equal(m.size, PAGE_2M_SIZE);
	assert_int_equal(m.address.raw, 0x40001234);
	assert_int_equal(table_entry(root, at, LEVEL_4K, true, &(uint64_t *){NULL}, NULL),
			 ERR_EXISTS);
	failure_arm(1);
	assert_int_equal(table_split(entry), ERR_NO_MEMORY);
	assert_true(failure_disarm());
	assert_int_equal(table_split(entry), OK);
	for (uint64_t i = 0; i < PAGE_2M_SIZE; i += PAGE_SIZE) {
		assert_int_equal(table_query(root, VADDR(at.raw + i), &m), OK);
		assert_int_equal(m.size, PAGE_SIZE);
		assert_int_equal(m.address.raw, 0x40000000 + i);
		assert_int_equal(m.flags, MAP_WRITE);
	}
}

static unsigned int released;

static void release(void *context, vaddr_t address, paddr_t page)
{
	assert_ptr_equal(context, &released);
	assert_true(address.raw < LAYOUT_USER_END);
	assert_int_equal(page.raw, 0x5000);
	released++;
}

static void test_space(void **state)
{
	struct address_space space;
	struct page_statistics before, after;
	struct mapping m;
	paddr_t page;

	(void)state;
	fake_start(PAGES);
	page_statistics(&before);
	assert_int_equal(space_create(&space), OK);
	for (uint64_t at = 0x1000; at < LAYOUT_USER_END; at = at * 16 + 0x1000)
		assert_int_equal(space_map(&space, VADDR(at), PADDR(0x5000), MAP_WRITE), OK);
	assert_int_equal(space_map(&space, VADDR(0x1000), PADDR(0x6000), 0), ERR_EXISTS);
	assert_int_equal(space_query(&space, VADDR(0x1fff), &m), OK);
	assert_int_equal(m.address.raw, 0x5fff);
	assert_int_equal(m.flags, MAP_USER | MAP_WRITE);
	assert_int_equal(space_protect(&space, VADDR(0x1000), MAP_EXECUTE), OK);
	assert_int_equal(space_protect(&space, VADDR(0x1000), MAP_EXECUTE | MAP_WRITE),
			 ERR_INVALID);
	assert_int_equal(space_protect(&space, VADDR(0x3000), 0), ERR_NOT_FOUND);
	assert_int_equal(space_unmap(&space, VADDR(0x1000), &page), OK);
	assert_int_equal(page.raw, 0x5000);
	assert_int_equal(fake_machine.last_invalidated, 0x1000);
	assert_int_equal(space_query(&space, VADDR(0x1000), &m), ERR_NOT_FOUND);
	released = 0;
	space_destroy(&space, release, &released);
	assert_int_equal(released, 8);
	page_statistics(&after);
	assert_int_equal(before.free, after.free);
}

static void test_space_limits(void **state)
{
	struct address_space space;

	(void)state;
	fake_start(PAGES);
	assert_int_equal(space_create(&space), OK);
	assert_int_equal(space_map(&space, VADDR(LAYOUT_USER_END), PADDR(0), 0), ERR_RANGE);
	assert_int_equal(space_map(&space, VADDR(UINT64_MAX - 0xfff), PADDR(0), 0), ERR_RANGE);
	assert_int_equal(space_map(&space, VADDR(0x123), PADDR(0), 0), ERR_ALIGNMENT);
	assert_int_equal(space_map(&space, VADDR(0), PADDR(0), MAP_WRITE | MAP_EXECUTE),
			 ERR_INVALID);
	space_destroy(&space, NULL, NULL);
}

/* Every table that a failure leaves behind is still found by space_destroy(). */
static void test_space_out_of_memory(void **state)
{
	struct page_statistics before, after;

	(void)state;
	fake_start(PAGES);
	page_statistics(&before);
	for (uint64_t n = 1; n <= 5; n++) {
		struct address_space space;
		enum error error;

		failure_arm(n);
		error = space_create(&space);
		if (error == OK) {
			error = space_map(&space, VADDR(0x7000000000), PADDR(0x5000), 0);
			space_destroy(&space, NULL, NULL);
		}
		assert_int_equal(error, failure_disarm() ? ERR_NO_MEMORY : OK);
		assert_int_equal(error, n <= 4 ? ERR_NO_MEMORY : OK);
	}
	page_statistics(&after);
	assert_int_equal(before.free, after.free);
}

static void test_space_switch(void **state)
{
	struct address_space a, b;

	(void)state;
	fake_start(PAGES);
	assert_int_equal(space_create(&a), OK);
	assert_int_equal(space_create(&b), OK);
	space_switch(&a);
	assert_int_equal(fake_machine.cr3, a.root.raw | CBIT);
	assert_int_equal(a.active[0], 1);
	space_switch(&b);
	assert_int_equal(a.active[0], 0);
	assert_int_equal(b.active[0], 1);
	space_switch(NULL);
	assert_int_equal(fake_machine.cr3, paging_kernel_root().raw | CBIT);
	assert_int_equal(b.active[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf_bits),
		cmocka_unit_test(test_without_cbit),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_space_limits),
		cmocka_unit_test(test_space_out_of_memory),
		cmocka_unit_test(test_space_switch),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}

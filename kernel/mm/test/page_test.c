/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "kernel/cpu.h"
#include "kernel/failure.h"
#include "kernel/page.h"

#define PAGES 1024

static size_t free_pages(void)
{
	struct page_statistics s;

	page_statistics(&s);
	return s.free;
}

static void test_every_order(void **state)
{
	(void)state;
	fake_start(PAGES);
	for (unsigned int order = 0; order <= PAGE_ORDER_MAX; order++) {
		size_t before = free_pages();
		paddr_t page;

		assert_int_equal(page_alloc(order, PAGE_OWNER_TEST, 0, &page), OK);
		assert_true(IS_ALIGNED(page.raw, PAGE_SIZE << order));
		assert_int_equal(free_pages(), before - (1ULL << order));
		page_free(page, order);
		assert_int_equal(free_pages(), before);
	}
}

static void test_merges_again(void **state)
{
	paddr_t pages[PAGES], large;
	size_t count = 0;

	(void)state;
	fake_start(PAGES);
	while (page_alloc(0, PAGE_OWNER_TEST, 0, &pages[count]) == OK)
		count++;
	assert_int_equal(count, PAGES - 1); /* one is the root table of the fake */
	assert_int_equal(page_alloc(1, PAGE_OWNER_TEST, 0, &large), ERR_NO_MEMORY);
	for (size_t i = 0; i < count; i++)
		page_free(pages[(i * 7) % count], 0);
	assert_int_equal(free_pages(), PAGES - 1);
	assert_int_equal(page_alloc(8, PAGE_OWNER_TEST, 0, &large), OK);
}

/* Random allocations; no two blocks overlap, and every byte is the owner's alone. */
static void test_no_overlap(void **state)
{
	struct {
		paddr_t page;
		unsigned int order;
		bool used;
	} held[64] = {0};

	(void)state;
	srand(1);
	fake_start(PAGES);
	for (unsigned int round = 0; round < 20000; round++) {
		unsigned int slot = (unsigned int)rand() % 64;
		unsigned int order = (unsigned int)rand() % 5;

		if (held[slot].used) {
			const uint8_t *bytes = phys_to_virt(held[slot].page);

			assert_int_equal(bytes[0], slot);
			assert_int_equal(bytes[(PAGE_SIZE << held[slot].order) - 1], slot);
			page_free(held[slot].page, held[slot].order);
			held[slot].used = false;
		} else if (page_alloc(order, PAGE_OWNER_TEST, 0, &held[slot].page) == OK) {
			memset(phys_to_virt(held[slot].page), (int)slot, PAGE_SIZE << order);
			held[slot].order = order;
			held[slot].used = true;
		}
	}
	for (unsigned int slot = 0; slot < 64; slot++)
		if (held[slot].used)
			page_free(held[slot].page, held[slot].order);
	assert_int_equal(free_pages(), PAGES - 1);
}

static void test_zero_and_owner(void **state)
{
	struct page_statistics s;
	uint8_t *bytes;

	(void)state;
	fake_start(PAGES);
	bytes = page_alloc_virtual(PAGE_OWNER_FILE);
	assert_non_null(bytes);
	for (size_t i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(bytes[i], 0);
	page_statistics(&s);
	assert_int_equal(s.owned[PAGE_OWNER_FILE], 1);
	assert_true(page_owned_by(virt_to_phys(bytes), PAGE_OWNER_FILE));
	assert_false(page_owned_by(virt_to_phys(bytes), PAGE_OWNER_USER));
	assert_false(page_owned_by(PADDR(0x1000), PAGE_OWNER_FILE));
	page_free_virtual(bytes);
	page_statistics(&s);
	assert_int_equal(s.owned[PAGE_OWNER_FILE], 0);
	assert_string_equal(page_owner_name(PAGE_OWNER_FILE), "file");
	assert_string_equal(page_owner_name(PAGE_OWNER_COUNT), "unknown");
}

static void test_references(void **state)
{
	paddr_t page;

	(void)state;
	fake_start(PAGES);
	assert_int_equal(page_alloc(0, PAGE_OWNER_USER, 0, &page), OK);
	page_reference(page);
	page_set_private(page, 42);
	page_free(page, 0);
	assert_int_equal(page_references(page), 1);
	assert_int_equal(page_private(page), 42);
	page_free(page, 0);
	assert_false(page_owned_by(page, PAGE_OWNER_USER));
}

static void test_misuse_stops(void **state)
{
	paddr_t page, block;

	(void)state;
	fake_start(PAGES);
	assert_int_equal(page_alloc(0, PAGE_OWNER_TEST, 0, &page), OK);
	assert_int_equal(page_alloc(2, PAGE_OWNER_TEST, 0, &block), OK);
	page_free(page, 0);
	assert_int_equal(FAKE_EXPECT_STOP(page_free(page, 0)), STOP_HEAP_CORRUPT);
	assert_int_equal(FAKE_EXPECT_STOP(page_free(block, 1)), STOP_HEAP_CORRUPT);
	assert_int_equal(FAKE_EXPECT_STOP(page_free(PADDR(block.raw + PAGE_SIZE), 0)),
			 STOP_HEAP_CORRUPT);
	assert_int_equal(FAKE_EXPECT_STOP(page_free(PADDR(0x1000), 0)), STOP_HEAP_CORRUPT);
	assert_int_equal(FAKE_EXPECT_STOP(page_reference(page)), STOP_HEAP_CORRUPT);
}

static void test_injected_failure(void **state)
{
	paddr_t page;

	(void)state;
	fake_start(PAGES);
	failure_arm(2);
	assert_int_equal(page_alloc(0, PAGE_OWNER_TEST, 0, &page), OK);
	assert_int_equal(page_alloc(0, PAGE_OWNER_TEST, 0, &page), ERR_NO_MEMORY);
	assert_int_equal(page_alloc(0, PAGE_OWNER_TEST, 0, &page), OK);
	assert_true(failure_disarm());
	failure_arm(5);
	assert_int_equal(page_alloc(0, PAGE_OWNER_TEST, 0, &page), OK);
	assert_false(failure_disarm());
	assert_int_equal(page_alloc(PAGE_ORDER_MAX + 1, PAGE_OWNER_TEST, 0, &page), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order),      cmocka_unit_test(test_merges_again),
		cmocka_unit_test(test_no_overlap),       cmocka_unit_test(test_zero_and_owner),
		cmocka_unit_test(test_references),       cmocka_unit_test(test_misuse_stops),
		cmocka_unit_test(test_injected_failure),
	};

	return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}

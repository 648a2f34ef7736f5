/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "kernel/cache.h"
#include "kernel/failure.h"
#include "kernel/page.h"

#define PAGES 512

/* Once: there is room for CACHE_MAX caches. */
static int start(void **state)
{
	(void)state;
	fake_start(PAGES);
	return kalloc_init() == OK ? 0 : -1;
}

static void test_sizes(void **state)
{
	static const size_t edges[] = {1, 31, 32, 33, 64, 65, 2047, 2048, 2049, 4096, 4097, 65536};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++) {
		uint8_t *memory = kalloc(edges[i]);

		assert_non_null(memory);
		assert_true(IS_ALIGNED((uintptr_t)memory, 16));
		for (size_t k = 0; k < edges[i]; k++)
			assert_int_equal(memory[k], 0);
		memset(memory, 0xff, edges[i]);
		kfree(memory);
	}
	assert_null(kalloc(MIB(2) + 1));
	kfree(NULL);
}

static void test_distinct_objects(void **state)
{
	struct object_cache cache;
	uint8_t *objects[300];

	(void)state;
	assert_int_equal(cache_init(&cache, "test", 48, 16), OK);
	for (size_t i = 0; i < 300; i++) {
		objects[i] = cache_alloc(&cache);
		assert_non_null(objects[i]);
		memset(objects[i], (int)(i % 251), 48);
	}
	for (size_t i = 0; i < 300; i++)
		for (size_t k = 0; k < 48; k++)
			assert_int_equal(objects[i][k], i % 251);
	for (size_t i = 0; i < 300; i++)
		cache_free(&cache, objects[i]);
	assert_true(cache.live <= CACHE_MAGAZINE);
	assert_true(cache.slabs <= 2); /* the empty ones went back */
}

static void test_alignment(void **state)
{
	struct object_cache cache;

	(void)state;
	assert_int_equal(cache_init(&cache, "aligned", 100, 64), OK);
	for (unsigned int i = 0; i < 50; i++)
		assert_true(IS_ALIGNED((uintptr_t)cache_alloc(&cache), 64));
	assert_int_equal(cache_init(&cache, "bad", 0, 16), ERR_INVALID);
	assert_int_equal(cache_init(&cache, "bad", CACHE_OBJECT_MAX + 1, 16), ERR_INVALID);
	assert_int_equal(cache_init(&cache, "bad", 8, 3), ERR_INVALID);
	assert_int_equal(cache_init(&cache, "bad", 8, 128), ERR_INVALID);
}

static void test_out_of_memory(void **state)
{
	struct page_statistics s;
	void *list = NULL, *object;

	(void)state;
	while ((object = kalloc(1024)) != NULL) {
		*(void **)object = list;
		list = object;
	}
	page_statistics(&s);
	assert_true(s.free < 2);
	while (list != NULL) {
		object = list;
		list = *(void **)object;
		kfree(object);
	}
	object = kalloc(KIB(512));
	assert_non_null(object);
	kfree(object);
}

static void test_misuse_stops(void **state)
{
	uint8_t *memory = kalloc(100), *large = kalloc(10000);

	(void)state;
	kfree(memory);
	assert_int_equal(FAKE_EXPECT_STOP(kfree(memory)), STOP_HEAP_CORRUPT);
	kfree(large);
	assert_int_equal(FAKE_EXPECT_STOP(kfree(large)), STOP_HEAP_CORRUPT);
}

/* The contents are gone when the memory comes back to the allocator. */
static void test_secret_is_wiped(void **state)
{
	uint8_t *memory = kalloc(200), *large = kalloc(9000);

	(void)state;
	memset(memory, 0x5a, 200);
	memset(large, 0x5a, 9000);
	kfree_secret(memory);
	kfree_secret(large);
	for (size_t i = 0; i < 200; i++)
		assert_int_not_equal(memory[i], 0x5a);
	for (size_t i = 0; i < 9000; i++)
		assert_int_not_equal(large[i], 0x5a);
	kfree_secret(NULL);
}

static void test_injected_failure(void **state)
{
	(void)state;
	failure_arm(1);
	assert_null(kalloc(10));
	assert_true(failure_disarm());
	assert_non_null(kalloc(10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_distinct_objects),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_misuse_stops),
		cmocka_unit_test(test_secret_is_wiped),
		cmocka_unit_test(test_injected_failure),
	};

	return cmocka_run_group_tests_name("cache", tests, start, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../native.h"

static uint8_t table[4096];
static uint32_t used;

static void begin(void)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "APIC", 4);
	used = 44;
	table[4] = 44;
}

static void set_length(uint32_t length)
{
	memcpy(table + 4, &length, 4);
}

static void add(const uint8_t *entry, uint8_t size)
{
	memcpy(table + used, entry, size);
	used += size;
	set_length(used);
}

static void add_local_apic(uint8_t id, uint8_t flags)
{
	const uint8_t entry[8] = {0, 8, id, id, flags, 0, 0, 0};

	add(entry, sizeof(entry));
}

static void add_x2apic(uint32_t id)
{
	uint8_t entry[16] = {9, 16, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};

	memcpy(entry + 4, &id, 4);
	add(entry, sizeof(entry));
}

static void test_processors(void **state)
{
	const uint8_t io_apic[12] = {1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0};
	uint32_t ids[8], count;

	(void)state;
	begin();
	add_local_apic(0, 1);
	add_local_apic(4, 0); /* not enabled */
	add(io_apic, sizeof(io_apic));
	add_local_apic(2, 1);
	add_x2apic(300);
	add_local_apic(2, 1); /* twice */
	assert_int_equal(madt_processors(table, sizeof(table), ids, 8, &count), OK);
	assert_int_equal(count, 3);
	assert_int_equal(ids[0], 0);
	assert_int_equal(ids[1], 2);
	assert_int_equal(ids[2], 300);
	assert_int_equal(madt_processors(table, sizeof(table), ids, 2, &count), OK);
	assert_int_equal(count, 2);
}

static void expect_malformed(size_t size)
{
	uint32_t ids[8], count = 77;

	assert_int_equal(madt_processors(table, size, ids, 8, &count), ERR_FORMAT);
}

static void test_malformed(void **state)
{
	const uint8_t endless[2] = {0, 0}, beyond[2] = {0, 200};

	(void)state;
	begin();
	expect_malformed(43);
	table[0] = 'X';
	expect_malformed(sizeof(table));
	begin();
	set_length(43);
	expect_malformed(sizeof(table));
	set_length(4097);
	expect_malformed(sizeof(table));
	begin();
	add(endless, 2);
	expect_malformed(sizeof(table));
	begin();
	add(beyond, 2);
	expect_malformed(sizeof(table));
	begin();
	set_length(45); /* half an entry's head */
	expect_malformed(sizeof(table));
}

/* Any bytes: a result or an error, and no access outside (the sanitizer looks). */
static void test_random_bytes(void **state)
{
	(void)state;
	srand(3);
	for (unsigned int round = 0; round < 20000; round++) {
		size_t size = 44 + (size_t)rand() % 100;
		uint8_t *bytes = malloc(size);
		uint32_t ids[4], count;
		enum error error;

		assert_non_null(bytes);
		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)(rand() % 20);
		memcpy(bytes, "APIC", 4);
		memset(bytes + 4, 0, 4);
		bytes[4] = (uint8_t)size;
		error = madt_processors(bytes, size, ids, 4, &count);
		assert_true(error == OK || error == ERR_FORMAT);
		assert_true(count <= 4);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processors),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests_name("madt", tests, NULL, NULL);
}

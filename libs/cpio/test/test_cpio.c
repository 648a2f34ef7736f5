/* SPDX-License-Identifier: MIT */
/* The cpio reader: good archives, and every way of breaking one byte or the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpio/cpio.h"

/* Append one entry; returns the new size. */
static size_t put(uint8_t *to, size_t at, const char *name, unsigned int mode, const char *data)
{
	size_t name_size = strlen(name) + 1, size = strlen(data);

	at += (size_t)sprintf((char *)to + at,
			      "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", 1U,
			      mode, 0U, 0U, 1U, 0U, size, 0U, 0U, 0U, 0U, name_size, 0U);
	memcpy(to + at, name, name_size);
	at = (at + name_size + 3) & ~(size_t)3;
	memcpy(to + at, data, size);
	return (at + size + 3) & ~(size_t)3;
}

static size_t sample(uint8_t *to)
{
	size_t size = put(to, 0, "./bin", 0040755, "");

	size = put(to, size, "bin/init", 0100755, "hello");
	return put(to, size, "TRAILER!!!", 0, "");
}

static void test_good(void **state)
{
	uint8_t archive[1024] = {0};
	size_t size = sample(archive), cursor = 0;
	struct cpio_entry entry;

	(void)state;
	assert_int_equal(cpio_next(archive, size, &cursor, &entry), CPIO_ENTRY);
	assert_string_equal(entry.name, "bin");
	assert_int_equal(entry.mode & CPIO_MODE_TYPE, CPIO_MODE_DIRECTORY);
	assert_int_equal(cpio_next(archive, size, &cursor, &entry), CPIO_ENTRY);
	assert_string_equal(entry.name, "bin/init");
	assert_int_equal(entry.size, 5);
	assert_memory_equal(entry.data, "hello", 5);
	assert_int_equal(cpio_next(archive, size, &cursor, &entry), CPIO_END);
}

/* Every prefix ends in an error, and reads nothing behind its end (ASan watches). */
static void test_truncated(void **state)
{
	uint8_t archive[1024] = {0};
	size_t size = sample(archive);

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *copy = malloc(cut + 1);
		size_t cursor = 0;
		struct cpio_entry entry;
		enum cpio_result result;

		memcpy(copy, archive, cut);
		while ((result = cpio_next(copy, cut, &cursor, &entry)) == CPIO_ENTRY)
			assert_true(entry.data + entry.size <= copy + cut);
		/* The trailer's padding may be missing in the last bytes. */
		assert_true(result == CPIO_TRUNCATED);
		free(copy);
	}
}

static void test_any_byte_changed(void **state)
{
	uint8_t archive[1024] = {0};
	size_t size = sample(archive);

	(void)state;
	for (size_t i = 0; i < size * 256; i++) {
		uint8_t *copy = malloc(size);
		size_t cursor = 0;
		struct cpio_entry entry;
		int entries = 0;

		memcpy(copy, archive, size);
		copy[i / 256] = (uint8_t)i;
		while (cpio_next(copy, size, &cursor, &entry) == CPIO_ENTRY) {
			assert_true(entry.data >= copy && entry.size <= size &&
				    entry.data + entry.size <= copy + size);
			assert_true(strlen(entry.name) <= CPIO_NAME_MAX);
			assert_true(++entries < 4);
		}
		free(copy);
	}
}

static void test_errors(void **state)
{
	uint8_t archive[1024] = {0};
	size_t size = sample(archive), cursor = 0;
	struct cpio_entry entry;

	(void)state;
	archive[0] = 'x';
	assert_int_equal(cpio_next(archive, size, &cursor, &entry), CPIO_BAD_MAGIC);
	archive[0] = '0';
	archive[14] = 'g';
	assert_int_equal(cpio_next(archive, size, &cursor, &entry), CPIO_BAD_NUMBER);
	archive[14] = '0';
	archive[110] = 0;
	assert_int_equal(cpio_next(archive, size, &cursor, &entry), CPIO_BAD_NAME);
	assert_int_equal(cursor, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_any_byte_changed),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

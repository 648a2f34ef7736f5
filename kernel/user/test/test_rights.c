/* SPDX-License-Identifier: MIT */
/* Rights files: what they grant, and that anything unknown refuses the whole file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "kernel/rights.h"

static enum error parse(const char *text, struct rights *out, uint32_t *line)
{
	return rights_parse(text, strlen(text), out, line);
}

static void test_all(void **state)
{
	struct rights rights;
	uint32_t line;

	(void)state;
	assert_int_equal(parse("# comment\n\nopen /dev/a rw # why\n\topen  /tmp/* w\nmemory 1024\n"
			       "handles 5\nthreads 2\nspawn",
			       &rights, &line),
			 OK);
	assert_int_equal(rights.memory_pages, 256);
	assert_int_equal(rights.handles, 5);
	assert_int_equal(rights.threads, 2);
	assert_true(rights.spawn);
	assert_true(rights_allow_open(&rights, "/dev/a", RIGHTS_READ | RIGHTS_WRITE));
	assert_false(rights_allow_open(&rights, "/dev/ab", RIGHTS_READ));
	assert_false(rights_allow_open(&rights, "/dev", RIGHTS_READ));
	assert_true(rights_allow_open(&rights, "/tmp/x/y", RIGHTS_WRITE));
	assert_false(rights_allow_open(&rights, "/tmp/x", RIGHTS_READ));
	assert_false(rights_allow_open(&rights, "/tmp", RIGHTS_WRITE));
}

static void test_defaults(void **state)
{
	struct rights rights;
	uint32_t line;

	(void)state;
	assert_int_equal(parse("", &rights, &line), OK);
	assert_int_equal(rights.count, 0);
	assert_int_equal(rights.handles, RIGHTS_DEFAULT_HANDLES);
	assert_false(rights.spawn);
	assert_false(rights_allow_open(&rights, "/dev/log", RIGHTS_WRITE));
}

static void test_refused(void **state)
{
	static const char *const bad[] = {"opem /dev/a r", "open /dev/a",        "open dev/a r",
					  "open /dev/a x", "open /dev/a r r",    "memory",
					  "memory 1",      "memory 99999999999", "memory -5",
					  "handles 2",     "handles 9999",       "threads 0",
					  "spawn yes",     "memory 1024 1024",   "open /dev/a rwx"};
	struct rights rights;
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		uint32_t line;

		strcpy(text, "spawn\n");
		strcat(text, bad[i]);
		assert_int_equal(parse(text, &rights, &line), ERR_FORMAT);
		assert_int_equal(line, 2);
		assert_false(rights.spawn);
	}
}

static void test_too_many(void **state)
{
	char text[64 * (RIGHTS_OPEN_MAX + 1)] = "";
	struct rights rights;
	uint32_t line;

	(void)state;
	for (int i = 0; i < RIGHTS_OPEN_MAX; i++)
		strcat(text, "open /dev/x r\n");
	assert_int_equal(parse(text, &rights, &line), OK);
	strcat(text, "open /dev/x r\n");
	assert_int_equal(parse(text, &rights, &line), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/clock.h"
#include "kernel/log.h"

#define LINES 128 /* of the ring */

static uint64_t now_ns = 1000000000;
static char printed[8192];
static size_t printed_size;
static unsigned int nested; /* log from inside the sink this many times */

uint64_t clock_ns(void)
{
	return now_ns;
}

static void sink(const char *text, size_t size)
{
	if (printed_size + size < sizeof(printed)) {
		memcpy(printed + printed_size, text, size);
		printed_size += size;
		printed[printed_size] = '\0';
	}
	if (nested > 0) {
		nested--;
		log_info("nested");
	}
}

static int start(void **state)
{
	(void)state;
	now_ns += 10000000000;
	log_set_level(LOG_INFO);
	log_set_sink(sink);
	log_info("begin"); /* whatever is left from before goes out here */
	printed_size = 0;
	printed[0] = '\0';
	return 0;
}

static void test_line(void **state)
{
	(void)state;
	now_ns = 12000345678;
	log_warn("number %d", 5);
	assert_string_equal(printed, "[   12.000345] copra warn: number 5\n");
}

static void test_level(void **state)
{
	(void)state;
	log_debug("no");
	assert_string_equal(printed, "");
	log_set_level(LOG_DEBUG);
	log_debug("yes");
	assert_non_null(strstr(printed, "debug: yes\n"));
}

static void test_long_line_is_cut(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	assert_int_equal(printed[printed_size - 1], '\n');
	assert_true(printed_size >= LOG_LINE_MAX && printed_size < LOG_LINE_MAX + 60);
}

static void test_text_as_it_is(void **state)
{
	char text[500];

	(void)state;
	log_text("ok 1\n", 5);
	assert_string_equal(printed, "ok 1\n");
	memset(text, 'y', sizeof(text));
	printed_size = 0;
	log_text(text, sizeof(text));
	assert_true(printed_size < 300);
}

static void test_rate_limit(void **state)
{
	struct log_limit limit = LOG_LIMIT(3);
	unsigned int lines = 0;

	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		log_limited(&limit, LOG_WARN, "storm");
	for (const char *at = printed; (at = strstr(at, "storm\n")) != NULL; at++)
		lines++;
	assert_int_equal(lines, 3);
	now_ns += 2000000000;
	log_limited(&limit, LOG_WARN, "storm");
	assert_non_null(strstr(printed, "7 lines like the next were left out\n"));
}

/* A line written while the sink prints (by an interrupt, say) comes out after it, once. */
static void test_sink_is_not_entered_twice(void **state)
{
	(void)state;
	nested = 1;
	log_info("outer");
	assert_non_null(strstr(printed, "outer\n"));
	assert_non_null(strstr(strstr(printed, "outer\n"), "nested\n"));
}

static void test_read_from_ring(void **state)
{
	char buffer[LINES * 300];
	uint64_t cursor = 0;
	size_t size;

	(void)state;
	log_set_sink(NULL);
	for (unsigned int i = 0; i < LINES + 50; i++)
		log_info("line %u.", i);
	size = log_read(&cursor, buffer, sizeof(buffer));
	buffer[size] = '\0';
	assert_null(strstr(buffer, "line 49."));
	assert_non_null(strstr(buffer, "line 50."));
	assert_non_null(strstr(buffer, "line 177."));
	assert_int_equal(log_read(&cursor, buffer, sizeof(buffer)), 0);
	log_info("one more");
	assert_int_equal(log_read(&cursor, buffer, 10), 0); /* whole lines only */
	assert_true(log_read(&cursor, buffer, sizeof(buffer)) > 10);
}

/* Last: there is no way back from it. */
static void test_panic_prints_at_once(void **state)
{
	(void)state;
	log_enter_panic();
	nested = 1;
	log_error("outer");
	assert_non_null(strstr(printed, "nested\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_line, start),
		cmocka_unit_test_setup(test_level, start),
		cmocka_unit_test_setup(test_long_line_is_cut, start),
		cmocka_unit_test_setup(test_text_as_it_is, start),
		cmocka_unit_test_setup(test_rate_limit, start),
		cmocka_unit_test_setup(test_sink_is_not_entered_twice, start),
		cmocka_unit_test_setup(test_read_from_ring, start),
		cmocka_unit_test_setup(test_panic_prints_at_once, start),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

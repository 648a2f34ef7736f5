/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/fmt.h"

#define SAME_AS_LIBC(...)                                                     \
	do {                                                                  \
		char ours[128], theirs[128];                                  \
		size_t length = fmt_format(ours, sizeof(ours), __VA_ARGS__);  \
		int expected = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
		assert_string_equal(ours, theirs);                            \
		assert_int_equal(length, expected);                           \
	} while (0)

static void test_like_libc(void **state)
{
	(void)state;
	SAME_AS_LIBC("plain");
	SAME_AS_LIBC("%s|%8s|%-8s|%.2s", "abc", "abc", "abc", "abc");
	SAME_AS_LIBC("%.*s|%.*s", 2, "abc", -1, "abc");
	SAME_AS_LIBC("%d %i %u", -5, 7, 4000000000u);
	SAME_AS_LIBC("%d %ld", INT32_MIN, INT64_MIN);
	SAME_AS_LIBC("%x %X %08x %4x|%-6x|", 0xbeefu, 0xbeefu, 0xbeefu, 0xau, 0xau);
	SAME_AS_LIBC("%lx %llx %zu", UINT64_MAX, 0x123456789abcdefull, (size_t)42);
	SAME_AS_LIBC("%05d|%-5d|%5d", -42, -42, -42);
	SAME_AS_LIBC("%hhu %hu", (unsigned char)200, (unsigned short)60000);
	SAME_AS_LIBC("%c%c%%", 'o', 'k');
	SAME_AS_LIBC("%p", (void *)0x1234);
}

static void test_cut(void **state)
{
	char buffer[6];

	(void)state;
	assert_int_equal(fmt_format(buffer, sizeof(buffer), "%s", "longer text"), 5);
	assert_string_equal(buffer, "longe");
	buffer[0] = 'x';
	assert_int_equal(fmt_format(buffer, 0, "%d", 1), 0);
	assert_int_equal(buffer[0], 'x');
	assert_int_equal(fmt_format(buffer, 1, "%d", 1), 0);
	assert_int_equal(buffer[0], '\0');
}

/* The compiler would refuse the format of a call to fmt_format(). */
static void format_unchecked(char *out, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fmt_vformat(out, size, format, args);
	va_end(args);
}

static void test_odd_formats(void **state)
{
	char buffer[32];
	const char *const unknown = "%q %";

	(void)state;
	format_unchecked(buffer, sizeof(buffer), unknown);
	assert_string_equal(buffer, "%q %");
	format_unchecked(buffer, sizeof(buffer), "%s", NULL);
	assert_string_equal(buffer, "(null)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_like_libc),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_odd_formats),
	};

	return cmocka_run_group_tests_name("fmt", tests, NULL, NULL);
}

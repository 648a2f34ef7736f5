/* SPDX-License-Identifier: MIT */
/* TAP output, the end. */
#include <stdarg.h>

#include "huskabi/huskabi.h"
#include "internal.h"

#define COM1 0x3f8

static unsigned tests, failures;

static void put_char(char c)
{
	if (c == '\n')
		io_out8(COM1, '\r');
	io_out8(COM1, (uint8_t)c);
}

static void put_number(uint64_t value, unsigned base)
{
	char digits[24];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put_char(digits[--n]);
}

/* %s, %u (unsigned), %lx (uint64_t). */
static void put_format(const char *format, va_list args)
{
	for (; *format; format++) {
		if (*format != '%') {
			put_char(*format);
			continue;
		}
		format++;
		if (*format == 's') {
			for (const char *s = va_arg(args, const char *); *s; s++)
				put_char(*s);
		} else if (*format == 'u') {
			put_number(va_arg(args, unsigned), 10);
		} else if (*format == 'l') {
			format++;
			put_number(va_arg(args, uint64_t), 16);
		}
	}
	put_char('\n');
}

static void PRINTF(1, 2) print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_format(format, args);
	va_end(args);
}

void check(bool ok, const char *format, ...)
{
	const char *word = ok ? "ok " : "not ok ";
	va_list args;

	tests++;
	if (!ok)
		failures++;
	while (*word)
		put_char(*word++);
	put_number(tests, 10);
	put_char(' ');
	va_start(args, format);
	put_format(format, args);
	va_end(args);
}

void check_equal(uint64_t got, uint64_t expected, const char *what)
{
	check(got == expected, "%s", what);
	if (got != expected)
		print("# got 0x%lx, expected 0x%lx", got, expected);
}

void note(const char *format, ...)
{
	va_list args;

	put_char('#');
	put_char(' ');
	va_start(args, format);
	put_format(format, args);
	va_end(args);
}

void NORETURN micro_end(void)
{
	print("1..%u", tests);
	io_out8(HUSK_EXIT_PORT, failures ? HUSK_EXIT_TESTS_FAILED : HUSK_EXIT_TESTS_PASSED);
	for (;;)
		__asm__ volatile("hlt");
}

void NORETURN trap_fatal(const struct trap *trap)
{
	print("Bail out! exception %u error 0x%lx at 0x%lx cr2 0x%lx", (unsigned)trap->vector,
	      trap->error, trap->rip, trap->cr2);
	failures++;
	micro_end();
}

/* SPDX-License-Identifier: MIT */
/* Husk's own lines: a serial port (shared with the guest) or another port such as debugcon. */
#include <stdarg.h>

#include "arch/insn.h"
#include "boot/console.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"

enum log_level log_limit = LOG_INFO;

#define COM1              0x3f8
#define COM2              0x2f8
#define LINE_STATUS       5
#define LINE_STATUS_EMPTY 0x20

static uint16_t console_port = COM1;

struct line {
	char text[240];
	size_t length;
};

static bool console_is_uart(void)
{
	return console_port == COM1 || console_port == COM2;
}

void console_set_port(uint16_t port)
{
	console_port = port;
	if (!console_is_uart())
		return;
	out8((uint16_t)(port + 1), 0);
	out8((uint16_t)(port + 3), 3);
}

static void put(char c)
{
	/* A UART that isn't there reads as all ones: never empty would hang, so it counts as empty.
	 */
	while (console_is_uart() &&
	       !(in8((uint16_t)(console_port + LINE_STATUS)) & LINE_STATUS_EMPTY))
		cpu_pause();
	out8(console_port, (uint8_t)c);
}

static void line_put(struct line *line, char c)
{
	if (line->length < sizeof(line->text))
		line->text[line->length++] = c;
}

static void line_number(struct line *line, uint64_t value, unsigned base, unsigned width, char pad)
{
	char digits[24];
	unsigned count = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	for (unsigned i = count; i < width; i++)
		line_put(line, pad);
	while (count)
		line_put(line, digits[--count]);
}

static void line_string(struct line *line, const char *text)
{
	while (*text)
		line_put(line, *text++);
}

struct directive {
	char pad;
	unsigned width;
	unsigned longs;
};

static const char *parse_directive(const char *f, struct directive *d)
{
	*d = (struct directive){.pad = ' '};
	if (*f == '0')
		d->pad = '0';
	while (*f >= '0' && *f <= '9')
		d->width = d->width * 10 + (unsigned)(*f++ - '0');
	while (*f == 'l' || *f == 'z') {
		d->longs++;
		f++;
	}
	return f;
}

static void line_signed(struct line *line, int64_t value, const struct directive *d)
{
	if (value < 0)
		line_put(line, '-');
	line_number(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, d->width, d->pad);
}

/* One conversion; `args` moves on. */
static void line_convert(struct line *line, char c, const struct directive *d, va_list *args)
{
	switch (c) {
	case 's':
		line_string(line, va_arg(*args, const char *));
		break;
	case 'c':
		line_put(line, (char)va_arg(*args, int));
		break;
	case 'p':
		line_number(line, (uint64_t)va_arg(*args, void *), 16, 0, ' ');
		break;
	case 'd':
		line_signed(line, d->longs ? va_arg(*args, int64_t) : va_arg(*args, int), d);
		break;
	case 'x':
	case 'u':
		line_number(line, d->longs ? va_arg(*args, uint64_t) : va_arg(*args, unsigned),
			    c == 'x' ? 16 : 10, d->width, d->pad);
		break;
	default:
		line_put(line, c);
	}
}

static void line_format(struct line *line, const char *f, va_list *args)
{
	struct directive d;

	for (; *f; f++) {
		if (*f != '%') {
			line_put(line, *f);
			continue;
		}
		f = parse_directive(f + 1, &d);
		if (!*f)
			return;
		line_convert(line, *f, &d, args);
	}
}

static void line_print(const struct line *line)
{
	for (const char *prefix = "husk: "; *prefix; prefix++)
		put(*prefix);
	for (size_t i = 0; i < line->length; i++)
		put(line->text[i]);
	if (console_is_uart())
		put('\r');
	put('\n');
}

void husk_log(enum log_level level, const char *format, ...)
{
	struct line line = {.length = 0};
	va_list args;

	if (level > log_limit)
		return;
	va_start(args, format);
	line_format(&line, format, &args);
	va_end(args);
	line_print(&line);
}

void machine_end(uint32_t exit_value, const char *format, ...)
{
	struct line line = {.length = 0};
	va_list args;

	va_start(args, format);
	line_format(&line, format, &args);
	va_end(args);
	line_print(&line);
	machine_report_statistics();
	out32(HUSK_EXIT_PORT, exit_value);
	/* No isa-debug-exit device: power off is the next best end. */
	for (;;)
		cpu_halt();
}

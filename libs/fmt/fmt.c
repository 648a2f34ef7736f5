/* SPDX-License-Identifier: MIT */
#include "fmt/fmt.h"

struct output {
	char *at;
	char *end; /* where the NUL must go at the latest */
};

struct directive {
	bool zero;
	bool left;
	size_t width;
	size_t precision;
	unsigned int longs; /* 0 int, 1 long and everything of its size */
};

static void put(struct output *out, char c)
{
	if (out->at < out->end)
		*out->at++ = c;
}

static void put_padding(struct output *out, char c, size_t width, size_t used)
{
	for (; used < width; used++)
		put(out, c);
}

static void put_string(struct output *out, const struct directive *d, const char *text)
{
	size_t length = 0;

	if (text == NULL)
		text = "(null)";
	while (length < d->precision && text[length] != '\0')
		length++;
	if (!d->left)
		put_padding(out, ' ', d->width, length);
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
	if (d->left)
		put_padding(out, ' ', d->width, length);
}

static size_t digits_of(char *buffer, uint64_t value, unsigned int base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t count = 0;

	do {
		buffer[count++] = digits[value % base];
		value /= base;
	} while (value != 0);
	return count;
}

static void put_number(struct output *out, const struct directive *d, const char *prefix,
		       char *reversed, size_t count)
{
	size_t used = count;

	for (const char *p = prefix; *p != '\0'; p++)
		used++;
	if (!d->left && !d->zero)
		put_padding(out, ' ', d->width, used);
	for (; *prefix != '\0'; prefix++)
		put(out, *prefix);
	if (!d->left && d->zero)
		put_padding(out, '0', d->width, used);
	while (count > 0)
		put(out, reversed[--count]);
	if (d->left)
		put_padding(out, ' ', d->width, used);
}

static size_t parse_number(const char **format)
{
	size_t value = 0;

	for (; **format >= '0' && **format <= '9'; (*format)++)
		if (value < 10000)
			value = value * 10 + (size_t)(**format - '0');
	return value;
}

static const char *parse_lengths(const char *format, struct directive *d)
{
	for (;; format++) {
		switch (*format) {
		case 'l':
		case 'z':
		case 'j':
		case 't':
			d->longs = 1;
			break;
		case 'h': /* promoted to int anyway */
			break;
		default:
			return format;
		}
	}
}

static const char *parse_directive(const char *format, struct directive *d, va_list *args)
{
	*d = (struct directive){.precision = SIZE_MAX};
	for (; *format == '0' || *format == '-'; format++) {
		if (*format == '0')
			d->zero = true;
		else
			d->left = true;
	}
	d->width = parse_number(&format);
	if (*format == '.') {
		format++;
		if (*format == '*') {
			int precision = va_arg(*args, int);

			d->precision = precision < 0 ? SIZE_MAX : (size_t)precision;
			format++;
		} else {
			d->precision = parse_number(&format);
		}
	}
	return parse_lengths(format, d);
}

static void put_signed(struct output *out, const struct directive *d, va_list *args)
{
	char digits[24];
	int64_t value = d->longs ? va_arg(*args, long) : va_arg(*args, int);
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t count = digits_of(digits, magnitude, 10, false);

	put_number(out, d, value < 0 ? "-" : "", digits, count);
}

static void put_unsigned(struct output *out, const struct directive *d, char kind, va_list *args)
{
	char digits[24];
	uint64_t value = d->longs ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int);
	size_t count = digits_of(digits, value, kind == 'u' ? 10 : 16, kind == 'X');

	put_number(out, d, "", digits, count);
}

static void put_pointer(struct output *out, const struct directive *d, va_list *args)
{
	char digits[24];
	uint64_t value = (uint64_t)(uintptr_t)va_arg(*args, void *);

	put_number(out, d, "0x", digits, digits_of(digits, value, 16, false));
}

/* One conversion; false when it is none that we know. */
static bool convert(struct output *out, const struct directive *d, char kind, va_list *args)
{
	switch (kind) {
	case 's':
		put_string(out, d, va_arg(*args, const char *));
		return true;
	case 'c':
		put(out, (char)va_arg(*args, int));
		return true;
	case 'd':
	case 'i':
		put_signed(out, d, args);
		return true;
	case 'u':
	case 'x':
	case 'X':
		put_unsigned(out, d, kind, args);
		return true;
	case 'p':
		put_pointer(out, d, args);
		return true;
	case '%':
		put(out, '%');
		return true;
	default:
		return false;
	}
}

size_t fmt_vformat(char *buffer, size_t size, const char *format, va_list args)
{
	struct output out = {buffer, size > 0 ? buffer + size - 1 : buffer};
	va_list copy;

	va_copy(copy, args);
	while (*format != '\0') {
		struct directive directive;
		const char *end;

		if (*format != '%') {
			put(&out, *format++);
			continue;
		}
		end = parse_directive(format + 1, &directive, &copy);
		if (*end == '\0' || !convert(&out, &directive, *end, &copy)) {
			put(&out, *format++);
			continue;
		}
		format = end + 1;
	}
	va_end(copy);
	if (size > 0)
		*out.at = '\0';
	return (size_t)(out.at - buffer);
}

size_t fmt_format(char *buffer, size_t size, const char *format, ...)
{
	va_list args;
	size_t length;

	va_start(args, format);
	length = fmt_vformat(buffer, size, format, args);
	va_end(args);
	return length;
}

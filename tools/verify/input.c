/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

#define FILE_MAX (64UL << 20)

void complain(const char *format, ...)
{
	va_list arguments;

	fputs("copra-verify: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

/* The buffer is freed with the verification. */
static bool keep(struct verification *verification, uint8_t *buffer)
{
	if (buffer == NULL || verification->buffer_count == VERIFY_MAX_FILES) {
		complain("no memory, or too many files");
		free(buffer);
		return false;
	}
	verification->buffers[verification->buffer_count++] = buffer;
	return true;
}

static int digit(int c)
{
	if (isdigit(c))
		return c - '0';
	return isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* Decodes in place; false, and nothing changed, when there is anything else than digits and blanks.
 */
static bool decode_hex(uint8_t *text, size_t size, size_t *decoded)
{
	size_t digits = 0;

	for (size_t i = 0; i < size; i++) {
		if (digit(text[i]) >= 0)
			digits++;
		else if (!isspace(text[i]))
			return false;
	}
	if (digits == 0 || digits % 2 != 0)
		return false;
	digits = 0;
	for (size_t i = 0; i < size; i++) {
		int value = digit(text[i]);

		if (value < 0)
			continue;
		if (digits % 2 == 0)
			text[digits / 2] = (uint8_t)(value << 4);
		else
			text[digits / 2] = (uint8_t)(text[digits / 2] | value);
		digits++;
	}
	*decoded = digits / 2;
	return true;
}

static uint8_t *read_stream(FILE *stream, size_t *size)
{
	size_t capacity = 1 << 16;
	uint8_t *buffer = NULL;

	*size = 0;
	while (capacity <= FILE_MAX) {
		uint8_t *grown = realloc(buffer, capacity);

		if (grown == NULL)
			break;
		buffer = grown;
		*size += fread(buffer + *size, 1, capacity - *size, stream);
		if (*size < capacity)
			return buffer;
		capacity *= 2;
	}
	free(buffer);
	return NULL;
}

bool input_file(struct verification *verification, const char *path, bool hex, struct bytes *bytes)
{
	FILE *stream = fopen(path, "rb");
	uint8_t *buffer;
	size_t size;
	bool failed;

	if (stream == NULL) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	buffer = read_stream(stream, &size);
	failed = ferror(stream) != 0;
	fclose(stream);
	if (buffer == NULL || failed || size == 0) {
		complain("%s: empty, larger than 64 MiB or not readable", path);
		free(buffer);
		return false;
	}
	if (hex)
		(void)!decode_hex(buffer, size, &size);
	*bytes = (struct bytes){buffer, size};
	return keep(verification, buffer);
}

bool input_hex(struct verification *verification, const char *text, struct bytes *bytes)
{
	uint8_t *buffer = (uint8_t *)strdup(text);
	size_t size = strlen(text);

	if (buffer != NULL && !decode_hex(buffer, size, &size)) {
		complain("'%s' is not hexadecimal", text);
		free(buffer);
		return false;
	}
	*bytes = (struct bytes){buffer, size};
	return keep(verification, buffer);
}

void verification_free(struct verification *verification)
{
	for (size_t i = 0; i < verification->buffer_count; i++)
		free(verification->buffers[i]);
	verification->buffer_count = 0;
}

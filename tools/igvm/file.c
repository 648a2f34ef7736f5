/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/types.h"
#include "tool.h"

#define FILE_MAX (1UL << 30)

void complain(const char *format, ...)
{
	va_list arguments;

	fputs("igvm: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

/* One byte more than the file is asked for, so that its growth would be seen. */
static enum tool_status read_all(struct file *file, FILE *stream)
{
	size_t capacity = 1 << 16;

	for (;;) {
		uint8_t *grown = realloc(file->bytes, capacity);

		if (grown == NULL) {
			complain("%s: no memory", file->path);
			return TOOL_IO;
		}
		file->bytes = grown;
		file->size += fread(file->bytes + file->size, 1, capacity - file->size, stream);
		if (ferror(stream)) {
			complain("%s: %s", file->path, strerror(errno));
			return TOOL_IO;
		}
		if (file->size < capacity)
			return TOOL_OK;
		if (capacity >= FILE_MAX) {
			complain("%s: larger than 1 GiB", file->path);
			return TOOL_INPUT;
		}
		capacity *= 2;
	}
}

enum tool_status file_read(struct file *file, const char *path)
{
	enum tool_status status;
	FILE *stream = fopen(path, "rb");

	*file = (struct file){.path = path};
	if (stream == NULL) {
		complain("%s: %s", path, strerror(errno));
		return TOOL_IO;
	}
	status = read_all(file, stream);
	fclose(stream);
	if (status != TOOL_OK)
		file_free(file);
	return status;
}

static bool write_stream(const char *path, const void *bytes, size_t size)
{
	FILE *stream = fopen(path, "wb");
	bool ok;

	if (stream == NULL)
		return false;
	ok = fwrite(bytes, 1, size, stream) == size;
	return fclose(stream) == 0 && ok;
}

enum tool_status file_write(const char *path, const void *bytes, size_t size)
{
	char *temporary = NULL;
	enum tool_status status = TOOL_OK;

	if (asprintf(&temporary, "%s.%ld.tmp", path, (long)getpid()) < 0) {
		complain("no memory");
		return TOOL_IO;
	}
	if (!write_stream(temporary, bytes, size) || rename(temporary, path) != 0) {
		complain("%s: %s", path, strerror(errno));
		unlink(temporary);
		status = TOOL_IO;
	}
	free(temporary);
	return status;
}

void file_free(struct file *file)
{
	free(file->bytes);
	file->bytes = NULL;
	file->size = 0;
}

enum tool_status igvm_load(struct file *file, struct igvm_file *igvm, const char *path)
{
	enum tool_status status = file_read(file, path);
	struct igvm_status result;

	if (status != TOOL_OK)
		return status;
	result = igvm_open(igvm, file->bytes, file->size);
	if (result.error == IGVM_OK)
		return TOOL_OK;
	if (result.header == IGVM_NO_HEADER)
		complain("%s: %s (fixed header, offset 0x%llx)", path,
			 igvm_error_text(result.error), (unsigned long long)result.offset);
	else
		complain("%s: %s (header %u, offset 0x%llx)", path, igvm_error_text(result.error),
			 result.header, (unsigned long long)result.offset);
	file_free(file);
	return TOOL_INPUT;
}

bool parse_number(const char *text, uint64_t *value)
{
	static const char suffixes[] = "KMG";
	unsigned int shift = 0;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*value = strtoull(text, &end, 0);
	if (errno != 0)
		return false;
	if (*end != '\0') {
		const char *suffix = strchr(suffixes, *end);

		if (suffix == NULL || end[1] != '\0')
			return false;
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
	}
	if (*value > (UINT64_MAX >> shift))
		return false;
	*value <<= shift;
	return true;
}

void hex_text(const uint8_t *bytes, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

// SPDX-License-Identifier: MIT
/* cpio newc: cpio(5), "New ASCII Format". */
#include "cpio/cpio.h"

#define HEADER_SIZE 110
#define FIELD_SIZE  8

/* Offsets of the fields that we use. */
#define FIELD_MODE      14
#define FIELD_FILE_SIZE 54
#define FIELD_NAME_SIZE 94

static bool parse_field(const uint8_t *text, uint32_t *out)
{
	uint32_t value = 0;

	for (size_t i = 0; i < FIELD_SIZE; i++) {
		uint8_t c = text[i];
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)c - '0';
		else if (c >= 'a' && c <= 'f')
			digit = (uint32_t)c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (uint32_t)c - 'A' + 10;
		else
			return false;
		value = value << 4 | digit;
	}
	*out = value;
	return true;
}

static bool equal(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/* Length up to the first NUL, or `size` when there is none. */
static size_t length(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && text[i] != 0)
		i++;
	return i;
}

static const char *strip_root(const char *name)
{
	for (;;) {
		if (name[0] == '/')
			name++;
		else if (name[0] == '.' && name[1] == '/')
			name += 2;
		else
			return name;
	}
}

/* Name and data behind a header whose fields are known. `left` bytes start at the header. */
static enum cpio_result parse_body(const uint8_t *header, size_t left, uint32_t name_size,
				   struct cpio_entry *entry)
{
	uint64_t data = ALIGN_UP((uint64_t)HEADER_SIZE + name_size, 4);
	const char *name = (const char *)header + HEADER_SIZE;
	size_t name_length;

	if (data > left)
		return CPIO_TRUNCATED;
	name_length = length(name, name_size);
	if (name_length == 0 || name_length == name_size || name_length > CPIO_NAME_MAX)
		return CPIO_BAD_NAME;
	entry->name = strip_root(name);
	if (name_length == 10 && equal(name, "TRAILER!!!", 10))
		return CPIO_END;
	if (entry->size > left - data)
		return CPIO_TRUNCATED;
	entry->data = header + data;
	return CPIO_ENTRY;
}

static enum cpio_result parse(const uint8_t *header, size_t left, struct cpio_entry *entry)
{
	uint32_t name_size, file_size;

	if (left < HEADER_SIZE)
		return CPIO_TRUNCATED;
	if (!equal((const char *)header, "070701", 6))
		return CPIO_BAD_MAGIC;
	if (!parse_field(header + FIELD_MODE, &entry->mode) ||
	    !parse_field(header + FIELD_FILE_SIZE, &file_size) ||
	    !parse_field(header + FIELD_NAME_SIZE, &name_size))
		return CPIO_BAD_NUMBER;
	entry->size = file_size;
	return parse_body(header, left, name_size, entry);
}

enum cpio_result cpio_next(const uint8_t *archive, size_t size, size_t *cursor,
			   struct cpio_entry *entry)
{
	enum cpio_result result;
	size_t end;

	*entry = (struct cpio_entry){.offset = *cursor};
	if (*cursor > size)
		return CPIO_TRUNCATED;
	result = parse(archive + *cursor, size - *cursor, entry);
	if (result != CPIO_ENTRY) {
		*entry = (struct cpio_entry){.offset = *cursor};
		return result;
	}
	end = (size_t)(entry->data - archive) + ALIGN_UP(entry->size, (size_t)4);
	*cursor = end < size ? end : size;
	return CPIO_ENTRY;
}

const char *cpio_result_text(enum cpio_result result)
{
	static const char *const texts[] = {
		[CPIO_ENTRY] = "an entry",        [CPIO_END] = "the end",
		[CPIO_TRUNCATED] = "truncated",   [CPIO_BAD_MAGIC] = "bad magic",
		[CPIO_BAD_NUMBER] = "bad number", [CPIO_BAD_NAME] = "bad name",
	};

	return (size_t)result < ARRAY_SIZE(texts) ? texts[result] : "?";
}

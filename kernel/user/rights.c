// SPDX-License-Identifier: MIT
/* Rights files: parsed as a whole or refused. */
#include "kernel/rights.h"

#include "kernel/file.h"
#include "kernel/string.h"

/* What is left of a line. */
struct cursor {
	const char *at;
	const char *end;
};

struct word {
	const char *text;
	size_t size;
};

static struct word next_word(struct cursor *cursor)
{
	struct word word;

	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t'))
		cursor->at++;
	word.text = cursor->at;
	while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '\t')
		cursor->at++;
	word.size = (size_t)(cursor->at - word.text);
	return word;
}

static bool word_is(struct word word, const char *text)
{
	return word.size == strlen(text) && memcmp(word.text, text, word.size) == 0;
}

static enum error parse_number(struct word word, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (word.size == 0 || word.size > 9)
		return ERR_FORMAT;
	for (size_t i = 0; i < word.size; i++) {
		if (word.text[i] < '0' || word.text[i] > '9')
			return ERR_FORMAT;
		value = value * 10 + (uint64_t)(word.text[i] - '0');
	}
	if (value < min || value > max)
		return ERR_FORMAT;
	*out = value;
	return OK;
}

static enum error parse_open(struct cursor *cursor, struct rights *out)
{
	struct word path = next_word(cursor), access = next_word(cursor);
	uint32_t bits;

	if (out->count == RIGHTS_OPEN_MAX || path.size == 0 || path.size >= RIGHTS_PATH_MAX ||
	    path.text[0] != '/')
		return ERR_FORMAT;
	if (word_is(access, "r"))
		bits = RIGHTS_READ;
	else if (word_is(access, "w"))
		bits = RIGHTS_WRITE;
	else if (word_is(access, "rw"))
		bits = RIGHTS_READ | RIGHTS_WRITE;
	else
		return ERR_FORMAT;
	memcpy(out->open[out->count].path, path.text, path.size);
	out->open[out->count].path[path.size] = 0;
	out->open[out->count].access = bits;
	out->count++;
	return OK;
}

static enum error parse_line(struct cursor *cursor, struct rights *out)
{
	struct word key = next_word(cursor);
	uint64_t value = 0;
	enum error error = ERR_FORMAT;

	if (key.size == 0)
		return OK;
	if (word_is(key, "open"))
		error = parse_open(cursor, out);
	else if (word_is(key, "memory"))
		error = parse_number(next_word(cursor), 64, 1U << 24, &value);
	else if (word_is(key, "handles"))
		error = parse_number(next_word(cursor), 3, FILES_MAX, &value);
	else if (word_is(key, "threads"))
		error = parse_number(next_word(cursor), 1, 256, &value);
	else if (word_is(key, "spawn"))
		error = OK;
	if (error != OK || next_word(cursor).size != 0)
		return ERR_FORMAT;
	if (word_is(key, "memory"))
		out->memory_pages = value / (PAGE_SIZE / 1024);
	else if (word_is(key, "handles"))
		out->handles = (uint32_t)value;
	else if (word_is(key, "threads"))
		out->threads = (uint32_t)value;
	else if (word_is(key, "spawn"))
		out->spawn = true;
	return OK;
}

void rights_default(struct rights *out)
{
	memset(out, 0, sizeof(*out));
	out->memory_pages = RIGHTS_DEFAULT_MEMORY_KIB / (PAGE_SIZE / 1024);
	out->handles = RIGHTS_DEFAULT_HANDLES;
	out->threads = RIGHTS_DEFAULT_THREADS;
}

enum error rights_parse(const char *text, size_t size, struct rights *out, uint32_t *line)
{
	const char *end = text + size;

	rights_default(out);
	for (*line = 1; text < end; (*line)++) {
		struct cursor cursor = {.at = text, .end = text};
		const char *stop;

		while (cursor.end < end && *cursor.end != '\n')
			cursor.end++;
		stop = cursor.end;
		for (const char *at = text; at < stop; at++) {
			if (*at == '#') {
				cursor.end = at;
				break;
			}
		}
		if (parse_line(&cursor, out) != OK) {
			memset(out, 0, sizeof(*out));
			return ERR_FORMAT;
		}
		text = stop < end ? stop + 1 : end;
	}
	return OK;
}

static bool path_matches(const char *pattern, const char *path)
{
	size_t size = strlen(pattern);

	if (size != 0 && pattern[size - 1] == '*')
		return strncmp(pattern, path, size - 1) == 0;
	return strcmp(pattern, path) == 0;
}

bool rights_allow_open(const struct rights *rights, const char *path, uint32_t access)
{
	for (uint32_t i = 0; i < rights->count; i++)
		if (path_matches(rights->open[i].path, path) &&
		    (access & ~rights->open[i].access) == 0)
			return true;
	return false;
}

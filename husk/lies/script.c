/* SPDX-License-Identifier: MIT */
/* The script's grammar: NAME@N or NAME@N=VALUE, joined by '+'. */
#include <string.h>

#include "husk/lies.h"

static const struct {
	const char *name;
	bool has_value;
} kinds[LIE_KINDS] = {
	[LIE_TAKE] = {"take", true},      [LIE_MSR] = {"msr", true},
	[LIE_INFO1] = {"info1", true},    [LIE_INFO2] = {"info2", true},
	[LIE_RAX] = {"rax", true},        [LIE_VALID] = {"valid", false},
	[LIE_SILENT] = {"silent", false}, [LIE_PSC] = {"psc", false},
	[LIE_CPUID] = {"cpuid", true},
};

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 16;
}

static bool parse_number(const char **at, uint64_t *value)
{
	unsigned base = 10;
	const char *start;

	if ((*at)[0] == '0' && (*at)[1] == 'x') {
		base = 16;
		*at += 2;
	}
	*value = 0;
	for (start = *at; digit_of(**at) < (int)base; (*at)++) {
		if (__builtin_mul_overflow(*value, (uint64_t)base, value) ||
		    __builtin_add_overflow(*value, (uint64_t)digit_of(**at), value))
			return false;
	}
	return *at != start;
}

static bool parse_kind(const char **at, enum lie_kind *kind)
{
	for (unsigned i = 0; i < LIE_KINDS; i++) {
		size_t length = strlen(kinds[i].name);

		if (strncmp(*at, kinds[i].name, length) == 0 && (*at)[length] == '@') {
			*at += length + 1;
			*kind = (enum lie_kind)i;
			return true;
		}
	}
	return false;
}

static bool parse_word(const char **at, struct lie *word)
{
	word->value = 0;
	if (!parse_kind(at, &word->kind) || !parse_number(at, &word->when))
		return false;
	if (!kinds[word->kind].has_value)
		return true;
	if (**at != '=')
		return false;
	(*at)++;
	return parse_number(at, &word->value);
}

int lies_parse(const char *script, struct lie *words, unsigned max)
{
	unsigned count = 0;

	if (*script == '\0')
		return 0;
	for (;;) {
		if (count == max || !parse_word(&script, &words[count]))
			return -1;
		count++;
		if (*script == '\0')
			return (int)count;
		if (*script++ != '+')
			return -1;
	}
}

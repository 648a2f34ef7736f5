/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attest/verdict.h"

static void copy_text(char *to, const char *from)
{
	snprintf(to, VERDICT_TEXT, "%s", from);
}

void verdict_add(struct verdict *verdict, const char *name, enum check_result result,
		 const char *expected, const char *found)
{
	struct check *check;

	if (verdict->count == VERDICT_MAX_CHECKS) {
		verdict->checks[VERDICT_MAX_CHECKS - 1].result = CHECK_FAIL;
		return;
	}
	check = &verdict->checks[verdict->count++];
	check->name = name;
	check->result = result;
	copy_text(check->expected, expected);
	copy_text(check->found, found);
}

void verdict_test(struct verdict *verdict, const char *name, bool ok, const char *expected,
		  const char *found, ...)
{
	char text[VERDICT_TEXT];
	va_list arguments;

	va_start(arguments, found);
	vsnprintf(text, sizeof(text), found, arguments);
	va_end(arguments);
	verdict_add(verdict, name, ok ? CHECK_PASS : CHECK_FAIL, expected, text);
}

static void hex(struct bytes bytes, char text[VERDICT_TEXT])
{
	size_t shown = bytes.size < (VERDICT_TEXT - 8) / 2 ? bytes.size : (VERDICT_TEXT - 8) / 2;

	text[0] = '\0';
	for (size_t i = 0; i < shown; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes.data[i]);
	if (shown < bytes.size)
		snprintf(text + 2 * shown, 4, "...");
}

void verdict_bytes(struct verdict *verdict, const char *name, struct bytes expected,
		   struct bytes found)
{
	char expected_text[VERDICT_TEXT];
	char found_text[VERDICT_TEXT];
	bool same =
		expected.size == found.size && memcmp(expected.data, found.data, found.size) == 0;

	hex(found, found_text);
	if (expected.size == 0) {
		verdict_add(verdict, name, CHECK_SKIP, "(not given)", found_text);
		return;
	}
	hex(expected, expected_text);
	same = expected.size == found.size && memcmp(expected.data, found.data, found.size) == 0;
	verdict_add(verdict, name, same ? CHECK_PASS : CHECK_FAIL, expected_text, found_text);
}

bool verdict_good(const struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->checks[i].result == CHECK_FAIL)
			return false;
	return verdict->count > 0;
}

const struct check *verdict_find(const struct verdict *verdict, const char *name)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (strcmp(verdict->checks[i].name, name) == 0)
			return &verdict->checks[i];
	return NULL;
}

const char *check_result_name(enum check_result result)
{
	switch (result) {
	case CHECK_PASS:
		return "pass";
	case CHECK_FAIL:
		return "fail";
	case CHECK_SKIP:
		return "skip";
	}
	return "fail";
}

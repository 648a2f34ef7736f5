/* SPDX-License-Identifier: MIT */
/* The list of checks that a verification makes, each with what was expected and what was found. */
#ifndef ATTEST_VERDICT_H
#define ATTEST_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define VERDICT_MAX_CHECKS 64
#define VERDICT_TEXT       224

enum check_result {
	CHECK_PASS,
	CHECK_FAIL,
	CHECK_SKIP, /* nothing to compare with was given; says so, proves nothing */
};

struct check {
	const char *name; /* stable, for programs */
	enum check_result result;
	char expected[VERDICT_TEXT];
	char found[VERDICT_TEXT];
};

struct verdict {
	bool emulated; /* the root is not AMD's */
	size_t count;
	struct check checks[VERDICT_MAX_CHECKS];
};

struct bytes {
	const uint8_t *data;
	size_t size; /* 0: absent */
};

/* Adds a check with texts that are cut when too long. More checks than fit make the verdict fail.
 */
void verdict_add(struct verdict *verdict, const char *name, enum check_result result,
		 const char *expected, const char *found);

/* Passes when ok; `found` is a printf format. */
void verdict_test(struct verdict *verdict, const char *name, bool ok, const char *expected,
		  const char *found, ...) PRINTF(5, 6);

/* Passes when both have the same bytes; skipped when nothing is expected. Shown as hex. */
void verdict_bytes(struct verdict *verdict, const char *name, struct bytes expected,
		   struct bytes found);

/* True when there is a check and none failed. */
bool verdict_good(const struct verdict *verdict);

/* The check of that name; NULL: was not made. */
const struct check *verdict_find(const struct verdict *verdict, const char *name);

/* "pass", "fail", "skip" */
const char *check_result_name(enum check_result result);

#endif

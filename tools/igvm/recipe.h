/* SPDX-License-Identifier: MIT */
/*
 * The recipe: what an image is besides its input files. A text file, one "key value" per line,
 * '#' starts a comment; the last of equal keys counts. tools/igvm/README.md has the list.
 */
#ifndef IGVM_RECIPE_H
#define IGVM_RECIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "tool.h"

struct recipe {
	bool snp; /* platforms in the file */
	bool native;
	bool qemu_10_2; /* leave out what QEMU 10.2's loader rejects */
	uint64_t region_base;
	uint64_t region_size;
	uint64_t policy;
	uint64_t sev_features;
	uint64_t guest_sev_features;
	uint32_t vmsa_count;
	uint32_t log_level;
	uint32_t flags; /* BOOT_FLAG_* */
	uint16_t console_port;
	uint8_t guest_vmpl;
};

/* The values of an empty recipe. */
void recipe_defaults(struct recipe *recipe);

/* Applies the text of a recipe file; `name` is for complaints. The text is changed. */
MUST_CHECK enum tool_status recipe_parse(struct recipe *recipe, const char *name, char *text);

/* Applies one "key=value" of the command line. The text is changed. */
MUST_CHECK enum tool_status recipe_set(struct recipe *recipe, char *assignment);

/* Checks the values against each other, after all have been applied. */
MUST_CHECK enum tool_status recipe_check(struct recipe *recipe);

#endif

/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <string.h>

#include "vtpm.h"

static uint32_t bank_named(const char *name, size_t length)
{
	static const struct {
		const char *name;
		uint32_t bank;
	} known[] = {
		{"sha1", VTPM_BANK_SHA1},
		{"sha256", VTPM_BANK_SHA256},
		{"sha384", VTPM_BANK_SHA384},
		{"sha512", VTPM_BANK_SHA512},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0)
			return known[i].bank;
	return 0;
}

/* A list of names with commas; 0 when one is unknown or there is none. */
static uint32_t parse_banks(const char *list)
{
	uint32_t banks = 0;

	for (;;) {
		size_t length = strcspn(list, ",");
		uint32_t bank = bank_named(list, length);

		if (bank == 0)
			return 0;
		banks |= bank;
		if (list[length] == '\0')
			return banks;
		list += length + 1;
	}
}

static const char *value_of(const char *argument, const char *option)
{
	size_t length = strlen(option);

	return strncmp(argument, option, length) == 0 ? argument + length : NULL;
}

static bool parse_one(const char *argument, struct options *out)
{
	const char *value;

	if (strcmp(argument, "--manifest-at-start") == 0) {
		out->manifest_at_start = true;
		return true;
	}
	value = value_of(argument, "--banks=");
	if (value) {
		out->banks = parse_banks(value);
		return out->banks != 0;
	}
	value = value_of(argument, "--device=");
	if (value) {
		out->device = value;
		return true;
	}
	value = value_of(argument, "--manifest=");
	if (value)
		out->manifest = value;
	return value != NULL;
}

bool options_parse(int count, char **arguments, struct options *out, const char **bad)
{
	struct options options = {
		.device = "/dev/svsm/protocol/2",
		.manifest = "/dev/svsm/manifest",
		.banks = VTPM_BANK_SHA256, /* each further bank makes the firmware hash all again */
	};

	for (int i = 1; i < count; i++) {
		if (!parse_one(arguments[i], &options)) {
			*bad = arguments[i];
			return false;
		}
	}
	*out = options;
	return true;
}

/* SPDX-License-Identifier: MIT */
/* What init's configuration tells the TPM service on its command line. */
#ifndef TPMD_OPTIONS_H
#define TPMD_OPTIONS_H

#include "base/compiler.h"
#include "base/types.h"

struct options {
	const char *device;     /* where requests come from */
	const char *manifest;   /* where the manifest is registered */
	uint32_t banks;         /* VTPM_BANK_*, at least one */
	bool manifest_at_start; /* make the endorsement key before the first request */
};

/*
 * Reads `--device=PATH`, `--manifest=PATH`, `--banks=sha256,sha384,...`, `--manifest-at-start`.
 * False: an option is unknown or has no sense; `*bad` is that argument.
 */
bool options_parse(int count, char **arguments, struct options *out, const char **bad) MUST_CHECK;

#endif

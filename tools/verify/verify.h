/* SPDX-License-Identifier: MIT */
/* What the parts of copra-verify share. */
#ifndef VERIFY_H
#define VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/attest.h"

/* Exit status. */
enum verify_status {
	VERIFY_GOOD = 0,
	VERIFY_BAD = 1,   /* a check failed */
	VERIFY_USAGE = 2, /* bad command line */
	VERIFY_INPUT = 3, /* a file can't be read or used */
};

#define VERIFY_MAX_FILES 24

/* Everything that the options ask for, and the memory behind it. */
struct verification {
	struct attest_evidence evidence;
	struct attest_expectation expectation;
	const char *image; /* the IGVM file whose digest is expected */
	uint32_t vcpus;
	uint32_t vcpu_signature;
	bool any_measurement;
	bool any_report_data;
	bool json;
	size_t buffer_count;
	uint8_t *buffers[VERIFY_MAX_FILES];
};

/* Prints "copra-verify: ..." on stderr. */
void complain(const char *format, ...) PRINTF(1, 2);

/* Reads the command line and all the files that it names. */
MUST_CHECK enum verify_status options_read(struct verification *verification, int argc,
					   char **argv);

/* Takes digest and ID block out of the image that was named. */
MUST_CHECK enum verify_status image_read(struct verification *verification);

/* A whole file; one of hex digits alone is decoded when `hex` allows. Kept in verification. */
MUST_CHECK bool input_file(struct verification *verification, const char *path, bool hex,
			   struct bytes *bytes);

/* Hex digits of the command line. */
MUST_CHECK bool input_hex(struct verification *verification, const char *text, struct bytes *bytes);

void verification_free(struct verification *verification);

/* Prints all checks and the outcome, for people or as JSON. False: no memory. */
MUST_CHECK bool output_print(const struct verdict *verdict, bool json);

#endif

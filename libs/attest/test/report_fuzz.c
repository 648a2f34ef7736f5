/* SPDX-License-Identifier: MIT */
/* Any bytes as report or as the answer of the PSP; short ones are also tried with zeros behind
 * them. */
#include <string.h>

#include "attest/attest.h"
#include "sevabi/guest_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void verify(const uint8_t *data, size_t size)
{
	struct attest_evidence evidence = {.report = {data, size}};
	struct attest_expectation expectation = {0};
	struct verdict verdict;

	attest_verify(&evidence, &expectation, &verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t padded[sizeof(struct report_rsp)] = {0};

	verify(data, size);
	if (size < REPORT_SIZE) {
		memcpy(padded, data, size);
		verify(padded, REPORT_SIZE);
		verify(padded, sizeof(padded));
	}
	return 0;
}

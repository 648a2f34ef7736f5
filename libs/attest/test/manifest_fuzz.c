/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as manifest, as the vTPM's own, as AK, quote and its signature: the first two bytes say
 * where the quote begins and what stands for all of them.
 */
#include "attest/attest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attestation_report report = {.version = 3};
	struct attest_expectation expectation = {.have_nonce = true};
	struct attest_evidence evidence = {0};
	struct verdict verdict = {0};
	size_t cut;

	if (size < 2)
		return 0;
	expectation.single_service = (data[0] & 1) != 0;
	cut = data[1] < size - 2 ? data[1] : size - 2;
	evidence.manifest = (struct bytes){data + 2, size - 2};
	evidence.ak = evidence.manifest;
	evidence.quote = (struct bytes){data + 2 + cut, size - 2 - cut};
	evidence.quote_signature = evidence.quote;
	expectation.ek = evidence.quote;
	attest_manifest_check(&report, &evidence, &expectation, &verdict);
	return 0;
}

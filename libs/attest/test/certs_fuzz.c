/* SPDX-License-Identifier: MIT */
/* Any bytes as certificates: table, PEM or DER. */
#include "attest/attest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attest_evidence evidence = {.certs = {data, size}};
	struct attest_expectation expectation = {.trusted_ark = {data, size}};
	struct attestation_report report = {.version = 3, .cpuid_family = 0x19};
	struct verdict verdict = {0};
	struct attest_chain chain;

	attest_chain_read(&evidence, &chain, &verdict);
	attest_chain_check(&chain, &expectation, &verdict);
	attest_leaf_check(&chain, &report, &verdict);
	attest_chain_free(&chain);
	return 0;
}

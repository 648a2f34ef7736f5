/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/err.h>

#include "attest/attest.h"

void attest_verify(const struct attest_evidence *evidence,
		   const struct attest_expectation *expectation, struct verdict *verdict)
{
	struct attestation_report report;
	struct attest_chain chain;
	bool ok = attest_read_report(evidence->report, &report);

	memset(verdict, 0, sizeof(*verdict));
	verdict_test(verdict, "report-format", ok, "1184 bytes, or a MSG_REPORT_RSP with status 0",
		     "%zu bytes", evidence->report.size);
	if (!ok)
		return;
	attest_chain_read(evidence, &chain, verdict);
	attest_chain_check(&chain, expectation, verdict);
	attest_leaf_check(&chain, &report, verdict);
	attest_report_check(&report, expectation, verdict);
	attest_manifest_check(&report, evidence, expectation, verdict);
	attest_chain_free(&chain);
	ERR_clear_error();
}

/* SPDX-License-Identifier: MIT */
/* copra-verify: from evidence to a verdict, offline. */
#include "verify.h"

int main(int argc, char **argv)
{
	static struct verification verification;
	static struct verdict verdict;
	enum verify_status status = options_read(&verification, argc, argv);

	if (status == VERIFY_GOOD)
		status = image_read(&verification);
	if (status == VERIFY_GOOD) {
		attest_verify(&verification.evidence, &verification.expectation, &verdict);
		status = verdict_good(&verdict) ? VERIFY_GOOD : VERIFY_BAD;
		if (!output_print(&verdict, verification.json)) {
			complain("no memory");
			status = VERIFY_INPUT;
		}
	}
	verification_free(&verification);
	return (int)status;
}

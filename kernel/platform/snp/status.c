/* SPDX-License-Identifier: MIT */
/* Which SEV features Copra runs with (snp-arch 1.1). Everything not named here is refused. */
#include "sevabi/vmsa.h"
#include "snp.h"

#define STATUS(feature) ((feature) << SEV_STATUS_FEATURES_SHIFT)

/*
 * Without restricted injection the host could raise any vector (attacks A12, A13); without debug
 * swap it sees and sets our debug registers (A30).
 */
#define REQUIRED                                               \
	(SEV_STATUS_SEV | SEV_STATUS_SEV_ES | SEV_STATUS_SNP | \
	 STATUS(SEV_FEATURE_RESTRICTED_INJECTION) | STATUS(SEV_FEATURE_DEBUG_SWAP))

/* Protections that need nothing of us. */
#define TOLERATED                                                                      \
	(STATUS(SEV_FEATURE_PREVENT_HOST_IBS) | STATUS(SEV_FEATURE_BTB_ISOLATION) |    \
	 STATUS(SEV_FEATURE_SMT_PROTECTION) | STATUS(SEV_FEATURE_PMC_VIRTUALIZATION) | \
	 STATUS(SEV_FEATURE_IBPB_ON_ENTRY))

bool snp_status_acceptable(uint64_t status, uint64_t *wrong)
{
	uint64_t missing = REQUIRED & ~status;
	uint64_t unknown = status & ~(REQUIRED | TOLERATED);

	*wrong = missing | unknown;
	return !*wrong;
}

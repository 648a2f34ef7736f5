/* SPDX-License-Identifier: MIT */
/* What the report itself says: form, policy, TCB, identity, measurement (snp-guest-msg 3). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attest/attest.h"
#include "sevabi/guest_msg.h"

static bool zero(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < size; i++)
		if (p[i] != 0)
			return false;
	return true;
}

bool attest_read_report(struct bytes bytes, struct attestation_report *report)
{
	struct report_rsp response;

	if (bytes.size == sizeof(*report)) {
		memcpy(report, bytes.data, sizeof(*report));
		return true;
	}
	if (bytes.size < sizeof(response))
		return false;
	memcpy(&response, bytes.data, sizeof(response));
	if (response.status != MSG_STATUS_OK || response.report_size != REPORT_SIZE ||
	    !zero(response.reserved, sizeof(response.reserved)))
		return false;
	*report = response.report;
	return true;
}

/* Version 2 has no CPUID fields: there, only Turin leaves all but 8 bytes of the chip ID zero. */
bool attest_is_turin(const struct attestation_report *report)
{
	if (report->version >= REPORT_VERSION_CPUID)
		return report->cpuid_family == 0x1a;
	return zero(report->chip_id + 8, sizeof(report->chip_id) - 8) && !zero(report->chip_id, 8);
}

struct attest_tcb attest_tcb_of(const struct tcb_version *tcb, bool turin)
{
	if (turin)
		return (struct attest_tcb){
			.fmc = tcb->bytes[TCB_TURIN_FMC],
			.bootloader = tcb->bytes[TCB_TURIN_BOOTLOADER],
			.tee = tcb->bytes[TCB_TURIN_TEE],
			.snp = tcb->bytes[TCB_TURIN_SNP],
			.microcode = tcb->bytes[TCB_TURIN_MICROCODE],
		};
	return (struct attest_tcb){
		.bootloader = tcb->bytes[TCB_MILAN_BOOTLOADER],
		.tee = tcb->bytes[TCB_MILAN_TEE],
		.snp = tcb->bytes[TCB_MILAN_SNP],
		.microcode = tcb->bytes[TCB_MILAN_MICROCODE],
	};
}

/* Every component of a is at least that of b. */
static bool tcb_at_least(const struct attest_tcb *a, const struct attest_tcb *b)
{
	return a->fmc >= b->fmc && a->bootloader >= b->bootloader && a->tee >= b->tee &&
	       a->snp >= b->snp && a->microcode >= b->microcode;
}

static void tcb_text(const struct attest_tcb *tcb, char text[64])
{
	snprintf(text, 64, "fmc %u bl %u tee %u snp %u ucode %u", tcb->fmc, tcb->bootloader,
		 tcb->tee, tcb->snp, tcb->microcode);
}

static void check_tcb_pair(struct verdict *verdict, const char *name, const struct attest_tcb *low,
			   const struct attest_tcb *high, const char *rule)
{
	char low_text[64], high_text[64], expected[160];

	tcb_text(low, low_text);
	tcb_text(high, high_text);
	snprintf(expected, sizeof(expected), "%s %s", rule, low_text);
	verdict_test(verdict, name, tcb_at_least(high, low), expected, "%s", high_text);
}

static void check_tcb(const struct attestation_report *report,
		      const struct attest_expectation *expectation, struct verdict *verdict)
{
	bool turin = attest_is_turin(report);
	struct attest_tcb reported = attest_tcb_of(&report->reported_tcb, turin);
	struct attest_tcb committed = attest_tcb_of(&report->committed_tcb, turin);
	struct attest_tcb current = attest_tcb_of(&report->current_tcb, turin);

	check_tcb_pair(verdict, "min-tcb", &expectation->min_tcb, &reported,
		       "reported TCB at least");
	check_tcb_pair(verdict, "tcb-committed", &reported, &committed,
		       "committed TCB at least the reported");
	check_tcb_pair(verdict, "tcb-current", &committed, &current,
		       "current TCB at least the committed");
}

static void check_form(const struct attestation_report *report, struct verdict *verdict)
{
	bool reserved = report->reserved_04c == 0 &&
			zero(report->reserved_18b, sizeof(report->reserved_18b)) &&
			report->reserved_1eb == 0 && report->reserved_1ef == 0 &&
			zero(report->reserved_208, sizeof(report->reserved_208)) &&
			zero(report->signature.reserved, sizeof(report->signature.reserved)) &&
			report->key_info < 32;

	verdict_test(verdict, "report-version",
		     report->version >= REPORT_VERSION_MIN && report->version <= REPORT_VERSION_MAX,
		     "2 to 5", "%" PRIu32, report->version);
	verdict_test(verdict, "report-reserved", reserved, "reserved fields are zero", "%s",
		     reserved ? "zero" : "something is set");
	verdict_test(verdict, "signature-algorithm",
		     report->signature_algo == REPORT_ALGO_ECDSA_P384, "1 (ECDSA P-384)",
		     "%" PRIu32, report->signature_algo);
}

static void check_policy(const struct attestation_report *report,
			 const struct attest_expectation *expectation, struct verdict *verdict)
{
	uint64_t policy = report->policy;
	bool smt = (policy & SNP_POLICY_SMT) != 0;

	verdict_test(verdict, "policy-reserved",
		     (policy & SNP_POLICY_RESERVED_ONE) != 0 &&
			     (policy & SNP_POLICY_RESERVED_ZERO_MASK) == 0,
		     "bit 17 is 1, bits 63:26 are 0", "0x%" PRIx64, policy);
	verdict_test(verdict, "policy-debug",
		     expectation->allow_debug || (policy & SNP_POLICY_DEBUG) == 0,
		     expectation->allow_debug ? "anything" : "no debugging by the host", "debug %s",
		     (policy & SNP_POLICY_DEBUG) != 0 ? "allowed" : "off");
	verdict_test(verdict, "policy-migration",
		     expectation->allow_migration || (policy & SNP_POLICY_MIGRATE_MA) == 0,
		     expectation->allow_migration ? "anything" : "no migration agent",
		     "migration agent %s",
		     (policy & SNP_POLICY_MIGRATE_MA) != 0 ? "allowed" : "off");
	verdict_test(verdict, "policy-smt", !(expectation->require_no_smt && smt),
		     expectation->require_no_smt ? "no SMT" : "anything", "SMT %s",
		     smt ? "allowed" : "off");
	verdict_test(verdict, "platform-smt",
		     smt || (report->platform_info & PLATFORM_INFO_SMT) == 0,
		     "the platform does what the policy says", "SMT %s",
		     (report->platform_info & PLATFORM_INFO_SMT) != 0 ? "on" : "off");
}

static void check_abi(const struct attestation_report *report,
		      const struct attest_expectation *expectation, struct verdict *verdict)
{
	unsigned int current = (unsigned int)report->current_major << 8 | report->current_minor;
	unsigned int committed =
		(unsigned int)report->committed_major << 8 | report->committed_minor;
	unsigned int policy = (unsigned int)(report->policy & 0xffff);
	unsigned int minimum =
		(unsigned int)expectation->min_abi_major << 8 | expectation->min_abi_minor;
	char expected[64];

	snprintf(expected, sizeof(expected), "at least %u.%u (owner), %u.%u (policy)", minimum >> 8,
		 minimum & 0xff, policy >> 8, policy & 0xff);
	verdict_test(verdict, "abi-version",
		     current >= minimum && current >= policy && committed >= minimum, expected,
		     "current %u.%u, committed %u.%u", current >> 8, current & 0xff, committed >> 8,
		     committed & 0xff);
}

static void check_identity(const struct attestation_report *report,
			   const struct attest_expectation *expectation, struct verdict *verdict)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "%" PRIu32, expectation->vmpl);
	verdict_test(verdict, "vmpl", report->vmpl == expectation->vmpl, expected, "%" PRIu32,
		     report->vmpl);
	snprintf(expected, sizeof(expected), "at least %" PRIu32, expectation->min_guest_svn);
	verdict_test(verdict, "guest-svn", report->guest_svn >= expectation->min_guest_svn,
		     expected, "%" PRIu32, report->guest_svn);
	verdict_bytes(verdict, "family-id", expectation->family_id,
		      (struct bytes){report->family_id, sizeof(report->family_id)});
	verdict_bytes(verdict, "image-id", expectation->image_id,
		      (struct bytes){report->image_id, sizeof(report->image_id)});
	verdict_bytes(verdict, "id-key", expectation->id_key_digest,
		      (struct bytes){report->id_key_digest, sizeof(report->id_key_digest)});
	verdict_bytes(verdict, "author-key", expectation->author_key_digest,
		      (struct bytes){report->author_key_digest, sizeof(report->author_key_digest)});
	verdict_bytes(verdict, "host-data", expectation->host_data,
		      (struct bytes){report->host_data, sizeof(report->host_data)});
	verdict_bytes(verdict, "chip-id", expectation->chip_id,
		      (struct bytes){report->chip_id, sizeof(report->chip_id)});
}

void attest_report_check(const struct attestation_report *report,
			 const struct attest_expectation *expectation, struct verdict *verdict)
{
	struct bytes expected = {expectation->measurement,
				 expectation->have_measurement ? sizeof(report->measurement) : 0};

	check_form(report, verdict);
	check_policy(report, expectation, verdict);
	check_abi(report, expectation, verdict);
	check_tcb(report, expectation, verdict);
	check_identity(report, expectation, verdict);
	verdict_bytes(verdict, "measurement", expected,
		      (struct bytes){report->measurement, sizeof(report->measurement)});
}

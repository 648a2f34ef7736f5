/* SPDX-License-Identifier: MIT */
/* Attestation reports (56860 7.3, table 23). */
#include <string.h>

#include "state.h"

static void fill_identity(struct attestation_report *report)
{
	report->policy = psp_state.policy;
	memcpy(report->measurement, psp_state.digest.value, sizeof(report->measurement));
	memcpy(report->host_data, psp_state.host_data, sizeof(report->host_data));
	memcpy(report->report_id, psp_state.report_id, sizeof(report->report_id));
	memset(report->report_id_ma, 0xff, sizeof(report->report_id_ma));
	if (!psp_state.has_id_block)
		return;
	report->guest_svn = psp_state.id_block.guest_svn;
	memcpy(report->family_id, psp_state.id_block.family_id, sizeof(report->family_id));
	memcpy(report->image_id, psp_state.id_block.image_id, sizeof(report->image_id));
	memcpy(report->id_key_digest, psp_state.id_key_digest, sizeof(report->id_key_digest));
	if (!psp_state.has_author)
		return;
	report->key_info |= REPORT_KEY_AUTHOR_EN;
	memcpy(report->author_key_digest, psp_state.author_key_digest,
	       sizeof(report->author_key_digest));
}

static void fill_platform(struct attestation_report *report)
{
	const struct husk_vcek *vcek = &psp_state.vcek;

	report->current_tcb = report->reported_tcb = vcek->tcb;
	report->committed_tcb = report->launch_tcb = vcek->tcb;
	report->platform_info = PLATFORM_INFO_SMT | PLATFORM_INFO_ALIAS_CHECK_COMPLETE;
	report->key_info |= REPORT_KEY_SIGNING_VCEK << REPORT_KEY_SIGNING_SHIFT;
	memcpy(report->chip_id, vcek->chip_id, sizeof(report->chip_id));
	report->current_major = report->committed_major = PSP_API_MAJOR;
	report->current_minor = report->committed_minor = PSP_API_MINOR;
	if (report->version < REPORT_VERSION_CPUID)
		return;
	report->cpuid_family = vcek->cpuid_family;
	report->cpuid_model = vcek->cpuid_model;
	report->cpuid_stepping = vcek->cpuid_stepping;
}

static uint32_t check(uint8_t vmpck, const struct report_req *request)
{
	uint8_t any = 0;

	for (size_t i = 0; i < sizeof(request->reserved); i++)
		any |= request->reserved[i];
	if (any || request->key_sel & ~REPORT_KEY_SEL_MASK || request->key_sel == 3)
		return MSG_STATUS_INVALID_PARAMS;
	if (request->vmpl > 3 || request->vmpl < vmpck)
		return MSG_STATUS_INVALID_PARAMS;
	/* There is no VLEK. */
	if (request->key_sel == REPORT_KEY_SEL_VLEK)
		return MSG_STATUS_INVALID_KEY_SEL;
	return MSG_STATUS_OK;
}

void psp_answer_report(uint8_t vmpck, const struct report_req *request, struct report_rsp *response)
{
	struct attestation_report *report = &response->report;

	memset(response, 0, sizeof(*response));
	response->status = check(vmpck, request);
	if (response->status != MSG_STATUS_OK)
		return;
	report->version = psp_state.report_version;
	report->vmpl = request->vmpl;
	report->signature_algo = REPORT_ALGO_ECDSA_P384;
	memcpy(report->report_data, request->report_data, sizeof(report->report_data));
	fill_identity(report);
	fill_platform(report);
	if (!psp_sign(report, REPORT_SIGNED_SIZE, &report->signature)) {
		memset(response, 0, sizeof(*response));
		response->status = MSG_STATUS_INVALID_KEY_SEL;
		return;
	}
	response->report_size = sizeof(*report);
}

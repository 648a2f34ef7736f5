/* SPDX-License-Identifier: MIT */
/*
 * Derived keys (56860 7.2). AMD's derivation is not public; this is HKDF over the same inputs, so
 * that keys differ when and only when they would on the chip.
 */
#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <string.h>

#include "state.h"

struct key_inputs {
	uint64_t field_select;
	uint64_t policy;
	uint8_t image_id[16];
	uint8_t family_id[16];
	uint8_t measurement[48];
	uint64_t tcb_version;
	uint32_t guest_svn;
	uint32_t vmpl;
	uint32_t root;
	uint32_t zero;
};

/* Each byte is the level of one component: none may be above what the platform committed to. */
static bool tcb_allowed(uint64_t tcb)
{
	for (unsigned i = 0; i < 8; i++)
		if ((uint8_t)(tcb >> (8 * i)) > psp_state.vcek.tcb.bytes[i])
			return false;
	return true;
}

static bool allowed(uint8_t vmpck, const struct key_req *request)
{
	/* The root is the VCEK: there is neither a migration agent's key nor a VLEK. */
	if (request->root_key_select != 0 || request->reserved)
		return false;
	if (request->guest_field_select & ~KEY_REQ_FIELD_MASK)
		return false;
	return request->vmpl <= 3 && request->vmpl >= vmpck &&
	       request->guest_svn <= psp_state.id_block.guest_svn &&
	       tcb_allowed(request->tcb_version);
}

static void select_inputs(const struct key_req *request, struct key_inputs *in)
{
	uint64_t fields = request->guest_field_select;

	memset(in, 0, sizeof(*in));
	in->field_select = fields;
	in->vmpl = request->vmpl;
	if (fields & KEY_REQ_FIELD_POLICY)
		in->policy = psp_state.policy;
	if (fields & KEY_REQ_FIELD_IMAGE_ID)
		memcpy(in->image_id, psp_state.id_block.image_id, sizeof(in->image_id));
	if (fields & KEY_REQ_FIELD_FAMILY_ID)
		memcpy(in->family_id, psp_state.id_block.family_id, sizeof(in->family_id));
	if (fields & KEY_REQ_FIELD_MEASUREMENT)
		memcpy(in->measurement, psp_state.digest.value, sizeof(in->measurement));
	if (fields & KEY_REQ_FIELD_GUEST_SVN)
		in->guest_svn = request->guest_svn;
	if (fields & KEY_REQ_FIELD_TCB_VERSION)
		in->tcb_version = request->tcb_version;
}

void psp_answer_key(uint8_t vmpck, const struct key_req *request, struct key_rsp *response)
{
	static const uint8_t salt[] = "husk derived key";
	struct key_inputs in;

	memset(response, 0, sizeof(*response));
	response->status = MSG_STATUS_INVALID_PARAMS;
	if (!allowed(vmpck, request))
		return;
	select_inputs(request, &in);
	if (mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA384), salt, sizeof(salt),
			 psp_state.vcek.private_key, sizeof(psp_state.vcek.private_key),
			 (const uint8_t *)&in, sizeof(in), response->key, sizeof(response->key)))
		return;
	response->status = MSG_STATUS_OK;
}

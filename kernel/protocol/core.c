/* SPDX-License-Identifier: MIT */
/* Core protocol: vCPUs, queries, vTOM. */
#include "kernel/protocol.h"

/* `status` is that of the RMP instruction in VCPU_RMP_ERROR. */
static uint32_t result_of(enum vcpu_result result, uint32_t status)
{
	switch (result) {
	case VCPU_OK:
		return SVSM_SUCCESS;
	case VCPU_BAD_ADDRESS:
		return SVSM_ERR_INVALID_ADDRESS;
	case VCPU_BAD_PARAMETER:
		return SVSM_ERR_INVALID_PARAMETER;
	case VCPU_IN_USE:
		return SVSM_ERR_VCPU_IN_USE;
	case VCPU_TRY_AGAIN:
		return SVSM_ERR_BUSY;
	case VCPU_NO_MEMORY:
		return SVSM_NEED_MEMORY | 1;
	case VCPU_RMP_ERROR:
		return SVSM_ERR_PROTOCOL_BASE + status;
	}
	return SVSM_ERR_INVALID_REQUEST;
}

/* SVSM 4.1 */
uint32_t svsm_core_remap_ca(struct svsm_call *call)
{
	if (!IS_ALIGNED(call->rcx, PAGE_SIZE))
		return SVSM_ERR_INVALID_PARAMETER;
	return result_of(vcpu_remap(call->vcpu, GPA(call->rcx)), 0);
}

/* SVSM 4.3 */
uint32_t svsm_core_create_vcpu(struct svsm_call *call)
{
	uint32_t status = 0;
	enum vcpu_result result;

	if (!IS_ALIGNED(call->rcx, PAGE_SIZE) || !IS_ALIGNED(call->rdx, PAGE_SIZE))
		return SVSM_ERR_INVALID_PARAMETER;
	if (call->rcx == call->rdx)
		return SVSM_ERR_INVALID_ADDRESS;
	result = vcpu_create(GPA(call->rcx), GPA(call->rdx), (uint32_t)call->r8, &status);
	return result_of(result, status);
}

/* SVSM 4.4 */
uint32_t svsm_core_delete_vcpu(struct svsm_call *call)
{
	uint32_t status = 0;
	enum vcpu_result result;

	if (!IS_ALIGNED(call->rcx, PAGE_SIZE))
		return SVSM_ERR_INVALID_PARAMETER;
	result = vcpu_delete(call->vcpu, GPA(call->rcx), &status);
	return result_of(result, status);
}

/* SVSM 4.6: always a success, the answer says whether it is there. */
uint32_t svsm_core_query_protocol(struct svsm_call *call)
{
	call->rcx = svsm_query(SVSM_QUERY_PROTOCOL_OF(call->rcx), SVSM_QUERY_VERSION_OF(call->rcx));
	return SVSM_SUCCESS;
}

/* SVSM 4.7: a query is answered "not supported", so every configuration is refused. */
uint32_t svsm_core_configure_vtom(struct svsm_call *call)
{
	if (call->rcx & SVSM_VTOM_QUERY) {
		if (call->rcx != SVSM_VTOM_QUERY)
			return SVSM_ERR_INVALID_PARAMETER;
		call->rcx = 0;
		return SVSM_SUCCESS;
	}
	if (call->rcx & SVSM_VTOM_RESERVED_MASK)
		return SVSM_ERR_INVALID_PARAMETER;
	return SVSM_ERR_INVALID_REQUEST;
}

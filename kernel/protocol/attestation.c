/* SPDX-License-Identifier: MIT */
/* Attestation protocol: registers in and out; the work is kernel/attest's. */
#include "kernel/protocol.h"

uint32_t svsm_attestation(struct svsm_call *call)
{
	struct attest_request request = {
		.attest = &call->vcpu->attest,
		.slot = call->vcpu->slot,
		.call = call->call,
		.rcx = call->rcx,
		.rdx = call->rdx,
		.r8 = call->r8,
		.r9 = call->r9,
	};
	uint32_t result = attest_handle(&request);

	if (request.lengths) {
		call->rcx = request.rcx;
		call->rdx = request.rdx;
		call->r8 = request.r8;
	}
	return result;
}

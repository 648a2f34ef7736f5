/* SPDX-License-Identifier: MIT */
/* The guest's request: read once, checked in the order of SVSM 5.1. */
#include "call.h"
#include "kernel/guest.h"
#include "kernel/string.h"

static bool all_zero(const uint8_t *bytes, size_t size)
{
	uint8_t any = 0;

	for (size_t i = 0; i < size; i++)
		any |= bytes[i];
	return any == 0;
}

static bool reserved_clear(const struct svsm_attest_single_op *op)
{
	return op->common.reserved_0c == 0 && op->common.reserved_2c == 0 &&
	       op->common.reserved_3c == 0 && op->reserved_54 == 0 &&
	       all_zero(op->common.reserved_1a, sizeof(op->common.reserved_1a));
}

static bool buffers_aligned(const struct svsm_attest_op *op)
{
	return IS_ALIGNED(op->report_gpa, PAGE_SIZE) && IS_ALIGNED(op->manifest_gpa, PAGE_SIZE) &&
	       (op->certs_size == 0 || IS_ALIGNED(op->certs_gpa, PAGE_SIZE));
}

static uint32_t result_of(enum error error)
{
	if (error == OK)
		return SVSM_SUCCESS;
	return error == ERR_BUSY ? SVSM_ERR_BUSY : SVSM_ERR_INVALID_ADDRESS;
}

uint32_t attest_read_op(struct attest_call *call, uint32_t number, uint64_t rcx)
{
	struct svsm_attest_single_op op = {0};
	size_t size = number == SVSM_ATTEST_SINGLE_SERVICE ? sizeof(op) : sizeof(op.common);
	uint32_t result;

	if (!IS_ALIGNED(rcx, 8))
		return SVSM_ERR_INVALID_PARAMETER;
	result = result_of(guest_read(&op, GPA(rcx), size));
	if (result != SVSM_SUCCESS)
		return result;
	if (!reserved_clear(&op) || !buffers_aligned(&op.common) || op.common.nonce_size == 0 ||
	    op.common.nonce_size > ATTEST_NONCE_MAX || op.manifest_version != 0)
		return SVSM_ERR_INVALID_PARAMETER;
	result = result_of(guest_read(call->nonce, GPA(op.common.nonce_gpa), op.common.nonce_size));
	if (result != SVSM_SUCCESS)
		return result;
	call->op = op;
	call->nonce_size = op.common.nonce_size;
	return SVSM_SUCCESS;
}

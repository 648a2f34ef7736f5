/* SPDX-License-Identifier: MIT */
/*
 * vTPM protocol (SVSM 7). The TPM lives in a service; the kernel checks the frame of a command,
 * copies the guest's buffer once, and brings the answer back. The buffer need not be aligned; it is
 * one page long.
 */
#include "kernel/protocol.h"
#include "kernel/service.h"
#include "svcabi/svcabi.h"

_Static_assert(sizeof(struct svsm_tpm_request) == SVC_BUFFER_SIZE, "one page travels");

uint32_t svsm_vtpm_query(struct svsm_call *call)
{
	call->rcx = BIT(SVSM_TPM_SEND_COMMAND);
	call->rdx = 0;
	return SVSM_SUCCESS;
}

struct tpm_buffer {
	gpa_t gpa;
	enum error error;
	bool refused; /* the frame is wrong: INVALID_PARAMETER */
	bool unsupported;
};

/* Fields of the frame, as the service will see them: checked on the private copy (SVSM 7). */
static bool frame_is_sound(const struct svsm_tpm_request *request, struct tpm_buffer *buffer)
{
	if (request->command != SVSM_TPM_SEND_COMMAND) {
		/* 1 to 31 is what the TPM simulator protocol numbers; none but one is offered. */
		buffer->unsupported = request->command > 0 && request->command < 32;
		buffer->refused = !buffer->unsupported;
		return false;
	}
	buffer->refused = request->locality > 4 || request->size > sizeof(request->bytes);
	return !buffer->refused;
}

static enum error fill_buffer(void *context, uint8_t *to, uint32_t size)
{
	struct tpm_buffer *buffer = context;

	buffer->error = guest_read(to, buffer->gpa, size);
	if (buffer->error != OK)
		return buffer->error;
	return frame_is_sound((const struct svsm_tpm_request *)(const void *)to, buffer)
		       ? OK
		       : ERR_FORMAT;
}

static uint32_t answered(struct svsm_call *call, const struct service_answer *answer)
{
	enum error error;

	if (answer->result != SVSM_SUCCESS || !answer->buffer_size)
		return answer->result;
	error = guest_write(GPA(call->rcx), answer->buffer, answer->buffer_size);
	return svsm_result_of(error);
}

uint32_t svsm_vtpm_command(struct svsm_call *call)
{
	struct tpm_buffer buffer = {.gpa = GPA(call->rcx)};
	struct service_call request = {
		.protocol = SVSM_PROTOCOL_VTPM,
		.call = SVSM_VTPM_CMD,
		.rcx = call->rcx,
		.buffer_size = SVC_BUFFER_SIZE,
	};
	struct service_answer answer;

	if (!call->rcx)
		return SVSM_ERR_INVALID_PARAMETER;
	switch (service_request(call->vcpu->slot, &request, fill_buffer, &buffer, &answer)) {
	case SERVICE_ANSWERED:
		return answered(call, &answer);
	case SERVICE_PENDING:
		return SVSM_ERR_INCOMPLETE;
	case SERVICE_BUSY:
		return SVSM_ERR_BUSY;
	case SERVICE_ABSENT:
		return SVSM_ERR_UNSUPPORTED_PROTOCOL;
	case SERVICE_BAD_BUFFER:
		if (buffer.unsupported)
			return SVSM_ERR_UNSUPPORTED_CALL;
		return buffer.error == ERR_BUSY ? SVSM_ERR_BUSY : SVSM_ERR_INVALID_PARAMETER;
	case SERVICE_FAILED:
		break;
	}
	return SVSM_ERR_INVALID_REQUEST;
}

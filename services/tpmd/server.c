/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <string.h>

#include "ek.h"
#include "page.h"
#include "sevabi/svsm.h"
#include "vtpm.h"

const struct guid vtpm_service_guid = SVSM_GUID_SERVICE_VTPM;

/* SVSM 7: bit n of RCX is platform command n; RDX is a bitmap of features, of which there are none.
 */
static void answer_query(struct svc_response *response)
{
	response->result = SVSM_SUCCESS;
	response->rcx = BIT(SVSM_TPM_SEND_COMMAND);
	response->rdx = 0;
}

static uint32_t page_result(enum page_error error)
{
	switch (error) {
	case PAGE_OK:
		return SVSM_SUCCESS;
	case PAGE_UNSUPPORTED_COMMAND:
		return SVSM_ERR_UNSUPPORTED_CALL;
	case PAGE_UNKNOWN_COMMAND:
	case PAGE_BAD_LOCALITY:
	case PAGE_BAD_SIZE:
		break;
	}
	return SVSM_ERR_INVALID_PARAMETER;
}

static void answer_command(const struct svc_request *request, struct svc_response *response)
{
	struct page_command command;
	const uint8_t *answer;
	enum page_error error;
	uint32_t used;
	size_t size;

	error = page_decode(request->buffer, request->buffer_size, &command);
	if (error) {
		response->result = page_result(error);
		return;
	}
	vtpm_execute(command.locality, command.bytes, command.size, &answer, &size);
	if (page_encode(response->buffer, answer, size, &used) != PAGE_OK) {
		response->result = SVSM_ERR_INVALID_REQUEST; /* never the guest's own bytes back */
		return;
	}
	response->buffer_size = used;
	response->result = SVSM_SUCCESS;
}

static enum server_error answer_manifest(uint32_t version, struct svc_response *response)
{
	const uint8_t *public;
	enum vtpm_error error;
	size_t size;

	response->result = SVSM_ERR_INVALID_PARAMETER;
	if (version != VTPM_MANIFEST_VERSION)
		return SERVER_OK;
	response->result = SVSM_ERR_INVALID_REQUEST;
	error = ek_public(EK_RSA2048, &public, &size);
	if (error)
		return error == VTPM_BROKEN ? SERVER_BROKEN : SERVER_OK;
	memcpy(response->buffer, public, size);
	response->buffer_size = (uint32_t)size;
	response->result = SVSM_SUCCESS;
	return SERVER_OK;
}

static void answer_call(const struct svc_request *request, struct svc_response *response)
{
	if (request->protocol != SVSM_PROTOCOL_VTPM)
		response->result = SVSM_ERR_UNSUPPORTED_PROTOCOL;
	else if (request->call == SVSM_VTPM_QUERY)
		answer_query(response);
	else if (request->call == SVSM_VTPM_CMD)
		answer_command(request, response);
	else
		response->result = SVSM_ERR_UNSUPPORTED_CALL;
}

enum server_error server_answer(const struct svc_request *request, struct svc_response *response)
{
	memset(response, 0, sizeof(*response));
	response->id = request->id;
	response->rcx = request->rcx; /* registers that a call does not return stay the guest's */
	response->rdx = request->rdx;
	response->r8 = request->r8;
	switch (request->kind) {
	case SVC_REQUEST_CALL:
		answer_call(request, response);
		return SERVER_OK;
	case SVC_REQUEST_MANIFEST:
		return answer_manifest(request->call, response);
	default:
		response->result = SVSM_ERR_INVALID_REQUEST;
		return SERVER_OK;
	}
}

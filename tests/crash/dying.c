/* SPDX-License-Identifier: MIT */
/*
 * A tpmd that dies when it is told to: TPM2_GetRandom of 13 bytes arms it, and the command after
 * that is executed but never answered. Linked round server_answer() (ld --wrap).
 */
#include <stdlib.h>

#include "server.h"
#include "sevabi/svsm.h"
#include "wire.h"

#define TPM_CC_GET_RANDOM 0x0000017bU
#define ARMING_SIZE       13U

enum server_error __real_server_answer(const struct svc_request *request,
				       struct svc_response *response) MUST_CHECK;
enum server_error __wrap_server_answer(const struct svc_request *request,
				       struct svc_response *response) MUST_CHECK;

static bool arms(const struct svc_request *request)
{
	const uint8_t *command = request->buffer + offsetof(struct svsm_tpm_request, bytes);

	return load_be32(command + 6) == TPM_CC_GET_RANDOM &&
	       (command[10] << 8 | command[11]) == ARMING_SIZE;
}

enum server_error __wrap_server_answer(const struct svc_request *request,
				       struct svc_response *response)
{
	static bool armed;
	enum server_error error = __real_server_answer(request, response);

	if (request->kind != SVC_REQUEST_CALL || request->call != SVSM_VTPM_CMD)
		return error;
	if (armed)
		abort();
	armed = arms(request);
	return error;
}

/* SPDX-License-Identifier: MIT */
/*
 * A sequence of commands to a TPM that has been started: each input is a list of
 * {u8 size, bytes}, sent through the server. Every command gets a well-formed answer.
 */
#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "../page.h"
#include "../server.h"
#include "../vtpm.h"
#include "../wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void send(const uint8_t *bytes, uint32_t size)
{
	static struct svc_request request;
	static struct svc_response response;

	request.kind = SVC_REQUEST_CALL;
	request.protocol = SVSM_PROTOCOL_VTPM;
	request.call = SVSM_VTPM_CMD;
	request.buffer_size = VTPM_PAGE_SIZE;
	store_le32(request.buffer, SVSM_TPM_SEND_COMMAND);
	store_le32(request.buffer + 5, size);
	memcpy(request.buffer + VTPM_REQUEST_HEADER, bytes, size);
	if (server_answer(&request, &response) != SERVER_OK || response.result != SVSM_SUCCESS ||
	    load_le32(response.buffer) < TPM_RESPONSE_HEADER ||
	    load_be32(response.buffer + VTPM_RESPONSE_HEADER + 2) != load_le32(response.buffer))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t startup[] = {0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x44, 0, 0};
	static struct memory_state state;
	static bool on;

	if (!on) {
		memory_state_init(&state);
		if (vtpm_power_on(&state.store, VTPM_BANK_SHA256) != VTPM_OK)
			abort();
		on = true;
	}
	send(startup, sizeof(startup));
	while (size > 0 && data[0] < size) {
		send(data + 1, data[0]);
		size -= data[0] + 1U;
		data += data[0] + 1;
	}
	return 0;
}

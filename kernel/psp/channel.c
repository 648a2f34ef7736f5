/* SPDX-License-Identifier: MIT */
#include <mbedtls/platform_util.h>

#include "channel.h"
#include "kernel/string.h"
#include "sevabi/ghcb.h"

void psp_channel_init(struct psp_channel *channel, const uint8_t key[VMPCK_SIZE],
		      psp_transport transport)
{
	memset(channel, 0, sizeof(*channel));
	psp_sequence_init(&channel->sequence);
	memcpy(channel->key, key, VMPCK_SIZE);
	channel->transport = transport;
}

void psp_channel_retire(struct psp_channel *channel)
{
	channel->sequence.state = PSP_SEQUENCE_GONE;
	mbedtls_platform_zeroize(channel->key, sizeof(channel->key));
	mbedtls_platform_zeroize(&channel->pending, sizeof(channel->pending));
	mbedtls_platform_zeroize(channel->answer, sizeof(channel->answer));
}

/* The host's word on the pending message; ANSWERED only when the PSP's own answer was opened. */
static enum psp_outcome judge(struct psp_channel *channel, uint64_t exit_info2, enum error *error)
{
	uint32_t vmm = (uint32_t)(exit_info2 >> 32);
	uint32_t firmware = (uint32_t)exit_info2;

	if (vmm == GHCB_REQUEST_VMM_BUSY) {
		*error = ERR_BUSY;
		return PSP_OUTCOME_UNSENT;
	}
	if (vmm == GHCB_REQUEST_VMM_INVALID_LEN) {
		*error = ERR_RANGE;
		return PSP_OUTCOME_UNSENT;
	}
	*error = ERR_PLATFORM;
	if (vmm != GHCB_REQUEST_VMM_OK || firmware != PSP_OK)
		return PSP_OUTCOME_DOUBTFUL;
	if (psp_message_open(channel->key, channel->sequence.number, channel->pending.type,
			     &channel->response, channel->answer, channel->pending_answer) != OK)
		return PSP_OUTCOME_DOUBTFUL;
	*error = OK;
	return PSP_OUTCOME_ANSWERED;
}

/* Send the pending message once. */
static enum error transmit(struct psp_channel *channel, struct psp_certs *certs)
{
	enum psp_outcome outcome = PSP_OUTCOME_DOUBTFUL;
	uint64_t exit_info2 = 0;
	enum error error;

	error = channel->transport(&channel->sealed, &channel->response, certs, &exit_info2);
	if (error == OK)
		outcome = judge(channel, exit_info2, &error);
	/* "Too small" has no meaning for a request without certificates: then it is a lie. */
	if (error == ERR_RANGE && !certs) {
		outcome = PSP_OUTCOME_DOUBTFUL;
		error = ERR_PLATFORM;
	}
	psp_sequence_outcome(&channel->sequence, outcome);
	if (channel->sequence.state == PSP_SEQUENCE_GONE) {
		psp_channel_retire(channel);
		if (error != OK)
			error = ERR_CLOSED;
	}
	return error;
}

static bool is_pending(const struct psp_channel *channel, const struct psp_request *request)
{
	return channel->pending.type == request->type && channel->pending.size == request->size &&
	       memcmp(channel->pending.payload, request->payload, request->size) == 0;
}

static enum error take(struct psp_channel *channel, const struct psp_request *request, size_t size)
{
	uint64_t number;
	enum error error;

	if (!psp_sequence_take(&channel->sequence, &number))
		return ERR_CLOSED;
	channel->pending = *request;
	channel->pending_answer = size;
	error = psp_message_seal(channel->key, number, request, &channel->sealed);
	/* A number without a message can't be sent and can't be freed. */
	if (error != OK)
		psp_channel_retire(channel);
	return error;
}

enum error psp_channel_try(struct psp_channel *channel, const struct psp_request *request,
			   void *answer, size_t size, struct psp_certs *certs)
{
	enum error error;

	if (request->size > PSP_REQUEST_MAX || size > PSP_ANSWER_MAX)
		return ERR_INVALID;
	if (channel->sequence.state == PSP_SEQUENCE_PENDING && !is_pending(channel, request)) {
		error = transmit(channel, NULL);
		if (error != OK)
			return error;
	}
	if (channel->sequence.state != PSP_SEQUENCE_PENDING) {
		error = take(channel, request, size);
		if (error != OK)
			return error;
	}
	error = transmit(channel, certs);
	if (error == OK)
		memcpy(answer, channel->answer, size);
	/* Too small: consume the message as a plain request, so that nothing stays pending. */
	if (error == ERR_RANGE && transmit(channel, NULL) == ERR_CLOSED)
		error = ERR_CLOSED;
	mbedtls_platform_zeroize(channel->answer, sizeof(channel->answer));
	return error;
}

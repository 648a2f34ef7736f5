/* SPDX-License-Identifier: MIT */
/* One try at one request: sequence number, message and transport together. No lock, no waiting. */
#ifndef PSP_CHANNEL_H
#define PSP_CHANNEL_H

#include "message.h"
#include "sequence.h"

/* Largest answer that we expect: a report. */
#define PSP_ANSWER_MAX sizeof(struct report_rsp)

struct psp_channel {
	struct psp_sequence sequence;
	uint8_t key[VMPCK_SIZE];
	psp_transport transport;
	struct psp_request pending; /* plaintext of the message that is out */
	size_t pending_answer;      /* bytes of its answer */
	struct guest_msg sealed;    /* the message itself: what may be sent, and nothing else */
	struct guest_msg response;  /* private copy of the host's page */
	uint8_t answer[PSP_ANSWER_MAX];
};

void psp_channel_init(struct psp_channel *channel, const uint8_t key[VMPCK_SIZE],
		      psp_transport transport);

/*
 * Send `request`, whose answer has `size` bytes, to the PSP. A message that is pending from before
 * goes first: if it is the same request, its answer is the result; else its answer is thrown away.
 * Errors as in kernel/psp.h.
 */
enum error psp_channel_try(struct psp_channel *channel, const struct psp_request *request,
			   void *answer, size_t size, struct psp_certs *certs) MUST_CHECK;

/* Wipe the key; every later try is ERR_CLOSED. */
void psp_channel_retire(struct psp_channel *channel);

#endif

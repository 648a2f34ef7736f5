/* SPDX-License-Identifier: MIT */
/* The channel against an honest PSP behind a host that may do anything (attacks A19, A20, A21). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mbedtls/gcm.h>

#include "../channel.h"
#include "sevabi/ghcb.h"

#define NUMBERS 4096

static const uint8_t key[VMPCK_SIZE] = {1, 2, 3, 4, 5};
static struct psp_channel channel;

/* --- The PSP: counts, decrypts, answers with the request's first bytes ------------------ */
static struct {
	uint64_t count; /* last used */
	uint32_t served;
} psp;

/* What was sent under each number: the oracle for "no IV twice". */
static uint8_t sent[NUMBERS][64];
static bool was_sent[NUMBERS];

enum misdeed {
	HONEST,
	BUSY,
	TOO_SMALL,
	UNMARKED,       /* GHCB fields not valid */
	FIRMWARE_ERROR, /* claimed by the host, the PSP never asked */
	DROP_ANSWER,    /* PSP asked, answer withheld, "success" */
	DROP_AND_ERROR, /* PSP asked, error reported */
	REPLAY,         /* the answer before this one */
	FLIP_TAG,
	FLIP_PAYLOAD,
	OTHER_TYPE,
	OTHER_NUMBER,
	MISDEEDS
};

static enum misdeed plan[64];
static size_t plan_length, plan_at;
static struct guest_msg last_answer;

static int gcm(int mode, struct guest_msg *m, const uint8_t *in, uint8_t *out)
{
	mbedtls_gcm_context context;
	uint8_t iv[12] = {0};
	int status;

	memcpy(iv, &m->header.msg_seqno, 8);
	mbedtls_gcm_init(&context);
	assert_int_equal(mbedtls_gcm_setkey(&context, MBEDTLS_CIPHER_ID_AES, key, 256), 0);
	if (mode == MBEDTLS_GCM_ENCRYPT)
		status = mbedtls_gcm_crypt_and_tag(&context, mode, m->header.msg_size, iv, 12,
						   (uint8_t *)m + 0x30, 48, in, out, 16,
						   m->header.authtag);
	else
		status = mbedtls_gcm_auth_decrypt(&context, m->header.msg_size, iv, 12,
						  (uint8_t *)m + 0x30, 48, m->header.authtag, 16,
						  in, out);
	mbedtls_gcm_free(&context);
	return status;
}

static void oracle_sees(const struct guest_msg *request)
{
	uint64_t number = request->header.msg_seqno;

	assert_true(number < NUMBERS);
	assert_true(number % 2 == 1);
	if (was_sent[number])
		assert_memory_equal(sent[number], request, sizeof(sent[number]));
	was_sent[number] = true;
	memcpy(sent[number], request, sizeof(sent[number]));
}

/* True: the PSP took the message and `answer` is its answer. */
static bool psp_serves(const struct guest_msg *request, struct guest_msg *answer)
{
	struct guest_msg copy = *request;
	uint8_t plain[GUEST_MSG_PAYLOAD_MAX] = {0};
	uint8_t reply[sizeof(struct report_rsp)] = {0};

	if (copy.header.msg_seqno != psp.count + 1 ||
	    gcm(MBEDTLS_GCM_DECRYPT, &copy, copy.payload, plain))
		return false;
	memcpy(reply, plain, 64);
	memset(answer, 0, sizeof(*answer));
	answer->header = copy.header;
	answer->header.msg_seqno++;
	answer->header.msg_type++;
	answer->header.msg_size = 100;
	assert_int_equal(gcm(MBEDTLS_GCM_ENCRYPT, answer, reply, answer->payload), 0);
	psp.count += 2;
	psp.served++;
	return true;
}

static enum error tamper(enum misdeed deed, struct guest_msg *response)
{
	switch (deed) {
	case FLIP_TAG:
		response->header.authtag[0] ^= 1;
		break;
	case FLIP_PAYLOAD:
		response->payload[7] ^= 0x80;
		break;
	case OTHER_TYPE:
		response->header.msg_type = GUEST_MSG_KEY_RSP;
		break;
	case OTHER_NUMBER:
		response->header.msg_seqno += 2;
		break;
	case DROP_ANSWER:
		memset(response, 0, sizeof(*response));
		break;
	default:
		break;
	}
	return OK;
}

static enum error transport(const struct guest_msg *request, struct guest_msg *response,
			    struct psp_certs *certs, uint64_t *exit_info2)
{
	enum misdeed deed = plan_at < plan_length ? plan[plan_at++] : HONEST;

	(void)certs;
	oracle_sees(request);
	*exit_info2 = 0;
	switch (deed) {
	case BUSY:
		*exit_info2 = (uint64_t)GHCB_REQUEST_VMM_BUSY << 32 | GHCB_REQUEST_FW_NO_CALL;
		return OK;
	case TOO_SMALL:
		*exit_info2 = (uint64_t)GHCB_REQUEST_VMM_INVALID_LEN << 32;
		return OK;
	case UNMARKED:
		return ERR_PLATFORM;
	case FIRMWARE_ERROR:
		*exit_info2 = PSP_BAD_PARAMETER;
		return OK;
	case REPLAY:
		*response = last_answer;
		return OK;
	default:
		break;
	}
	if (!psp_serves(request, response)) {
		*exit_info2 = PSP_BAD_PARAMETER;
		return OK;
	}
	last_answer = *response;
	if (deed == DROP_AND_ERROR)
		*exit_info2 = PSP_HARDWARE;
	return tamper(deed, response);
}

static int setup(void **state)
{
	(void)state;
	memset(&psp, 0, sizeof(psp));
	memset(was_sent, 0, sizeof(was_sent));
	memset(&last_answer, 0, sizeof(last_answer));
	plan_length = plan_at = 0;
	psp_channel_init(&channel, key, transport);
	return 0;
}

static void plan_is(size_t count, const enum misdeed *deeds)
{
	memcpy(plan, deeds, count * sizeof(*deeds));
	plan_length = count;
	plan_at = 0;
}
#define PLAN(...)                                                             \
	plan_is(sizeof((enum misdeed[]){__VA_ARGS__}) / sizeof(enum misdeed), \
		(const enum misdeed[]){__VA_ARGS__})

static struct psp_request request_of(uint8_t mark)
{
	struct psp_request request = {.type = GUEST_MSG_REPORT_REQ, .size = 96};

	memset(request.payload, mark, sizeof(request.payload));
	return request;
}

static enum error ask(uint8_t mark, struct psp_certs *certs)
{
	struct psp_request request = request_of(mark);
	uint8_t answer[100];
	enum error error = psp_channel_try(&channel, &request, answer, sizeof(answer), certs);

	/* Whatever the host does: an answer that we accept is the PSP's, to this request. */
	if (error == OK)
		assert_int_equal(answer[5], mark);
	return error;
}

static void test_honest(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < 100; i++)
		assert_int_equal(ask(i, NULL), OK);
	assert_int_equal(psp.count, 200);
}

static void test_busy_keeps_the_message(void **state)
{
	(void)state;
	PLAN(BUSY, BUSY, BUSY, HONEST);
	assert_int_equal(ask(7, NULL), ERR_BUSY);
	assert_int_equal(ask(7, NULL), ERR_BUSY);
	assert_int_equal(ask(7, NULL), ERR_BUSY);
	assert_int_equal(ask(7, NULL), OK);
	assert_int_equal(psp.served, 1);
}

static void test_busy_for_ever_costs_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		PLAN(BUSY);
		assert_int_equal(ask(1, NULL), ERR_BUSY);
	}
	assert_int_equal(ask(1, NULL), OK);
}

static void test_pending_goes_first(void **state)
{
	(void)state;
	PLAN(BUSY, BUSY, HONEST, HONEST);
	assert_int_equal(ask(1, NULL), ERR_BUSY);
	assert_int_equal(ask(2, NULL), ERR_BUSY);
	assert_int_equal(ask(2, NULL), OK);
	assert_int_equal(psp.served, 2);
}

static void test_too_small_is_consumed(void **state)
{
	struct psp_certs certs = {.pages = 1};

	(void)state;
	PLAN(TOO_SMALL, HONEST);
	assert_int_equal(ask(3, &certs), ERR_RANGE);
	assert_int_equal(channel.sequence.state, PSP_SEQUENCE_READY);
	assert_int_equal(ask(4, &certs), OK);
	PLAN(TOO_SMALL, BUSY, HONEST);
	assert_int_equal(ask(5, &certs), ERR_RANGE);
	assert_int_equal(ask(5, &certs), OK);
}

static void test_too_small_without_certificates_is_a_lie(void **state)
{
	(void)state;
	PLAN(TOO_SMALL);
	assert_int_equal(ask(3, NULL), ERR_PLATFORM);
	assert_int_equal(ask(3, NULL), OK);
}

/* One tampered answer to a message that the PSP did serve: it can't be had again. */
static void served_but_lost(enum misdeed deed)
{
	enum error error;

	assert_int_equal(ask(1, NULL), OK);
	PLAN(deed);
	assert_int_equal(ask(9, NULL), ERR_PLATFORM);
	do {
		error = ask(9, NULL);
	} while (error == ERR_PLATFORM);
	assert_int_equal(error, ERR_CLOSED);
	assert_int_equal(ask(9, NULL), ERR_CLOSED);
	for (size_t i = 0; i < sizeof(channel.key); i++)
		assert_int_equal(channel.key[i], 0);
}

static void test_lost_answers_retire_the_key(void **state)
{
	static const enum misdeed deeds[] = {DROP_ANSWER,  DROP_AND_ERROR, FLIP_TAG,
					     FLIP_PAYLOAD, OTHER_TYPE,     OTHER_NUMBER};

	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		setup(state);
		served_but_lost(deeds[i]);
	}
}

static void test_unserved_doubts_recover(void **state)
{
	(void)state;
	assert_int_equal(ask(1, NULL), OK);
	PLAN(UNMARKED, FIRMWARE_ERROR, REPLAY);
	assert_int_equal(ask(2, NULL), ERR_PLATFORM);
	assert_int_equal(ask(2, NULL), ERR_PLATFORM);
	assert_int_equal(ask(2, NULL), ERR_PLATFORM);
	assert_int_equal(ask(2, NULL), OK);
}

static void test_numbers_run_out(void **state)
{
	(void)state;
	channel.sequence.number = UINT32_MAX - 2ULL;
	psp_sequence_outcome(&channel.sequence, PSP_OUTCOME_ANSWERED);
	assert_int_equal(channel.sequence.state, PSP_SEQUENCE_READY);
	channel.sequence.state = PSP_SEQUENCE_PENDING;
	psp_sequence_outcome(&channel.sequence, PSP_OUTCOME_ANSWERED);
	assert_int_equal(channel.sequence.number, UINT32_MAX);
	assert_int_equal(channel.sequence.state, PSP_SEQUENCE_GONE);
}

static void test_bad_sizes(void **state)
{
	struct psp_request request = request_of(1);
	uint8_t answer[8];

	(void)state;
	request.size = PSP_REQUEST_MAX + 1;
	assert_int_equal(psp_channel_try(&channel, &request, answer, 8, NULL), ERR_INVALID);
	request.size = 96;
	assert_int_equal(psp_channel_try(&channel, &request, answer, PSP_ANSWER_MAX + 1, NULL),
			 ERR_INVALID);
}

/* Any mixture of misdeeds: the oracle and ask() check each step. */
static void test_random_host(void **state)
{
	struct psp_certs certs = {.pages = 1};
	unsigned answered = 0;

	srand(20261122);
	for (unsigned run = 0; run < 2000; run++) {
		setup(state);
		for (unsigned i = 0; i < 60; i++) {
			PLAN((enum misdeed)(rand() % 4 ? rand() % 5 : rand() % MISDEEDS),
			     (enum misdeed)(rand() % MISDEEDS));
			if (ask((uint8_t)(rand() % 4), rand() % 2 ? &certs : NULL) == OK)
				answered++;
		}
	}
	assert_true(answered > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_honest, setup),
		cmocka_unit_test_setup(test_busy_keeps_the_message, setup),
		cmocka_unit_test_setup(test_busy_for_ever_costs_nothing, setup),
		cmocka_unit_test_setup(test_pending_goes_first, setup),
		cmocka_unit_test_setup(test_too_small_is_consumed, setup),
		cmocka_unit_test_setup(test_too_small_without_certificates_is_a_lie, setup),
		cmocka_unit_test_setup(test_lost_answers_retire_the_key, setup),
		cmocka_unit_test_setup(test_unserved_doubts_recover, setup),
		cmocka_unit_test_setup(test_numbers_run_out, setup),
		cmocka_unit_test_setup(test_bad_sizes, setup),
		cmocka_unit_test_setup(test_random_host, setup),
	};

	return cmocka_run_group_tests_name("kernel/psp", tests, NULL, NULL);
}

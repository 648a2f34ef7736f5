/* SPDX-License-Identifier: MIT */
/* SNP_GUEST_REQUEST: one message in, one out (56860 8.26, 7.1). */
#include <mbedtls/gcm.h>
#include <string.h>

#include "husk/malice.h"
#include "state.h"

/* Answer of TSC_INFO without Secure TSC: scale 1.0 (8.32 fixed point), no offset. */
#define TSC_SCALE_ONE 0x100000000ULL

static void answer_tsc(uint8_t vmpck, const void *request, void *response)
{
	(void)vmpck;
	(void)request;
	memset(response, 0, sizeof(struct tsc_info_rsp));
	((struct tsc_info_rsp *)response)->tsc_scale = TSC_SCALE_ONE;
}

static void answer_report(uint8_t vmpck, const void *request, void *response)
{
	psp_answer_report(vmpck, request, response);
}

static void answer_key(uint8_t vmpck, const void *request, void *response)
{
	psp_answer_key(vmpck, request, response);
}

struct message_kind {
	uint8_t type;
	uint16_t request_size;
	uint16_t response_size;
	void (*answer)(uint8_t vmpck, const void *request, void *response);
};

static const struct message_kind kinds[] = {
	{GUEST_MSG_REPORT_REQ, sizeof(struct report_req), sizeof(struct report_rsp), answer_report},
	{GUEST_MSG_KEY_REQ, sizeof(struct key_req), sizeof(struct key_rsp), answer_key},
	{GUEST_MSG_TSC_INFO_REQ, sizeof(struct tsc_info_req), sizeof(struct tsc_info_rsp),
	 answer_tsc},
};

static const struct message_kind *kind_of(uint8_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static enum psp_status check_header(const struct guest_msg_header *header)
{
	const struct message_kind *kind = kind_of(header->msg_type);

	if (header->algo != GUEST_MSG_ALGO_AES_256_GCM ||
	    header->hdr_version != GUEST_MSG_HDR_VERSION ||
	    header->hdr_size != GUEST_MSG_HDR_SIZE || header->msg_vmpck >= VMPCK_COUNT)
		return PSP_BAD_PARAMETER;
	if (!kind || header->msg_version != GUEST_MSG_VERSION)
		return PSP_BAD_PARAMETER;
	if (header->msg_size != kind->request_size)
		return PSP_BAD_LENGTH;
	if (psp_state.seqno[header->msg_vmpck] > UINT64_MAX - 2)
		return PSP_AEAD_OVERFLOW;
	if (header->msg_seqno != psp_state.seqno[header->msg_vmpck] + 1)
		return PSP_BAD_PARAMETER;
	return PSP_OK;
}

static int crypt_message(int mode, struct guest_msg *message, const uint8_t *in, uint8_t *out)
{
	mbedtls_gcm_context gcm;
	uint8_t iv[GUEST_MSG_IV_SIZE] = {0};
	const uint8_t *aad = (const uint8_t *)message + GUEST_MSG_AAD_AT;
	size_t size = message->header.msg_size;
	int status;

	memcpy(iv, &message->header.msg_seqno, sizeof(message->header.msg_seqno));
	mbedtls_gcm_init(&gcm);
	status = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES,
				    psp_state.vmpck[message->header.msg_vmpck], VMPCK_SIZE * 8);
	if (!status && mode == MBEDTLS_GCM_ENCRYPT)
		status = mbedtls_gcm_crypt_and_tag(&gcm, mode, size, iv, sizeof(iv), aad,
						   GUEST_MSG_AAD_SIZE, in, out, GUEST_MSG_TAG_SIZE,
						   message->header.authtag);
	else if (!status)
		status = mbedtls_gcm_auth_decrypt(&gcm, size, iv, sizeof(iv), aad,
						  GUEST_MSG_AAD_SIZE, message->header.authtag,
						  GUEST_MSG_TAG_SIZE, in, out);
	mbedtls_gcm_free(&gcm);
	return status;
}

static enum psp_status seal(const struct guest_msg_header *asked, const struct message_kind *kind,
			    const uint8_t *plain, struct guest_msg *response)
{
	memset(response, 0, sizeof(*response));
	response->header = (struct guest_msg_header){
		.msg_seqno = asked->msg_seqno + 1,
		.algo = GUEST_MSG_ALGO_AES_256_GCM,
		.hdr_version = GUEST_MSG_HDR_VERSION,
		.hdr_size = GUEST_MSG_HDR_SIZE,
		.msg_type = (uint8_t)(kind->type + 1),
		.msg_version = GUEST_MSG_VERSION,
		.msg_size = kind->response_size,
		.msg_vmpck = asked->msg_vmpck,
	};
	if (crypt_message(MBEDTLS_GCM_ENCRYPT, response, plain, response->payload))
		return PSP_HARDWARE;
	return PSP_OK;
}

enum psp_status psp_guest_request(const struct guest_msg *request, struct guest_msg *response)
{
	/* Under the machine lock: one at a time. Both are larger than a stack should hold. */
	static struct guest_msg copy, sealed;
	static uint8_t plain[GUEST_MSG_PAYLOAD_MAX] ALIGNED(8),
		answer[GUEST_MSG_PAYLOAD_MAX] ALIGNED(8);
	enum psp_status status = check_header(&request->header);
	const struct message_kind *kind = kind_of(request->header.msg_type);

	if (status != PSP_OK)
		return status;
	copy = *request;
	if (crypt_message(MBEDTLS_GCM_DECRYPT, &copy, copy.payload, plain))
		return PSP_BAD_MEASUREMENT;
	kind->answer(copy.header.msg_vmpck, plain, answer);
	malice_psp_answer(kind->type, answer);
	status = seal(&copy.header, kind, answer, &sealed);
	if (status != PSP_OK)
		return status;
	psp_state.seqno[copy.header.msg_vmpck] += 2;
	*response = sealed;
	return PSP_OK;
}

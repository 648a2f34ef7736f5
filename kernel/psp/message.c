/* SPDX-License-Identifier: MIT */
#include <mbedtls/gcm.h>

#include "message.h"
#include "kernel/string.h"

/* IV: the sequence number, little endian, then four zero bytes. */
static void make_iv(uint8_t iv[GUEST_MSG_IV_SIZE], uint64_t number)
{
	memset(iv, 0, GUEST_MSG_IV_SIZE);
	memcpy(iv, &number, sizeof(number));
}

static const uint8_t *aad_of(const struct guest_msg *message)
{
	return (const uint8_t *)message + GUEST_MSG_AAD_AT;
}

static void fill_header(struct guest_msg_header *header, uint64_t number,
			const struct psp_request *request)
{
	*header = (struct guest_msg_header){
		.msg_seqno = number,
		.algo = GUEST_MSG_ALGO_AES_256_GCM,
		.hdr_version = GUEST_MSG_HDR_VERSION,
		.hdr_size = GUEST_MSG_HDR_SIZE,
		.msg_type = request->type,
		.msg_version = GUEST_MSG_VERSION,
		.msg_size = request->size,
		.msg_vmpck = 0,
	};
}

enum error psp_message_seal(const uint8_t key[VMPCK_SIZE], uint64_t number,
			    const struct psp_request *request, struct guest_msg *out)
{
	mbedtls_gcm_context gcm;
	uint8_t iv[GUEST_MSG_IV_SIZE];
	int status;

	if (request->size > PSP_REQUEST_MAX)
		return ERR_INVALID;
	memset(out, 0, sizeof(*out));
	fill_header(&out->header, number, request);
	make_iv(iv, number);
	mbedtls_gcm_init(&gcm);
	status = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, VMPCK_SIZE * 8);
	if (!status)
		status = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, request->size, iv,
						   sizeof(iv), aad_of(out), GUEST_MSG_AAD_SIZE,
						   request->payload, out->payload,
						   GUEST_MSG_TAG_SIZE, out->header.authtag);
	mbedtls_gcm_free(&gcm);
	return status ? ERR_CRYPTO : OK;
}

/* Each field, although the tag covers all but the number: the IV is ours, not the host's. */
static bool header_answers(const struct guest_msg_header *header, uint64_t number, uint8_t type,
			   size_t size)
{
	return header->msg_seqno == number + 1 && header->algo == GUEST_MSG_ALGO_AES_256_GCM &&
	       header->hdr_version == GUEST_MSG_HDR_VERSION &&
	       header->hdr_size == GUEST_MSG_HDR_SIZE && header->msg_type == type + 1 &&
	       header->msg_version == GUEST_MSG_VERSION && header->msg_vmpck == 0 &&
	       header->msg_size == size;
}

enum error psp_message_open(const uint8_t key[VMPCK_SIZE], uint64_t number, uint8_t type,
			    const struct guest_msg *message, void *out, size_t size)
{
	mbedtls_gcm_context gcm;
	uint8_t iv[GUEST_MSG_IV_SIZE];
	int status;

	memset(out, 0, size);
	if (size > GUEST_MSG_PAYLOAD_MAX || !header_answers(&message->header, number, type, size))
		return ERR_FORMAT;
	make_iv(iv, number + 1);
	mbedtls_gcm_init(&gcm);
	status = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, VMPCK_SIZE * 8);
	if (!status)
		status = mbedtls_gcm_auth_decrypt(&gcm, size, iv, sizeof(iv), aad_of(message),
						  GUEST_MSG_AAD_SIZE, message->header.authtag,
						  GUEST_MSG_TAG_SIZE, message->payload, out);
	mbedtls_gcm_free(&gcm);
	if (!status)
		return OK;
	memset(out, 0, size);
	return ERR_CRYPTO;
}

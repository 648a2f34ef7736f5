/* SPDX-License-Identifier: MIT */
/* Guest messages: reports, keys, and what the PSP does with each field wrong (56860 chapter 7). */
#include <mbedtls/gcm.h>
#include <mbedtls/platform.h>
#include <string.h>

#include "micro.h"
#include "sevabi/guest_msg.h"
#include "sevabi/secrets_page.h"
#include "sevabi/svm_exit.h"

enum {
	SLOT_REQUEST,
	SLOT_RESPONSE,
	SLOT_DATA
};

static struct guest_msg *request, *response;
static gpa_t request_gpa, response_gpa;
static uint64_t seqno; /* last used, VMPCK0 */
static uint8_t plain[GUEST_MSG_PAYLOAD_MAX];

static const struct secrets_page *secrets(void)
{
	return (const struct secrets_page *)(BOOT_KERNEL_VBASE + BOOT_SECRETS_OFFSET);
}

static void *shared_page(unsigned slot, gpa_t *gpa)
{
	*gpa = fresh_page();
	psc_msr(*gpa, GHCB_PSC_SHARED);
	return window(slot, *gpa, MAP_SHARED);
}

static int crypt(bool encrypt, struct guest_msg *m, const uint8_t *in, uint8_t *out)
{
	mbedtls_gcm_context gcm;
	uint8_t iv[GUEST_MSG_IV_SIZE] = {0};
	const uint8_t *aad = (const uint8_t *)m + GUEST_MSG_AAD_AT;
	int error;

	memcpy(iv, &m->header.msg_seqno, 8);
	mbedtls_gcm_init(&gcm);
	error = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES,
				   secrets()->vmpck[m->header.msg_vmpck & 3], 256);
	if (!error && encrypt)
		error = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, m->header.msg_size, iv,
						  sizeof(iv), aad, GUEST_MSG_AAD_SIZE, in, out,
						  GUEST_MSG_TAG_SIZE, m->header.authtag);
	else if (!error)
		error = mbedtls_gcm_auth_decrypt(&gcm, m->header.msg_size, iv, sizeof(iv), aad,
						 GUEST_MSG_AAD_SIZE, m->header.authtag,
						 GUEST_MSG_TAG_SIZE, in, out);
	mbedtls_gcm_free(&gcm);
	return error;
}

static void build(uint8_t type, uint8_t vmpck, const void *payload, uint16_t size)
{
	memset(request, 0, sizeof(*request));
	memset(response, 0, sizeof(*response));
	request->header.msg_seqno = seqno + 1;
	request->header.algo = GUEST_MSG_ALGO_AES_256_GCM;
	request->header.hdr_version = GUEST_MSG_HDR_VERSION;
	request->header.hdr_size = GUEST_MSG_HDR_SIZE;
	request->header.msg_type = type;
	request->header.msg_version = GUEST_MSG_VERSION;
	request->header.msg_size = size;
	request->header.msg_vmpck = vmpck;
	memcpy(plain, payload, size);
}

static uint64_t send(void)
{
	struct nae n = {.code = GHCB_EXIT_GUEST_REQUEST,
			.info1 = request_gpa.raw,
			.info2 = response_gpa.raw};

	nae_call(&n);
	return n.info2;
}

/* Encrypts and sends what build() left; on success counts, decrypts into `plain`. */
static uint64_t exchange(void)
{
	uint64_t status;
	struct guest_msg answer;

	if (crypt(true, request, plain, request->payload))
		return ~0ULL;
	status = send();
	if (status)
		return status;
	seqno += 2;
	memcpy(&answer, response, sizeof(answer));
	memset(plain, 0, sizeof(plain));
	if (crypt(false, &answer, answer.payload, plain))
		return ~1ULL;
	return 0;
}

static struct report_req report_request(uint32_t vmpl)
{
	struct report_req r = {.vmpl = vmpl};

	for (unsigned i = 0; i < sizeof(r.report_data); i++)
		r.report_data[i] = (uint8_t)(i + 1);
	return r;
}

static void test_report(void)
{
	struct report_req req = report_request(0);
	const struct report_rsp *rsp = (const struct report_rsp *)plain;

	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	check_equal(exchange(), 0, "a report request is answered, the tag holds");
	check_equal(response->header.msg_type, GUEST_MSG_REPORT_RSP, "type of the answer");
	check_equal(response->header.msg_seqno, 2, "sequence number of the answer");
	check_equal(rsp->status, MSG_STATUS_OK, "status");
	check_equal(rsp->report_size, REPORT_SIZE, "report size");
	check(!memcmp(rsp->report.report_data, req.report_data, 64), "report data is the caller's");
	check_equal(rsp->report.vmpl, 0, "VMPL");
	check_equal(rsp->report.signature_algo, 1, "signed with ECDSA P-384");
	check((rsp->report.policy & 0x20000) != 0, "policy has its reserved bit");
	check(rsp->report.measurement[0] | rsp->report.measurement[1] | rsp->report.measurement[2],
	      "there is a measurement");
}

static void test_sequence(void)
{
	struct report_req req = report_request(0);

	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	request->header.msg_seqno = seqno; /* used before */
	check(exchange() != 0, "a used sequence number is refused");
	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	request->header.msg_seqno = seqno + 3;
	check(exchange() != 0, "a sequence number too high is refused");
	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	check_equal(exchange(), 0, "the right one still works after that");
}

typedef void (*spoil)(void);

static void spoil_algo(void)
{
	request->header.algo = 2;
}
static void spoil_version(void)
{
	request->header.hdr_version = 2;
}
static void spoil_size(void)
{
	request->header.hdr_size = 0x61;
}
static void spoil_type(void)
{
	request->header.msg_type = GUEST_MSG_REPORT_RSP;
}
static void spoil_msg_version(void)
{
	request->header.msg_version = 9;
}
static void spoil_msg_size(void)
{
	request->header.msg_size = 95;
}
static void spoil_vmpck(void)
{
	request->header.msg_vmpck = 4;
}

static void test_header_fields(void)
{
	static const struct {
		spoil spoil;
		const char *what;
	} cases[] = {
		{spoil_algo, "algorithm"},
		{spoil_version, "header version"},
		{spoil_size, "header size"},
		{spoil_type, "message type"},
		{spoil_msg_version, "message version"},
		{spoil_msg_size, "message size"},
		{spoil_vmpck, "VMPCK number"},
	};
	struct report_req req = report_request(0);

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
		cases[i].spoil();
		check(exchange() != 0, "a wrong %s is refused", cases[i].what);
	}
	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	(void)crypt(true, request, plain, request->payload);
	request->header.authtag[3] ^= 1;
	check(send() != 0, "a wrong tag is refused");
	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	check_equal(exchange(), 0, "none of them cost a sequence number");
}

static void test_payload(void)
{
	struct report_req req = report_request(4);
	const struct report_rsp *rsp = (const struct report_rsp *)plain;

	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	check(exchange() == 0 && rsp->status == MSG_STATUS_INVALID_PARAMS,
	      "a report for VMPL4: invalid parameters");
	req = report_request(0);
	req.key_sel = 3;
	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	check(exchange() == 0 && rsp->status != MSG_STATUS_OK, "key selection 3 is refused");
	req = report_request(2);
	build(GUEST_MSG_REPORT_REQ, 0, &req, sizeof(req));
	check(exchange() == 0 && rsp->status == MSG_STATUS_OK && rsp->report.vmpl == 2,
	      "VMPL0 may ask for a report of VMPL2");
}

static bool derive(struct key_req *req, uint8_t key[32])
{
	const struct key_rsp *rsp = (const struct key_rsp *)plain;

	build(GUEST_MSG_KEY_REQ, 0, req, sizeof(*req));
	if (exchange() || rsp->status)
		return false;
	memcpy(key, rsp->key, 32);
	return true;
}

static void test_derived_keys(void)
{
	struct key_req req = {.guest_field_select = KEY_REQ_FIELD_MEASUREMENT};
	uint8_t first[32], second[32];

	check(derive(&req, first), "a derived key");
	check(derive(&req, second) && !memcmp(first, second, 32), "the same request, the same key");
	req.guest_field_select = KEY_REQ_FIELD_POLICY;
	check(derive(&req, second) && memcmp(first, second, 32), "another selection, another key");
	req.guest_field_select = KEY_REQ_FIELD_MEASUREMENT;
	req.vmpl = 1;
	check(derive(&req, second) && memcmp(first, second, 32), "another VMPL, another key");
	req.vmpl = 0;
	req.guest_svn = 0xffff;
	check(!derive(&req, second), "an SVN above the guest's is refused");
}

static void test_other_keys(void)
{
	struct report_req req = report_request(1);
	const struct report_rsp *rsp = (const struct report_rsp *)plain;
	uint64_t saved = seqno;

	seqno = 0;
	build(GUEST_MSG_REPORT_REQ, 2, &req, sizeof(req));
	check(exchange() == 0 && rsp->status == MSG_STATUS_INVALID_PARAMS,
	      "VMPCK2 can't ask for a report of VMPL1");
	req = report_request(3);
	build(GUEST_MSG_REPORT_REQ, 2, &req, sizeof(req));
	check(exchange() == 0 && rsp->status == MSG_STATUS_OK && rsp->report.vmpl == 3,
	      "but for VMPL3; each VMPCK counts by itself");
	seqno = saved;
}

static void check_malformed(uint64_t first, uint64_t second, const char *what)
{
	struct nae n = {.code = GHCB_EXIT_GUEST_REQUEST, .info1 = first, .info2 = second};

	nae_call(&n);
	check((n.info1 & 0xffffffff) == GHCB_RESULT_MALFORMED || n.info2 != 0, "%s", what);
}

static void test_addresses(void)
{
	gpa_t private_gpa;

	(void)private_page(SLOT_DATA, &private_gpa);
	check_malformed(request_gpa.raw + 8, response_gpa.raw, "an unaligned request is refused");
	check_malformed(request_gpa.raw, response_gpa.raw + 8, "an unaligned response is refused");
	check_malformed(request_gpa.raw, request_gpa.raw, "one page for both is refused");
	check_malformed(private_gpa.raw, response_gpa.raw, "a private request page is refused");
	check_malformed(request_gpa.raw, private_gpa.raw, "a private response page is refused");
}

static void test_tsc_info(void)
{
	struct tsc_info_req req = {{0}};
	const struct tsc_info_rsp *rsp = (const struct tsc_info_rsp *)plain;

	build(GUEST_MSG_TSC_INFO_REQ, 0, &req, sizeof(req));
	check(exchange() == 0 && rsp->status == 0, "TSC information");
}

/* mbed TLS allocates one small context at a time. */
static uint64_t arena[512];
static bool arena_used;

static void *arena_calloc(size_t count, size_t size)
{
	if (arena_used || count * size > sizeof(arena))
		return NULL;
	arena_used = true;
	memset(arena, 0, sizeof(arena));
	return arena;
}

static void arena_free(void *block)
{
	if (block)
		arena_used = false;
}

void micro_main(void)
{
	mbedtls_platform_set_calloc_free(arena_calloc, arena_free);
	request = shared_page(SLOT_REQUEST, &request_gpa);
	response = shared_page(SLOT_RESPONSE, &response_gpa);
	check(secrets()->vmpck[0][0] | secrets()->vmpck[0][1] | secrets()->vmpck[0][2],
	      "the secrets page holds VMPCK0");
	test_report();
	test_sequence();
	test_header_fields();
	test_payload();
	test_derived_keys();
	test_other_keys();
	test_addresses();
	test_tsc_info();
}

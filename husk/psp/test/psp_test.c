/* SPDX-License-Identifier: MIT */
/* The emulated firmware: messages, reports, keys, ID blocks. OpenSSL is the second opinion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mbedtls/gcm.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#include "../state.h"
#include "husk/cpuid.h"
#include "husk/fwcfg.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"

/* --- The machine ------------------------------------------------------------------------ */
enum log_level log_limit;

void husk_log(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

bool fwcfg_find(const char *name, struct fwcfg_file *file)
{
	(void)name;
	(void)file;
	return false;
}

void fwcfg_read(const struct fwcfg_file *file, void *to, uint32_t size)
{
	(void)file;
	(void)to;
	(void)size;
}

bool fwcfg_option(const char *name, char *text, size_t size)
{
	(void)name;
	(void)text;
	(void)size;
	return false;
}

void machine_end(uint32_t exit_value, const char *format, ...)
{
	(void)exit_value;
	(void)format;
	abort();
}

uint64_t fwcfg_option_number(const char *name, uint64_t otherwise)
{
	(void)name;
	return otherwise;
}

void *pages_reserve(size_t count)
{
	return calloc(count, 4096);
}

struct cpuid_regs husk_cpuid(uint32_t apic_id, uint32_t leaf, uint32_t subleaf)
{
	return (struct cpuid_regs){leaf + 1, subleaf | apic_id << 24, 7, 9};
}

/* --- The guest -------------------------------------------------------------------------- */
static struct guest_msg request, response;
static uint8_t plain[GUEST_MSG_PAYLOAD_MAX];

static int crypt_page(int mode, struct guest_msg *m, const uint8_t *in, uint8_t *out)
{
	mbedtls_gcm_context gcm;
	uint8_t iv[12] = {0};
	int status;

	memcpy(iv, &m->header.msg_seqno, 8);
	mbedtls_gcm_init(&gcm);
	assert_int_equal(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES,
					    psp_state.vmpck[m->header.msg_vmpck & 3], 256),
			 0);
	if (mode == MBEDTLS_GCM_ENCRYPT)
		status = mbedtls_gcm_crypt_and_tag(&gcm, mode, m->header.msg_size, iv, 12,
						   (uint8_t *)m + 0x30, 48, in, out, 16,
						   m->header.authtag);
	else
		status = mbedtls_gcm_auth_decrypt(&gcm, m->header.msg_size, iv, 12,
						  (uint8_t *)m + 0x30, 48, m->header.authtag, 16,
						  in, out);
	mbedtls_gcm_free(&gcm);
	return status;
}

static void build(uint8_t type, uint8_t vmpck, uint64_t seqno, const void *payload, uint16_t size)
{
	memset(&request, 0, sizeof(request));
	request.header = (struct guest_msg_header){
		.msg_seqno = seqno,
		.algo = 1,
		.hdr_version = 1,
		.hdr_size = 0x60,
		.msg_type = type,
		.msg_version = 1,
		.msg_size = size,
		.msg_vmpck = vmpck,
	};
	assert_int_equal(crypt_page(MBEDTLS_GCM_ENCRYPT, &request, payload, request.payload), 0);
}

static enum psp_status ask(void)
{
	enum psp_status status = psp_guest_request(&request, &response);

	if (status == PSP_OK) {
		struct guest_msg copy = response;

		assert_int_equal(crypt_page(MBEDTLS_GCM_DECRYPT, &copy, copy.payload, plain), 0);
	}
	return status;
}

static int setup(void **state)
{
	(void)state;
	psp_init();
	assert_int_equal(psp_launch_start(0x30000), PSP_OK);
	return 0;
}

static void check_signature(const struct attestation_report *report)
{
	EC_KEY *key = EC_KEY_new_by_curve_name(NID_secp384r1);
	BIGNUM *d = BN_bin2bn(psp_state.vcek.private_key, 48, NULL);
	EC_POINT *q = EC_POINT_new(EC_KEY_get0_group(key));
	ECDSA_SIG *sig = ECDSA_SIG_new();
	uint8_t hash[48];

	SHA384((const uint8_t *)report, REPORT_SIGNED_SIZE, hash);
	assert_int_equal(EC_POINT_mul(EC_KEY_get0_group(key), q, d, NULL, NULL, NULL), 1);
	assert_int_equal(EC_KEY_set_public_key(key, q), 1);
	assert_int_equal(ECDSA_SIG_set0(sig, BN_lebin2bn(report->signature.r, 72, NULL),
					BN_lebin2bn(report->signature.s, 72, NULL)),
			 1);
	assert_int_equal(ECDSA_do_verify(hash, 48, sig, key), 1);
	hash[0] ^= 1;
	assert_int_equal(ECDSA_do_verify(hash, 48, sig, key), 0);
	ECDSA_SIG_free(sig);
	EC_POINT_free(q);
	BN_free(d);
	EC_KEY_free(key);
}

static void test_report(void **state)
{
	struct report_req payload = {.vmpl = 1, .report_data = {0xab, 0xcd}};
	const struct report_rsp *answer = (const struct report_rsp *)plain;

	(void)state;
	build(GUEST_MSG_REPORT_REQ, 1, 1, &payload, sizeof(payload));
	assert_int_equal(ask(), PSP_OK);
	assert_int_equal(response.header.msg_seqno, 2);
	assert_int_equal(response.header.msg_type, GUEST_MSG_REPORT_RSP);
	assert_int_equal(answer->status, 0);
	assert_int_equal(answer->report.vmpl, 1);
	assert_int_equal(answer->report.policy, 0x30000);
	assert_memory_equal(answer->report.report_data, payload.report_data, 64);
	assert_memory_equal(answer->report.measurement, psp_launch_digest(), 48);
	check_signature(&answer->report);
}

static void test_report_rules(void **state)
{
	static const struct {
		uint8_t vmpck;
		uint32_t vmpl, key_sel, status;
	} cases[] = {
		{0, 0, 0, 0}, {0, 3, 1, 0},    {0, 4, 0, 0x16}, {2, 1, 0, 0x16},
		{2, 2, 0, 0}, {0, 0, 2, 0x27}, {0, 0, 3, 0x16}, {0, 0, 4, 0x16},
	};
	uint64_t seqno[VMPCK_COUNT] = {1, 1, 1, 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct report_req payload = {.vmpl = cases[i].vmpl, .key_sel = cases[i].key_sel};

		build(GUEST_MSG_REPORT_REQ, cases[i].vmpck, seqno[cases[i].vmpck], &payload,
		      sizeof(payload));
		assert_int_equal(ask(), PSP_OK);
		assert_int_equal(((struct report_rsp *)plain)->status, cases[i].status);
		seqno[cases[i].vmpck] += 2;
	}
}

static void expect_refused(enum psp_status status)
{
	assert_int_equal(ask(), status);
	for (unsigned i = 0; i < VMPCK_COUNT; i++)
		assert_int_equal(psp_state.seqno[i], 0);
}

static void test_headers(void **state)
{
	struct report_req payload = {0};
	uint8_t *bytes = (uint8_t *)&request;
	static const uint8_t fields[] = {0x30, 0x31, 0x32, 0x34, 0x35, 0x20};

	(void)state;
	for (size_t i = 0; i < sizeof(fields); i++) {
		build(GUEST_MSG_REPORT_REQ, 0, 1, &payload, sizeof(payload));
		bytes[fields[i]] ^= 0x40;
		expect_refused(PSP_BAD_PARAMETER);
	}
	build(GUEST_MSG_REPORT_REQ, 0, 1, &payload, sizeof(payload));
	request.header.msg_size--;
	expect_refused(PSP_BAD_LENGTH);
	build(GUEST_MSG_REPORT_REQ, 0, 1, &payload, sizeof(payload));
	request.header.msg_vmpck = 4;
	expect_refused(PSP_BAD_PARAMETER);
	build(GUEST_MSG_REPORT_REQ, 0, 1, &payload, sizeof(payload));
	request.header.authtag[0] ^= 1;
	expect_refused(PSP_BAD_MEASUREMENT);
	build(GUEST_MSG_REPORT_REQ, 0, 1, &payload, sizeof(payload));
	request.payload[10] ^= 1;
	expect_refused(PSP_BAD_MEASUREMENT);
	build(GUEST_MSG_REPORT_REQ, 0, 3, &payload, sizeof(payload));
	expect_refused(PSP_BAD_PARAMETER);
	psp_state.seqno[0] = UINT64_MAX - 1;
	build(GUEST_MSG_REPORT_REQ, 0, UINT64_MAX, &payload, sizeof(payload));
	assert_int_equal(ask(), PSP_AEAD_OVERFLOW);
}

static uint64_t key_seqno;

static uint32_t derive(const struct key_req *payload, uint8_t key[32])
{
	build(GUEST_MSG_KEY_REQ, 1, key_seqno += 2, payload, sizeof(*payload));
	assert_int_equal(ask(), PSP_OK);
	memcpy(key, ((struct key_rsp *)plain)->key, 32);
	return ((struct key_rsp *)plain)->status;
}

static void test_derived_keys(void **state)
{
	struct key_req base = {.guest_field_select = KEY_REQ_FIELD_POLICY, .vmpl = 1}, other;
	uint8_t first[32], second[32];

	(void)state;
	key_seqno = (uint64_t)-1;
	assert_int_equal(derive(&base, first), 0);
	assert_int_equal(derive(&base, second), 0);
	assert_memory_equal(first, second, 32);
	other = base;
	other.vmpl = 2;
	assert_int_equal(derive(&other, second), 0);
	assert_memory_not_equal(first, second, 32);
	psp_state.policy = 0xb0000;
	assert_int_equal(derive(&base, second), 0);
	assert_memory_not_equal(first, second, 32);
	other = base;
	other.vmpl = 0;
	assert_int_equal(derive(&other, second), MSG_STATUS_INVALID_PARAMS);
	other = base;
	other.guest_svn = 1;
	assert_int_equal(derive(&other, second), MSG_STATUS_INVALID_PARAMS);
	other = base;
	other.tcb_version = 1;
	assert_int_equal(derive(&other, second), MSG_STATUS_INVALID_PARAMS);
	other = base;
	other.root_key_select = 1;
	assert_int_equal(derive(&other, second), MSG_STATUS_INVALID_PARAMS);
	other = base;
	other.guest_field_select = 0x80;
	assert_int_equal(derive(&other, second), MSG_STATUS_INVALID_PARAMS);
}

static void test_policy(void **state)
{
	(void)state;
	assert_int_equal(psp_launch_start(0x10000), PSP_POLICY_FAILURE);
	assert_int_equal(psp_launch_start(0x30000 | 1ULL << 40), PSP_POLICY_FAILURE);
	assert_int_equal(psp_launch_start(0x30000 | 0x0137), PSP_OK);
	assert_int_equal(psp_launch_start(0x30000 | 0x0138), PSP_POLICY_FAILURE);
	assert_int_equal(psp_launch_start(0x30000 | 0x0200), PSP_POLICY_FAILURE);
}

static void le72(uint8_t out[72], const BIGNUM *n)
{
	assert_int_equal(BN_bn2lebinpad(n, out, 72), 72);
}

static EC_KEY *make_key(struct id_public_key *public)
{
	EC_KEY *key = EC_KEY_new_by_curve_name(NID_secp384r1);
	BIGNUM *x = BN_new(), *y = BN_new();

	assert_int_equal(EC_KEY_generate_key(key), 1);
	assert_int_equal(EC_POINT_get_affine_coordinates(EC_KEY_get0_group(key),
							 EC_KEY_get0_public_key(key), x, y, NULL),
			 1);
	memset(public, 0, sizeof(*public));
	public->curve = ID_CURVE_P384;
	le72(public->qx, x);
	le72(public->qy, y);
	BN_free(x);
	BN_free(y);
	return key;
}

static void sign(EC_KEY *key, const void *data, size_t size, struct snp_signature *out)
{
	uint8_t hash[48];
	ECDSA_SIG *sig;

	SHA384(data, size, hash);
	sig = ECDSA_do_sign(hash, 48, key);
	memset(out, 0, sizeof(*out));
	le72(out->r, ECDSA_SIG_get0_r(sig));
	le72(out->s, ECDSA_SIG_get0_s(sig));
	ECDSA_SIG_free(sig);
}

static struct id_block block;
static struct id_auth id_auth;

static void make_id_block(void)
{
	EC_KEY *id_key = make_key(&id_auth.id_key), *author = make_key(&id_auth.author_key);

	block = (struct id_block){.version = 1, .guest_svn = 4, .policy = 0x30000};
	memcpy(block.launch_digest, psp_launch_digest(), 48);
	id_auth.id_key_algo = id_auth.author_key_algo = ID_ALGO_ECDSA_P384;
	sign(id_key, &block, sizeof(block), &id_auth.id_block_signature);
	sign(author, &id_auth.id_key, sizeof(id_auth.id_key), &id_auth.id_key_signature);
	EC_KEY_free(id_key);
	EC_KEY_free(author);
}

static void test_id_block(void **state)
{
	uint8_t page[4096] = {1}, digest[48];

	(void)state;
	make_id_block();
	assert_int_equal(psp_launch_finish(&block, &id_auth, NULL), PSP_OK);
	SHA384((uint8_t *)&id_auth.id_key, sizeof(id_auth.id_key), digest);
	assert_memory_equal(psp_state.id_key_digest, digest, 48);
	assert_int_equal(psp_launch_finish(&block, NULL, NULL), PSP_BAD_PARAMETER);
	id_auth.id_block_signature.r[3] ^= 1;
	assert_int_equal(psp_launch_finish(&block, &id_auth, NULL), PSP_BAD_SIGNATURE);
	id_auth.id_block_signature.r[3] ^= 1;
	id_auth.id_key_signature.s[3] ^= 1;
	assert_int_equal(psp_launch_finish(&block, &id_auth, NULL), PSP_BAD_SIGNATURE);
	id_auth.author_key_algo = 0;
	assert_int_equal(psp_launch_finish(&block, &id_auth, NULL), PSP_OK);
	id_auth.id_key.qx[71] = 1;
	assert_int_equal(psp_launch_finish(&block, &id_auth, NULL), PSP_BAD_SIGNATURE);
	id_auth.id_key.qx[71] = 0;
	block.version = 2;
	assert_int_equal(psp_launch_finish(&block, &id_auth, NULL), PSP_BAD_VERSION);
	block.version = 1;
	block.policy = 0x20000;
	assert_int_equal(psp_launch_finish(&block, &id_auth, NULL), PSP_POLICY_FAILURE);
	block.policy = 0x30000;
	assert_int_equal(psp_launch_page(LAUNCH_PAGE_NORMAL, GPA(0x1000), page), PSP_OK);
	assert_int_equal(psp_launch_finish(&block, &id_auth, NULL), PSP_BAD_MEASUREMENT);
}

static void test_cpuid_page(void **state)
{
	static struct cpuid_page page;
	struct cpuid_regs r = husk_cpuid(0, 0x80000008, 0);

	(void)state;
	memset(&page, 0, sizeof(page));
	page.count = 1;
	page.entries[0] = (struct cpuid_entry){
		.eax_in = 0x80000008, .eax = r.eax, .ebx = r.ebx, .ecx = r.ecx, .edx = r.edx};
	assert_int_equal(psp_check_cpuid_page(&page), PSP_OK);
	page.entries[0].ecx ^= 1;
	assert_int_equal(psp_check_cpuid_page(&page), PSP_BAD_PARAMETER);
	assert_int_equal(page.entries[0].ecx, r.ecx);
	assert_int_equal(psp_check_cpuid_page(&page), PSP_OK);
	page.count = 65;
	assert_int_equal(psp_check_cpuid_page(&page), PSP_BAD_PARAMETER);
}

static void test_secrets(void **state)
{
	static struct secrets_page page;

	(void)state;
	psp_fill_secrets(&page);
	assert_memory_equal(page.vmpck, psp_state.vmpck, sizeof(page.vmpck));
	assert_memory_not_equal(page.vmpck[0], page.vmpck[1], 32);
	assert_int_equal(page.svsm_size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_report, setup),
		cmocka_unit_test_setup(test_report_rules, setup),
		cmocka_unit_test_setup(test_headers, setup),
		cmocka_unit_test_setup(test_derived_keys, setup),
		cmocka_unit_test_setup(test_policy, setup),
		cmocka_unit_test_setup(test_id_block, setup),
		cmocka_unit_test_setup(test_cpuid_page, setup),
		cmocka_unit_test_setup(test_secrets, setup),
	};

	return cmocka_run_group_tests_name("husk/psp", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Known answers for what our configuration of mbed TLS offers: a fetched library that computes
 * something else, or a configuration that lost a primitive, shows here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <mbedtls/ecdsa.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/nist_kw.h>
#include <mbedtls/sha512.h>

#define HEX_MAX 64

/* Bytes of a hexadecimal literal; returns how many. */
static size_t unhex(const char *text, uint8_t out[HEX_MAX])
{
	size_t n = strlen(text) / 2;

	assert_true(n <= HEX_MAX);
	for (size_t i = 0; i < n; i++) {
		const char digits[] = "0123456789abcdef";
		const char *high = strchr(digits, text[2 * i]);
		const char *low = strchr(digits, text[2 * i + 1]);

		assert_true(high && low);
		out[i] = (uint8_t)((high - digits) * 16 + (low - digits));
	}
	return n;
}

static void assert_hex(const uint8_t *got, const char *expected)
{
	uint8_t want[HEX_MAX];
	size_t n = unhex(expected, want);

	assert_memory_equal(got, want, n);
}

/* FIPS 180-4 example: SHA-384("abc"). */
static void sha384(void **state)
{
	uint8_t digest[64];

	(void)state;
	assert_int_equal(mbedtls_sha512((const unsigned char *)"abc", 3, digest, 1), 0);
	assert_hex(digest, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
			   "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
}

/* The GCM specification's test case 14: AES-256, one block of zeros. */
static void aes256_gcm(void **state)
{
	const uint8_t zeros[32] = {0};
	uint8_t text[16], tag[16];
	mbedtls_gcm_context gcm;

	(void)state;
	mbedtls_gcm_init(&gcm);
	assert_int_equal(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, zeros, 256), 0);
	assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, 16, zeros, 12, NULL,
						   0, zeros, text, 16, tag),
			 0);
	assert_hex(text, "cea7403d4d606b6e074ec5d3baf39d18");
	assert_hex(tag, "d0d1c8a799996bf0265b98b5d48ab919");
	tag[0] ^= 1;
	assert_int_equal(
		mbedtls_gcm_auth_decrypt(&gcm, 16, zeros, 12, NULL, 0, tag, 16, text, text),
		MBEDTLS_ERR_GCM_AUTH_FAILED);
	mbedtls_gcm_free(&gcm);
}

/* RFC 5869, test case 1. */
static void hkdf_sha256(void **state)
{
	uint8_t ikm[HEX_MAX], salt[HEX_MAX], info[HEX_MAX], okm[42];
	size_t ikm_size = unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", ikm);
	size_t salt_size = unhex("000102030405060708090a0b0c", salt);
	size_t info_size = unhex("f0f1f2f3f4f5f6f7f8f9", info);

	(void)state;
	assert_int_equal(mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), salt, salt_size,
				      ikm, ikm_size, info, info_size, okm, sizeof(okm)),
			 0);
	assert_hex(okm, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
			"34007208d5b887185865");
}

/* RFC 3394, 4.6: a 256-bit key wrapped with a 256-bit key. */
static void key_wrap(void **state)
{
	uint8_t kek[HEX_MAX], data[HEX_MAX], out[40];
	size_t size = 0;
	mbedtls_nist_kw_context kw;

	(void)state;
	unhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", kek);
	unhex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f", data);
	mbedtls_nist_kw_init(&kw);
	assert_int_equal(mbedtls_nist_kw_setkey(&kw, MBEDTLS_CIPHER_ID_AES, kek, 256, 1), 0);
	assert_int_equal(mbedtls_nist_kw_wrap(&kw, MBEDTLS_KW_MODE_KW, data, 32, out, &size, 40),
			 0);
	assert_int_equal(size, 40);
	assert_hex(out, "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
			"cbc7f0e71a99f43bfb988b9b7a02dd21");
	mbedtls_nist_kw_free(&kw);
}

/* Blinding needs some bytes; a signature by RFC 6979 doesn't depend on which. */
static int count_up(void *context, unsigned char *out, size_t size)
{
	unsigned char *next = context;

	for (size_t i = 0; i < size; i++)
		out[i] = (*next)++;
	return 0;
}

/* RFC 6979, A.2.6: deterministic ECDSA, P-384, SHA-384 of "sample". */
static void ecdsa_p384(void **state)
{
	uint8_t key[HEX_MAX], hash[64], out[48], counter = 1;
	mbedtls_ecp_group group;
	mbedtls_mpi d, r, s;

	(void)state;
	mbedtls_ecp_group_init(&group);
	mbedtls_mpi_init(&d);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	unhex("6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
	      "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
	      key);
	assert_int_equal(mbedtls_sha512((const unsigned char *)"sample", 6, hash, 1), 0);
	assert_int_equal(mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP384R1), 0);
	assert_int_equal(mbedtls_mpi_read_binary(&d, key, 48), 0);
	assert_int_equal(mbedtls_ecdsa_sign_det_ext(&group, &r, &s, &d, hash, 48, MBEDTLS_MD_SHA384,
						    count_up, &counter),
			 0);
	assert_int_equal(mbedtls_mpi_write_binary(&r, out, 48), 0);
	assert_hex(out, "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7"
			"3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46");
	assert_int_equal(mbedtls_mpi_write_binary(&s, out, 48), 0);
	assert_hex(out, "99ef4aeb15f178cea1fe40db2603138f130e740a19624526"
			"203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8");
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	mbedtls_mpi_free(&d);
	mbedtls_ecp_group_free(&group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha384),      cmocka_unit_test(aes256_gcm),
		cmocka_unit_test(hkdf_sha256), cmocka_unit_test(key_wrap),
		cmocka_unit_test(ecdsa_p384),
	};

	return cmocka_run_group_tests_name("mbedtls", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "tpm.h"

#define ALG_RSA    0x0001
#define ALG_SHA256 0x000b
#define ALG_SHA384 0x000c
#define ALG_SHA512 0x000d
#define ALG_NULL   0x0010
#define ALG_RSASSA 0x0014
#define ALG_RSAES  0x0015
#define ALG_RSAPSS 0x0016
#define ALG_ECDSA  0x0018
#define ALG_ECC    0x0023

#define ATTEST_MAGIC       0xff544347U /* TPM_GENERATED_VALUE: the TPM made it itself */
#define ATTEST_QUOTE       0x8018
#define RH_ENDORSEMENT     0x4000000bU
#define CLOCK_AND_FIRMWARE (17 + 8)

/* A reader that stays failed. Everything in TPM structures is big endian. */
struct reader {
	const uint8_t *at;
	size_t left;
	bool failed;
};

static const uint8_t *take(struct reader *reader, size_t size)
{
	const uint8_t *at = reader->at;

	if (reader->failed || size > reader->left) {
		reader->failed = true;
		return NULL;
	}
	reader->at += size;
	reader->left -= size;
	return at;
}

static uint32_t take_number(struct reader *reader, size_t size)
{
	const uint8_t *at = take(reader, size);
	uint32_t value = 0;

	for (size_t i = 0; at != NULL && i < size; i++)
		value = value << 8 | at[i];
	return value;
}

static uint16_t take_u16(struct reader *reader)
{
	return (uint16_t)take_number(reader, 2);
}

static struct bytes take_sized(struct reader *reader)
{
	size_t size = take_u16(reader);

	return (struct bytes){take(reader, size), reader->failed ? 0 : size};
}

/* Symmetric algorithm and scheme: parameters only behind something else than NULL. */
static void skip_parameters(struct reader *reader)
{
	uint16_t scheme;

	if (take_u16(reader) != ALG_NULL)
		take(reader, 4); /* key bits, mode */
	scheme = take_u16(reader);
	if (scheme != ALG_NULL && scheme != ALG_RSAES)
		take(reader, 2); /* the scheme's hash */
}

static void read_rsa(struct reader *reader, struct tpm_public *out)
{
	skip_parameters(reader);
	take_u16(reader); /* key bits */
	out->exponent = take_number(reader, 4);
	out->x = take_sized(reader);
}

static void read_ecc(struct reader *reader, struct tpm_public *out)
{
	skip_parameters(reader);
	out->curve = take_u16(reader);
	if (take_u16(reader) != ALG_NULL)
		take(reader, 2); /* the KDF's hash */
	out->x = take_sized(reader);
	out->y = take_sized(reader);
}

static bool read_area(struct bytes bytes, struct tpm_public *out)
{
	struct reader reader = {bytes.data, bytes.size, false};

	memset(out, 0, sizeof(*out));
	out->area = bytes;
	out->type = take_u16(&reader);
	out->name_alg = take_u16(&reader);
	out->attributes = take_number(&reader, 4);
	take_sized(&reader); /* authPolicy */
	if (out->type == ALG_RSA)
		read_rsa(&reader, out);
	else if (out->type == ALG_ECC)
		read_ecc(&reader, out);
	else
		return false;
	return !reader.failed && reader.left == 0 && out->x.size != 0;
}

bool tpm_read_public(struct bytes bytes, struct tpm_public *public_area)
{
	struct reader reader = {bytes.data, bytes.size, false};
	struct bytes inner;

	if (read_area(bytes, public_area))
		return true;
	inner = take_sized(&reader);
	return !reader.failed && reader.left == 0 && read_area(inner, public_area);
}

bool tpm_read_quote(struct bytes bytes, struct tpm_quote *quote)
{
	struct reader reader = {bytes.data, bytes.size, false};
	bool ok = take_number(&reader, 4) == ATTEST_MAGIC && take_u16(&reader) == ATTEST_QUOTE;
	uint32_t banks;

	quote->qualified_signer = take_sized(&reader);
	quote->extra_data = take_sized(&reader);
	take(&reader, CLOCK_AND_FIRMWARE);
	banks = take_number(&reader, 4);
	for (uint32_t i = 0; !reader.failed && i < banks; i++) {
		take_u16(&reader); /* hash */
		take(&reader, take_number(&reader, 1));
	}
	quote->pcr_digest = take_sized(&reader);
	return ok && !reader.failed && reader.left == 0;
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM *parameters)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (context == NULL || parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *rsa_key(const struct tpm_public *public_area)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(public_area->x.data, (int)public_area->x.size, NULL);
	BIGNUM *e = BN_new();
	OSSL_PARAM *parameters = NULL;
	EVP_PKEY *key = NULL;

	if (builder != NULL && n != NULL && e != NULL &&
	    BN_set_word(e, public_area->exponent != 0 ? public_area->exponent : 65537) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		parameters = OSSL_PARAM_BLD_to_param(builder);
	if (parameters != NULL)
		key = key_from("RSA", parameters);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	BN_free(n);
	BN_free(e);
	return key;
}

/* The name and coordinate size of a TPM_ECC_CURVE; NULL: none of NIST's larger ones. */
static const char *curve_name(uint16_t curve, size_t *size)
{
	switch (curve) {
	case 3:
		*size = 32;
		return "prime256v1";
	case 4:
		*size = 48;
		return "secp384r1";
	case 5:
		*size = 66;
		return "secp521r1";
	default:
		return NULL;
	}
}

static EVP_PKEY *ecc_key(const struct tpm_public *public_area)
{
	uint8_t point[1 + 2 * 66] = {0x04}; /* uncompressed */
	size_t size = 0;
	const char *name = curve_name(public_area->curve, &size);
	OSSL_PARAM parameters[3];

	if (name == NULL || public_area->x.size > size || public_area->y.size > size ||
	    public_area->y.size == 0)
		return NULL;
	memcpy(point + 1 + size - public_area->x.size, public_area->x.data, public_area->x.size);
	memcpy(point + 1 + 2 * size - public_area->y.size, public_area->y.data,
	       public_area->y.size);
	parameters[0] =
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)name, 0);
	parameters[1] =
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size);
	parameters[2] = OSSL_PARAM_construct_end();
	return key_from("EC", parameters);
}

EVP_PKEY *tpm_key(const struct tpm_public *public_area)
{
	return public_area->type == ALG_RSA ? rsa_key(public_area) : ecc_key(public_area);
}

static const EVP_MD *hash_of(uint16_t alg)
{
	switch (alg) {
	case ALG_SHA256:
		return EVP_sha256();
	case ALG_SHA384:
		return EVP_sha384();
	case ALG_SHA512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

/* alg || H(first || second) */
static void hash_name(uint16_t alg, struct bytes first, struct bytes second,
		      uint8_t name[TPM_NAME_MAX], size_t *size)
{
	const EVP_MD *hash = hash_of(alg);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned int digest_size = 0;

	*size = 0;
	name[0] = (uint8_t)(alg >> 8);
	name[1] = (uint8_t)alg;
	if (hash != NULL && context != NULL && EVP_DigestInit_ex(context, hash, NULL) == 1 &&
	    EVP_DigestUpdate(context, first.data, first.size) == 1 &&
	    EVP_DigestUpdate(context, second.data, second.size) == 1 &&
	    EVP_DigestFinal_ex(context, name + 2, &digest_size) == 1)
		*size = 2 + digest_size;
	EVP_MD_CTX_free(context);
}

void tpm_name(const struct tpm_public *public_area, uint8_t name[TPM_NAME_MAX], size_t *size)
{
	struct bytes none = {(const uint8_t *)"", 0};

	hash_name(public_area->name_alg, public_area->area, none, name, size);
}

/* QN(key) = H(QN(parent) || Name(key)); a hierarchy's QN is its handle (TPM 2.0 part 1, 16). */
void tpm_qualified_name(const struct tpm_public *ek, const struct tpm_public *key,
			uint8_t name[TPM_NAME_MAX], size_t *size)
{
	static const uint8_t hierarchy[4] = {RH_ENDORSEMENT >> 24, 0, 0, RH_ENDORSEMENT & 0xff};
	uint8_t ek_name[TPM_NAME_MAX], ek_qualified[TPM_NAME_MAX], key_name[TPM_NAME_MAX];
	size_t ek_size, qualified_size, key_size;

	tpm_name(ek, ek_name, &ek_size);
	tpm_name(key, key_name, &key_size);
	hash_name(ek->name_alg, (struct bytes){hierarchy, sizeof(hierarchy)},
		  (struct bytes){ek_name, ek_size}, ek_qualified, &qualified_size);
	hash_name(key->name_alg, (struct bytes){ek_qualified, qualified_size},
		  (struct bytes){key_name, key_size}, name, size);
	if (ek_size == 0 || key_size == 0 || qualified_size == 0)
		*size = 0;
}

static bool verify_der(EVP_PKEY *key, const EVP_MD *hash, bool pss, struct bytes message,
		       struct bytes signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context = NULL;
	bool ok = context != NULL &&
		  EVP_DigestVerifyInit(context, &key_context, hash, NULL, key) == 1;

	if (ok && pss)
		ok = EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
		     EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_AUTO) == 1;
	ok = ok && EVP_DigestVerify(context, signature.data, signature.size, message.data,
				    message.size) == 1;
	EVP_MD_CTX_free(context);
	return ok;
}

static bool verify_ecdsa(EVP_PKEY *key, const EVP_MD *hash, struct bytes message, struct bytes r,
			 struct bytes s)
{
	ECDSA_SIG *signature = ECDSA_SIG_new();
	BIGNUM *r_number = BN_bin2bn(r.data, (int)r.size, NULL);
	BIGNUM *s_number = BN_bin2bn(s.data, (int)s.size, NULL);
	unsigned char *der = NULL;
	bool ok = false;

	if (signature != NULL && r_number != NULL && s_number != NULL &&
	    ECDSA_SIG_set0(signature, r_number, s_number) == 1) {
		int size = i2d_ECDSA_SIG(signature, &der);

		r_number = NULL;
		s_number = NULL;
		ok = size > 0 &&
		     verify_der(key, hash, false, message, (struct bytes){der, (size_t)size});
	}
	BN_free(r_number);
	BN_free(s_number);
	ECDSA_SIG_free(signature);
	OPENSSL_free(der);
	return ok;
}

bool tpm_verify(const struct tpm_public *key, struct bytes message, struct bytes signature)
{
	struct reader reader = {signature.data, signature.size, false};
	uint16_t alg = take_u16(&reader);
	const EVP_MD *hash = hash_of(take_u16(&reader));
	struct bytes first = take_sized(&reader);
	struct bytes second = {NULL, 0};
	EVP_PKEY *pkey;
	bool ok = false;

	if (alg == ALG_ECDSA)
		second = take_sized(&reader);
	if (reader.failed || reader.left != 0 || hash == NULL || first.size == 0)
		return false;
	pkey = tpm_key(key);
	if (pkey != NULL && key->type == ALG_RSA && (alg == ALG_RSASSA || alg == ALG_RSAPSS))
		ok = verify_der(pkey, hash, alg == ALG_RSAPSS, message, first);
	else if (pkey != NULL && key->type == ALG_ECC && alg == ALG_ECDSA && second.size != 0)
		ok = verify_ecdsa(pkey, hash, message, first, second);
	EVP_PKEY_free(pkey);
	return ok;
}

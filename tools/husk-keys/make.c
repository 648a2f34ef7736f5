/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "keys.h"
#include "sevabi/certs.h"

#define RSA_BITS      4096
#define LIFETIME_DAYS (25 * 365)

/* The emulated chip's firmware levels, Milan's order of the TCB bytes. */
#define SPL_BOOTLOADER 3
#define SPL_TEE        0
#define SPL_SNP        8
#define SPL_MICROCODE  115

static bool add_name(X509_NAME *name, const char *field, const char *value)
{
	return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, (const unsigned char *)value,
					  -1, -1, 0) == 1;
}

static bool set_names(X509 *certificate, const char *common_name, X509 *issuer)
{
	X509_NAME *name = X509_get_subject_name(certificate);

	return add_name(name, "OU", "Emulated (Husk), not AMD") && add_name(name, "C", "US") &&
	       add_name(name, "O", "Copra") && add_name(name, "CN", common_name) &&
	       X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1;
}

static bool set_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	bool ok = number != NULL &&
		  BN_rand(number, 120, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
		  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;

	BN_free(number);
	return ok;
}

/* Everything but extensions and signature. */
static X509 *new_certificate(const char *common_name, X509 *issuer, EVP_PKEY *key)
{
	X509 *certificate = X509_new();

	if (certificate == NULL)
		return NULL;
	if (X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
	    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL &&
	    X509_time_adj_ex(X509_getm_notAfter(certificate), LIFETIME_DAYS, 0, NULL) != NULL &&
	    set_names(certificate, common_name, issuer != NULL ? issuer : certificate) &&
	    X509_set_pubkey(certificate, key) == 1)
		return certificate;
	X509_free(certificate);
	return NULL;
}

static bool add_x509v3(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return ok;
}

/* An extension with these DER bytes under one of AMD's OIDs. */
static bool add_raw(X509 *certificate, const char *oid, const uint8_t *der, int size)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;
	bool ok = object != NULL && value != NULL && ASN1_OCTET_STRING_set(value, der, size) == 1;

	if (ok)
		extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
	ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(object);
	return ok;
}

/* DER INTEGER of one byte's value. */
static bool add_spl(X509 *certificate, const char *oid, uint8_t value)
{
	const uint8_t small[3] = {0x02, 1, value};
	const uint8_t large[4] = {0x02, 2, 0, value};

	return value < 0x80 ? add_raw(certificate, oid, small, sizeof(small))
			    : add_raw(certificate, oid, large, sizeof(large));
}

static bool add_text(X509 *certificate, const char *oid, const char *text)
{
	uint8_t der[2 + 127];
	size_t size = strlen(text);

	if (size > 127)
		return false;
	der[0] = V_ASN1_IA5STRING;
	der[1] = (uint8_t)size;
	for (size_t i = 0; i < size; i++)
		der[2 + i] = (uint8_t)text[i];
	return add_raw(certificate, oid, der, (int)size + 2);
}

static bool add_vcek_extensions(X509 *vcek, const struct husk_vcek *identity, const char *product)
{
	const uint8_t *tcb = identity->tcb.bytes;

	return add_spl(vcek, CERT_OID_STRUCT_VERSION, 0) &&
	       add_text(vcek, CERT_OID_PRODUCT_NAME, product) &&
	       add_spl(vcek, CERT_OID_BL_SPL, tcb[TCB_MILAN_BOOTLOADER]) &&
	       add_spl(vcek, CERT_OID_TEE_SPL, tcb[TCB_MILAN_TEE]) &&
	       add_spl(vcek, CERT_OID_SNP_SPL, tcb[TCB_MILAN_SNP]) &&
	       add_spl(vcek, CERT_OID_UCODE_SPL, tcb[TCB_MILAN_MICROCODE]) &&
	       add_raw(vcek, CERT_OID_HWID, identity->chip_id, sizeof(identity->chip_id));
}

/* RSASSA-PSS, SHA-384 for the message and for MGF1, salt of 48 bytes. */
static bool sign_pss(X509 *certificate, EVP_PKEY *issuer_key)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_context = NULL;
	bool ok = context != NULL &&
		  EVP_DigestSignInit(context, &key_context, EVP_sha384(), NULL, issuer_key) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
		  EVP_PKEY_CTX_set_rsa_mgf1_md(key_context, EVP_sha384()) == 1 &&
		  EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
		  X509_sign_ctx(certificate, context) > 0;

	EVP_MD_CTX_free(context);
	return ok;
}

static bool make_identity(struct chain *chain)
{
	struct husk_vcek *identity = &chain->identity;
	BIGNUM *scalar = NULL;
	bool ok;

	identity->magic = HUSK_VCEK_MAGIC;
	identity->version = HUSK_VCEK_VERSION;
	identity->cpuid_family = 0x19;
	identity->cpuid_model = 0x01;
	identity->cpuid_stepping = 1;
	identity->tcb.bytes[TCB_MILAN_BOOTLOADER] = SPL_BOOTLOADER;
	identity->tcb.bytes[TCB_MILAN_TEE] = SPL_TEE;
	identity->tcb.bytes[TCB_MILAN_SNP] = SPL_SNP;
	identity->tcb.bytes[TCB_MILAN_MICROCODE] = SPL_MICROCODE;
	ok = RAND_bytes(identity->chip_id, sizeof(identity->chip_id)) == 1 &&
	     EVP_PKEY_get_bn_param(chain->vcek_key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1 &&
	     BN_bn2binpad(scalar, identity->private_key, sizeof(identity->private_key)) ==
		     (int)sizeof(identity->private_key);
	BN_clear_free(scalar);
	return ok;
}

static X509 *make_ca(const char *name, X509 *issuer, EVP_PKEY *key, EVP_PKEY *issuer_key)
{
	X509 *certificate = new_certificate(name, issuer, key);

	if (certificate != NULL &&
	    add_x509v3(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
	    add_x509v3(certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	    sign_pss(certificate, issuer_key))
		return certificate;
	X509_free(certificate);
	return NULL;
}

bool chain_make(struct chain *chain, const char *product)
{
	char ark_name[64];
	char ask_name[64];

	if (snprintf(ark_name, sizeof(ark_name), "ARK-%s", product) >= (int)sizeof(ark_name) ||
	    snprintf(ask_name, sizeof(ask_name), "SEV-%s", product) >= (int)sizeof(ask_name))
		return false;
	chain->ark_key = EVP_RSA_gen(RSA_BITS);
	chain->ask_key = EVP_RSA_gen(RSA_BITS);
	chain->vcek_key = EVP_EC_gen("P-384");
	if (chain->ark_key == NULL || chain->ask_key == NULL || chain->vcek_key == NULL ||
	    !make_identity(chain))
		return false;
	chain->ark = make_ca(ark_name, NULL, chain->ark_key, chain->ark_key);
	if (chain->ark == NULL)
		return false;
	chain->ask = make_ca(ask_name, chain->ark, chain->ask_key, chain->ark_key);
	if (chain->ask == NULL)
		return false;
	chain->vcek = new_certificate("SEV-VCEK", chain->ask, chain->vcek_key);
	return chain->vcek != NULL && add_vcek_extensions(chain->vcek, &chain->identity, product) &&
	       sign_pss(chain->vcek, chain->ask_key);
}

void chain_free(struct chain *chain)
{
	EVP_PKEY_free(chain->ark_key);
	EVP_PKEY_free(chain->ask_key);
	EVP_PKEY_free(chain->vcek_key);
	X509_free(chain->ark);
	X509_free(chain->ask);
	X509_free(chain->vcek);
	OPENSSL_cleanse(chain, sizeof(*chain));
}

/* SPDX-License-Identifier: MIT */
/* VCEK or VLEK against the report: AMD's extensions, the key's kind, the report's signature. */
#include <stdio.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "attest/attest.h"
#include "sevabi/certs.h"

/* The value of one of AMD's extensions; size 0: not there, or there twice. */
static struct bytes extension(X509 *certificate, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at = object != NULL ? X509_get_ext_by_OBJ(certificate, object, -1) : -1;
	bool twice = at >= 0 && X509_get_ext_by_OBJ(certificate, object, at) >= 0;
	const ASN1_OCTET_STRING *value = NULL;

	ASN1_OBJECT_free(object);
	if (at >= 0 && !twice)
		value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
	if (value == NULL || ASN1_STRING_length(value) <= 0)
		return (struct bytes){NULL, 0};
	return (struct bytes){ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)};
}

/* A DER INTEGER from 0 to 255. */
static bool read_spl(X509 *certificate, const char *oid, uint8_t *spl)
{
	struct bytes value = extension(certificate, oid);

	*spl = 0;
	if (value.size == 3 && value.data[0] == 0x02 && value.data[1] == 1 &&
	    value.data[2] < 0x80) {
		*spl = value.data[2];
		return true;
	}
	if (value.size == 4 && value.data[0] == 0x02 && value.data[1] == 2 && value.data[2] == 0 &&
	    value.data[3] >= 0x80) {
		*spl = value.data[3];
		return true;
	}
	return false;
}

static void check_tcb(X509 *leaf, const struct attestation_report *report, struct verdict *verdict)
{
	bool turin = attest_is_turin(report);
	struct attest_tcb tcb = attest_tcb_of(&report->reported_tcb, turin);
	struct attest_tcb own = {0};
	bool ok = read_spl(leaf, CERT_OID_BL_SPL, &own.bootloader) &&
		  read_spl(leaf, CERT_OID_TEE_SPL, &own.tee) &&
		  read_spl(leaf, CERT_OID_SNP_SPL, &own.snp) &&
		  read_spl(leaf, CERT_OID_UCODE_SPL, &own.microcode) &&
		  (!turin || read_spl(leaf, CERT_OID_FMC_SPL, &own.fmc));
	char expected[96];

	snprintf(expected, sizeof(expected), "reported TCB: fmc %u bl %u tee %u snp %u ucode %u",
		 tcb.fmc, tcb.bootloader, tcb.tee, tcb.snp, tcb.microcode);
	verdict_test(verdict, "leaf-tcb", ok && memcmp(&own, &tcb, sizeof(tcb)) == 0, expected,
		     "%s fmc %u bl %u tee %u snp %u ucode %u",
		     ok ? "certificate:" : "incomplete:", own.fmc, own.bootloader, own.tee, own.snp,
		     own.microcode);
}

/* A VLEK belongs to a cloud provider, not to a chip: it has no hardware ID. */
static void check_chip(const struct attest_chain *chain, const struct attestation_report *report,
		       struct verdict *verdict)
{
	struct bytes hwid = extension(chain->leaf, CERT_OID_HWID);
	size_t size = attest_is_turin(report) ? 8 : sizeof(report->chip_id);

	if (chain->vlek) {
		verdict_test(verdict, "leaf-chip", hwid.size == 0, "a VLEK names no chip",
			     "%zu bytes of hardware ID", hwid.size);
		return;
	}
	if (hwid.size == 0)
		verdict_add(verdict, "leaf-chip", CHECK_FAIL, "the report's chip ID",
			    "no hardware ID in the certificate");
	else
		verdict_bytes(verdict, "leaf-chip", (struct bytes){report->chip_id, size}, hwid);
}

/* The product's name for a CPUID family and model; NULL: none that has SNP. */
static const char *product_of(const struct attestation_report *report)
{
	if (report->cpuid_family == 0x19 && report->cpuid_model <= 0x0f)
		return "Milan";
	if (report->cpuid_family == 0x19 &&
	    ((report->cpuid_model >= 0x10 && report->cpuid_model <= 0x1f) ||
	     (report->cpuid_model >= 0xa0 && report->cpuid_model <= 0xaf)))
		return "Genoa";
	if (report->cpuid_family == 0x1a && report->cpuid_model <= 0x1f)
		return "Turin";
	return NULL;
}

static void check_product(X509 *leaf, const struct attestation_report *report,
			  struct verdict *verdict)
{
	struct bytes name = extension(leaf, CERT_OID_PRODUCT_NAME);
	const char *product = product_of(report);
	char found[64] = "";

	if (name.size > 2 && name.size - 2 < sizeof(found) && name.data[1] == name.size - 2)
		memcpy(found, name.data + 2, name.size - 2);
	if (report->version < REPORT_VERSION_CPUID) {
		verdict_add(verdict, "leaf-product", CHECK_SKIP,
			    "(the report's version names no CPU)", found);
		return;
	}
	verdict_test(verdict, "leaf-product", product != NULL && strstr(found, product) != NULL,
		     product != NULL ? product : "a CPU with SNP", "%s", found);
}

static void check_kind(const struct attest_chain *chain, const struct attestation_report *report,
		       struct verdict *verdict)
{
	unsigned int key = (report->key_info & REPORT_KEY_SIGNING_MASK) >> REPORT_KEY_SIGNING_SHIFT;
	unsigned int own = chain->vlek ? REPORT_KEY_SIGNING_VLEK : REPORT_KEY_SIGNING_VCEK;

	verdict_test(verdict, "signing-key", key == own,
		     chain->vlek ? "VLEK, as the certificate" : "VCEK, as the certificate", "%s",
		     key == REPORT_KEY_SIGNING_VCEK   ? "VCEK"
		     : key == REPORT_KEY_SIGNING_VLEK ? "VLEK"
						      : "none");
}

static bool is_p384(EVP_PKEY *key)
{
	char group[32] = "";

	return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
					      NULL) == 1 &&
	       strcmp(group, "secp384r1") == 0;
}

/* The firmware's form (72 bytes, little endian, each) as the DER that OpenSSL wants. */
static int signature_der(const struct snp_signature *signature, unsigned char **der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_lebin2bn(signature->r, sizeof(signature->r), NULL);
	BIGNUM *s = BN_lebin2bn(signature->s, sizeof(signature->s), NULL);
	int size = -1;

	if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
		r = NULL;
		s = NULL;
		size = i2d_ECDSA_SIG(sig, der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return size;
}

static bool verify_report(EVP_PKEY *key, const struct attestation_report *report)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	int size = signature_der(&report->signature, &der);
	bool ok = context != NULL && size > 0 &&
		  EVP_DigestVerifyInit(context, NULL, EVP_sha384(), NULL, key) == 1 &&
		  EVP_DigestVerify(context, der, (size_t)size, (const unsigned char *)report,
				   REPORT_SIGNED_SIZE) == 1;

	EVP_MD_CTX_free(context);
	OPENSSL_free(der);
	return ok;
}

void attest_leaf_check(const struct attest_chain *chain, const struct attestation_report *report,
		       struct verdict *verdict)
{
	EVP_PKEY *key = chain->leaf != NULL ? X509_get0_pubkey(chain->leaf) : NULL;
	bool ok;

	if (chain->leaf == NULL) {
		verdict_add(verdict, "report-signature", CHECK_FAIL, "a VCEK or VLEK certificate",
			    "none");
		return;
	}
	check_kind(chain, report, verdict);
	check_chip(chain, report, verdict);
	check_tcb(chain->leaf, report, verdict);
	check_product(chain->leaf, report, verdict);
	verdict_test(verdict, "leaf-key", key != NULL && is_p384(key), "an EC key on P-384", "%s",
		     key != NULL && is_p384(key) ? "P-384" : "another key");
	ok = key != NULL && is_p384(key) && verify_report(key, report);
	verdict_test(verdict, "report-signature", ok, "ECDSA signature by the certificate's key",
		     "%s", ok ? "good" : "bad");
}

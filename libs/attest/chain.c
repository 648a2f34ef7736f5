/* SPDX-License-Identifier: MIT */
/* Certificates: reading them out of tables and files, and the chain up to a trusted root. */
#include <string.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "attest/attest.h"
#include "base/types.h"
#include "sevabi/certs.h"

#define SPKI_HASH_SIZE 48

/* SHA-384 of the SubjectPublicKeyInfo of AMD's roots (kdsintf.amd.com, vcek/v1/PRODUCT/cert_chain).
 */
struct pinned_root {
	const char *product;
	uint8_t spki[SPKI_HASH_SIZE];
};

static const struct pinned_root pinned_roots[] = {
	{"Milan", {0x12, 0x49, 0xf6, 0x7f, 0x15, 0xcf, 0x22, 0x9a, 0x40, 0x69, 0x19, 0x5e,
		   0x1a, 0x9c, 0xe5, 0x37, 0xd1, 0x76, 0x5e, 0xf7, 0x06, 0xa1, 0xf4, 0xa1,
		   0x23, 0xc3, 0x6b, 0xe9, 0x51, 0x87, 0x86, 0x51, 0x5d, 0x25, 0xec, 0xc0,
		   0x07, 0xf3, 0x66, 0xb5, 0x64, 0xd2, 0xb3, 0xf3, 0x1c, 0x48, 0x08, 0x2e}},
	{"Genoa", {0x32, 0xab, 0x53, 0xa6, 0xce, 0x5e, 0xc1, 0x49, 0x26, 0x20, 0x73, 0x96,
		   0xe5, 0xc4, 0x75, 0xae, 0x76, 0x8a, 0x6a, 0x98, 0x31, 0xb7, 0xe8, 0x60,
		   0xb5, 0xac, 0xf2, 0xe1, 0xc1, 0xdf, 0xf2, 0x22, 0xbc, 0x5a, 0x8b, 0xfc,
		   0x43, 0xeb, 0x5e, 0x06, 0x39, 0x31, 0x89, 0xc1, 0xf2, 0x46, 0xd8, 0x80}},
	{"Turin", {0x34, 0x75, 0xf0, 0x8a, 0x97, 0x27, 0xf8, 0xac, 0x9a, 0x1d, 0xea, 0xea,
		   0x5f, 0x2a, 0x20, 0x97, 0xaa, 0x59, 0xd6, 0x4d, 0x05, 0xc2, 0xa6, 0x78,
		   0xc2, 0x29, 0xc8, 0x73, 0xe6, 0x35, 0x9d, 0x3a, 0x69, 0x26, 0x28, 0x7a,
		   0x2a, 0x22, 0xcd, 0x5f, 0x88, 0xa3, 0x85, 0xe3, 0x33, 0xa2, 0xfc, 0xc5}},
};

static bool take(X509 **slot, X509 *certificate)
{
	if (*slot != NULL) {
		X509_free(certificate);
		return false;
	}
	*slot = certificate;
	return true;
}

static void common_name(X509 *certificate, char name[64])
{
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
				      64) < 0)
		strcpy(name, "(no common name)");
}

/* Which of the chain's certificates it is, by its name. False: one of that kind is there already.
 */
static bool take_by_name(struct attest_chain *chain, X509 *certificate)
{
	char name[64];

	common_name(certificate, name);
	if (strncmp(name, "ARK-", 4) == 0)
		return take(&chain->ark, certificate);
	if (strcmp(name, "SEV-VCEK") == 0 || strcmp(name, "SEV-VLEK") == 0) {
		chain->vlek = strcmp(name, "SEV-VLEK") == 0;
		return take(&chain->leaf, certificate);
	}
	if (strncmp(name, "SEV-", 4) == 0)
		return take(&chain->ask, certificate);
	X509_free(certificate);
	return false;
}

/* One DER certificate that fills all of the bytes. */
static X509 *read_der(struct bytes bytes)
{
	const unsigned char *at = bytes.data;
	X509 *certificate;

	if (bytes.size == 0 || bytes.size > INT32_MAX)
		return NULL;
	certificate = d2i_X509(NULL, &at, (long)bytes.size);
	if (certificate != NULL && at != bytes.data + bytes.size) {
		X509_free(certificate);
		return NULL;
	}
	return certificate;
}

/* All certificates of a PEM text. False: none, or one that does not belong into a chain. */
static bool read_pem(struct attest_chain *chain, struct bytes bytes)
{
	BIO *bio = bytes.size <= INT32_MAX ? BIO_new_mem_buf(bytes.data, (int)bytes.size) : NULL;
	bool ok = bio != NULL;
	X509 *certificate;
	size_t count = 0;

	while (ok && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		ok = take_by_name(chain, certificate);
		count++;
	}
	BIO_free(bio);
	return ok && count > 0;
}

static bool is_zero(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < size; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static bool take_entry(struct attest_chain *chain, const struct cert_table_entry *entry,
		       struct bytes der)
{
	static const struct guid ark = CERT_GUID_ARK, ask = CERT_GUID_ASK, vcek = CERT_GUID_VCEK,
				 vlek = CERT_GUID_VLEK, crl = CERT_GUID_CRL;
	const unsigned char *at = der.data;
	X509 *certificate;

	if (memcmp(&entry->guid, &crl, sizeof(crl)) == 0) {
		if (chain->crl == NULL)
			chain->crl = d2i_X509_CRL(NULL, &at, (long)der.size);
		return chain->crl != NULL;
	}
	if (memcmp(&entry->guid, &ark, sizeof(ark)) != 0 &&
	    memcmp(&entry->guid, &ask, sizeof(ask)) != 0 &&
	    memcmp(&entry->guid, &vcek, sizeof(vcek)) != 0 &&
	    memcmp(&entry->guid, &vlek, sizeof(vlek)) != 0)
		return true; /* others' additions are not ours to judge */
	certificate = read_der(der);
	if (certificate == NULL)
		return false;
	if (memcmp(&entry->guid, &ark, sizeof(ark)) == 0)
		return take(&chain->ark, certificate);
	if (memcmp(&entry->guid, &ask, sizeof(ask)) == 0)
		return take(&chain->ask, certificate);
	chain->vlek = memcmp(&entry->guid, &vlek, sizeof(vlek)) == 0;
	return take(&chain->leaf, certificate);
}

/* The table of the extended guest request (snp-guest-msg 5). */
static bool read_table(struct attest_chain *chain, struct bytes table)
{
	for (size_t at = 0; table.size - at >= sizeof(struct cert_table_entry);
	     at += sizeof(struct cert_table_entry)) {
		struct cert_table_entry entry;
		struct bytes der;

		memcpy(&entry, table.data + at, sizeof(entry));
		if (is_zero(&entry, sizeof(entry)))
			return true;
		if (entry.offset > table.size || entry.length > table.size - entry.offset)
			return false;
		der = (struct bytes){table.data + entry.offset, entry.length};
		if (!take_entry(chain, &entry, der))
			return false;
	}
	return false; /* the table has no end */
}

static bool looks_like_pem(struct bytes bytes)
{
	static const char begin[] = "-----BEGIN";

	return bytes.size >= sizeof(begin) &&
	       memmem(bytes.data, bytes.size, begin, sizeof(begin) - 1) != NULL;
}

static bool read_any(struct attest_chain *chain, struct bytes bytes)
{
	X509 *certificate;

	if (looks_like_pem(bytes))
		return read_pem(chain, bytes);
	certificate = read_der(bytes);
	if (certificate != NULL)
		return take_by_name(chain, certificate);
	return read_table(chain, bytes);
}

void attest_chain_read(const struct attest_evidence *evidence, struct attest_chain *chain,
		       struct verdict *verdict)
{
	memset(chain, 0, sizeof(*chain));
	if (evidence->leaf.size != 0)
		verdict_test(verdict, "leaf-format", read_any(chain, evidence->leaf),
			     "a VCEK or VLEK certificate", "%zu bytes", evidence->leaf.size);
	if (evidence->certs.size != 0)
		verdict_test(verdict, "certificates-format", read_any(chain, evidence->certs),
			     "a certificate table, PEM or DER, each kind once", "%zu bytes",
			     evidence->certs.size);
}

void attest_chain_free(struct attest_chain *chain)
{
	X509_free(chain->ark);
	X509_free(chain->ask);
	X509_free(chain->leaf);
	X509_CRL_free(chain->crl);
	memset(chain, 0, sizeof(*chain));
}

static const char *pinned_product(X509 *certificate)
{
	unsigned char *der = NULL;
	uint8_t hash[SPKI_HASH_SIZE];
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	bool ok = size > 0 && EVP_Digest(der, (size_t)size, hash, NULL, EVP_sha384(), NULL) == 1;

	OPENSSL_free(der);
	for (size_t i = 0; ok && i < ARRAY_SIZE(pinned_roots); i++)
		if (memcmp(pinned_roots[i].spki, hash, sizeof(hash)) == 0)
			return pinned_roots[i].product;
	return NULL;
}

/* The named root must be one certificate with the key of the evidence's ARK, or stand in for it. */
static X509 *named_root(const struct attest_expectation *expectation)
{
	struct attest_chain file = {0};
	X509 *root = NULL;

	if (read_any(&file, expectation->trusted_ark) && file.ark != NULL) {
		root = file.ark;
		file.ark = NULL;
	}
	attest_chain_free(&file);
	return root;
}

static bool same_key(X509 *a, X509 *b)
{
	EVP_PKEY *key_a = X509_get0_pubkey(a);
	EVP_PKEY *key_b = X509_get0_pubkey(b);

	return key_a != NULL && key_b != NULL && EVP_PKEY_eq(key_a, key_b) == 1;
}

/* The trusted root's certificate (to be freed), or NULL after a failed check. */
static X509 *check_root(const struct attest_chain *chain,
			const struct attest_expectation *expectation, struct verdict *verdict)
{
	bool named = expectation->trusted_ark.size != 0;
	X509 *root = named ? named_root(expectation) : chain->ark;
	const char *product = root != NULL ? pinned_product(root) : NULL;
	char name[64] = "none";
	bool ok;

	if (root != NULL)
		common_name(root, name);
	ok = named ? root != NULL && (chain->ark == NULL || same_key(root, chain->ark))
		   : product != NULL;
	verdict_test(verdict, "root", ok,
		     named ? "the root that was named, no other" : "a root key of AMD's",
		     "%s, key of %s", name, product != NULL ? product : "nobody known");
	verdict->emulated = product == NULL;
	if (!named && root != NULL)
		X509_up_ref(root);
	if (!ok) {
		X509_free(root);
		return NULL;
	}
	return root;
}

static bool is_pss(X509 *certificate)
{
	return X509_get_signature_nid(certificate) == NID_rsassaPss;
}

static void check_link(struct verdict *verdict, const char *name, X509 *child, X509 *parent)
{
	bool ok = child != NULL && parent != NULL && is_pss(child) &&
		  X509_NAME_cmp(X509_get_issuer_name(child), X509_get_subject_name(parent)) == 0 &&
		  X509_verify(child, X509_get0_pubkey(parent)) == 1;
	char child_name[64] = "no certificate";
	char parent_name[64] = "no issuer";

	if (child != NULL)
		common_name(child, child_name);
	if (parent != NULL)
		common_name(parent, parent_name);
	verdict_test(verdict, name, ok, "RSA-PSS signature by the issuer", "%s below %s: %s",
		     child_name, parent_name, ok ? "good" : "bad or missing");
}

static void check_validity(struct verdict *verdict, X509 *const *certificates, size_t count,
			   time_t at)
{
	time_t now = at != 0 ? at : time(NULL);
	char name[64] = "all";
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		if (certificates[i] == NULL)
			continue;
		ok = X509_cmp_time(X509_get0_notBefore(certificates[i]), &now) < 0 &&
		     X509_cmp_time(X509_get0_notAfter(certificates[i]), &now) > 0;
		if (!ok)
			common_name(certificates[i], name);
	}
	verdict_test(verdict, "validity", ok, "certificates are valid at this time", "%s: %s", name,
		     ok ? "valid" : "expired or not valid yet");
}

static void check_ca(struct verdict *verdict, X509 *ask)
{
	bool ok = ask != NULL && X509_check_ca(ask) == 1;

	verdict_test(verdict, "ask-is-ca", ok, "the ASK may sign certificates", "%s",
		     ok ? "it may" : "it may not, or is missing");
}

static void check_revocation(struct verdict *verdict, const struct attest_chain *chain, X509 *root)
{
	X509_REVOKED *revoked = NULL;
	bool ok;

	if (chain->crl == NULL) {
		verdict_add(verdict, "revocation", CHECK_SKIP, "(no CRL given)", "not looked at");
		return;
	}
	ok = X509_CRL_verify(chain->crl, X509_get0_pubkey(root)) == 1 && chain->ask != NULL &&
	     X509_CRL_get0_by_cert(chain->crl, &revoked, chain->ask) == 0;
	verdict_test(verdict, "revocation", ok, "the root's CRL does not name the ASK", "%s",
		     ok ? "not revoked" : "revoked, or not the root's CRL");
}

void attest_chain_check(const struct attest_chain *chain,
			const struct attest_expectation *expectation, struct verdict *verdict)
{
	X509 *root = check_root(chain, expectation, verdict);
	X509 *const certificates[] = {root, chain->ask, chain->leaf};

	if (root == NULL)
		return;
	/* The ARK that came along is not needed beside a named root, but must not be a changed one.
	 */
	check_link(verdict, "ark-signature", chain->ark != NULL ? chain->ark : root, root);
	check_link(verdict, "ask-signature", chain->ask, root);
	check_link(verdict, "leaf-signature", chain->leaf, chain->ask);
	check_ca(verdict, chain->ask);
	check_validity(verdict, certificates, ARRAY_SIZE(certificates), expectation->at);
	check_revocation(verdict, chain, root);
	X509_free(root);
}

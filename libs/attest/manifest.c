/* SPDX-License-Identifier: MIT */
/* The SVSM's manifest: bound to the report, well formed, and whose TPM it names (svsm-protocol 5).
 */
#include <stdio.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/pem.h>

#include "attest/attest.h"
#include "sevabi/svsm.h"
#include "tpm.h"

#define AK_NEEDED                                                                      \
	(TPM_ATTR_FIXED_TPM | TPM_ATTR_FIXED_PARENT | TPM_ATTR_SENSITIVE_DATA_ORIGIN | \
	 TPM_ATTR_RESTRICTED | TPM_ATTR_SIGN)

/* A quote by a key that also decrypts or is not restricted could be of the guest's own making. */
static bool is_attestation_key(const struct tpm_public *ak)
{
	return (ak->attributes & AK_NEEDED) == AK_NEEDED &&
	       (ak->attributes & TPM_ATTR_DECRYPT) == 0;
}

static bool sha512(struct bytes first, struct bytes second, uint8_t digest[64])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha512(), NULL) == 1 &&
		  EVP_DigestUpdate(context, first.data, first.size) == 1 &&
		  EVP_DigestUpdate(context, second.data, second.size) == 1 &&
		  EVP_DigestFinal_ex(context, digest, NULL) == 1;

	EVP_MD_CTX_free(context);
	return ok;
}

/* A report without a manifest: the nonce itself is the report data, zeros behind it. */
static void check_plain_nonce(struct bytes nonce, struct bytes report_data, struct verdict *verdict)
{
	uint8_t padded[64] = {0};

	if (nonce.size == 0 || nonce.size > sizeof(padded)) {
		verdict_add(verdict, "report-data", CHECK_FAIL, "a nonce of 1 to 64 bytes",
			    "another size");
		return;
	}
	memcpy(padded, nonce.data, nonce.size);
	verdict_bytes(verdict, "report-data", (struct bytes){padded, sizeof(padded)}, report_data);
}

static void check_binding(const struct attestation_report *report,
			  const struct attest_evidence *evidence,
			  const struct attest_expectation *expectation, struct verdict *verdict)
{
	static const uint8_t nothing;
	struct bytes manifest = evidence->manifest;
	struct bytes found = {report->report_data, sizeof(report->report_data)};
	uint8_t digest[64];

	if (!expectation->have_nonce) {
		verdict_add(verdict, "report-data", manifest.size != 0 ? CHECK_FAIL : CHECK_SKIP,
			    "(no nonce given)",
			    manifest.size != 0 ? "a manifest can't be checked without its nonce"
					       : "not looked at");
		return;
	}
	if (manifest.size == 0) {
		check_plain_nonce(expectation->nonce, found, verdict);
		return;
	}
	if (!sha512(expectation->nonce.size != 0 ? expectation->nonce : (struct bytes){&nothing, 0},
		    manifest, digest)) {
		verdict_add(verdict, "report-data", CHECK_FAIL, "SHA-512", "failed");
		return;
	}
	verdict_bytes(verdict, "report-data", (struct bytes){digest, sizeof(digest)}, found);
}

/* The vTPM's data in a manifest of all services. False: malformed. */
static bool find_vtpm(struct bytes manifest, struct bytes *data)
{
	static const struct guid own = SVSM_GUID_MANIFEST, vtpm = SVSM_GUID_SERVICE_VTPM;
	struct svsm_manifest_header header;

	*data = (struct bytes){NULL, 0};
	if (manifest.size < sizeof(header))
		return false;
	memcpy(&header, manifest.data, sizeof(header));
	if (memcmp(&header.guid, &own, sizeof(own)) != 0 || header.size != manifest.size ||
	    header.count > (manifest.size - sizeof(header)) / sizeof(struct svsm_manifest_entry))
		return false;
	for (uint32_t i = 0; i < header.count; i++) {
		size_t table_end =
			sizeof(header) + header.count * sizeof(struct svsm_manifest_entry);
		struct svsm_manifest_entry entry;

		memcpy(&entry, manifest.data + sizeof(header) + i * sizeof(entry), sizeof(entry));
		if (entry.offset < table_end || entry.offset > manifest.size ||
		    entry.size > manifest.size - entry.offset)
			return false;
		if (memcmp(&entry.service, &vtpm, sizeof(vtpm)) != 0)
			continue;
		if (data->data != NULL)
			return false; /* the service is there twice */
		*data = (struct bytes){manifest.data + entry.offset, entry.size};
	}
	return true;
}

static EVP_PKEY *read_pem_key(struct bytes bytes)
{
	BIO *bio = bytes.size <= INT32_MAX ? BIO_new_mem_buf(bytes.data, (int)bytes.size) : NULL;
	EVP_PKEY *key = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return key;
}

static bool same_ek(const struct tpm_public *own, struct bytes expected)
{
	struct tpm_public other;
	EVP_PKEY *own_key, *other_key;
	bool same;

	if (tpm_read_public(expected, &other))
		return other.area.size == own->area.size &&
		       memcmp(other.area.data, own->area.data, own->area.size) == 0;
	own_key = tpm_key(own);
	other_key = read_pem_key(expected);
	same = own_key != NULL && other_key != NULL && EVP_PKEY_eq(own_key, other_key) == 1;
	EVP_PKEY_free(own_key);
	EVP_PKEY_free(other_key);
	return same;
}

static void check_ek(const struct tpm_public *ek, const struct attest_expectation *expectation,
		     struct verdict *verdict)
{
	bool same;

	if (expectation->ek.size == 0) {
		verdict_add(verdict, "ek", CHECK_SKIP, "(no EK given)", "an EK is in the manifest");
		return;
	}
	same = same_ek(ek, expectation->ek);
	verdict_test(verdict, "ek", same, "the EK in the manifest is the one that was given", "%s",
		     same ? "the same" : "another key");
}

static void check_quote(const struct tpm_public *ek, const struct attest_evidence *evidence,
			const struct attest_expectation *expectation, struct verdict *verdict)
{
	uint8_t name[TPM_NAME_MAX];
	struct tpm_quote quote;
	struct tpm_public ak;
	size_t name_size;
	bool ok = tpm_read_public(evidence->ak, &ak);

	verdict_test(verdict, "ak", ok && is_attestation_key(&ak),
		     "a restricted signing key that never leaves its TPM", "%s",
		     !ok                       ? "not a public area"
		     : is_attestation_key(&ak) ? "it is"
					       : "it is not");
	if (!ok)
		return;
	ok = tpm_read_quote(evidence->quote, &quote);
	verdict_test(verdict, "quote-format", ok, "a TPM's quote", "%zu bytes",
		     evidence->quote.size);
	if (!ok)
		return;
	ok = tpm_verify(&ak, evidence->quote, evidence->quote_signature);
	verdict_test(verdict, "quote-signature", ok, "a signature by the AK", "%s",
		     ok ? "good" : "bad");
	tpm_qualified_name(ek, &ak, name, &name_size);
	if (name_size == 0)
		verdict_add(verdict, "quote-signer", CHECK_FAIL, "names by SHA-256, -384 or -512",
			    "another hash");
	else
		verdict_bytes(verdict, "quote-signer", (struct bytes){name, name_size},
			      quote.qualified_signer);
	verdict_bytes(verdict, "quote-nonce", expectation->quote_nonce, quote.extra_data);
	verdict_bytes(verdict, "quote-pcrs", expectation->pcr_digest, quote.pcr_digest);
}

static void check_vtpm(struct bytes data, const struct attest_evidence *evidence,
		       const struct attest_expectation *expectation, struct verdict *verdict)
{
	bool wanted = expectation->ek.size != 0 || evidence->quote.size != 0;
	struct tpm_public ek;
	bool ok = data.size != 0 && tpm_read_public(data, &ek);

	if (data.size == 0 && !wanted) {
		verdict_add(verdict, "vtpm", CHECK_SKIP, "(no EK, no quote given)",
			    "no vTPM in the manifest");
		return;
	}
	verdict_test(verdict, "vtpm", ok, "the vTPM's endorsement key", "%zu bytes", data.size);
	if (!ok)
		return;
	check_ek(&ek, expectation, verdict);
	if (evidence->quote.size != 0)
		check_quote(&ek, evidence, expectation, verdict);
}

void attest_manifest_check(const struct attestation_report *report,
			   const struct attest_evidence *evidence,
			   const struct attest_expectation *expectation, struct verdict *verdict)
{
	struct bytes data = evidence->manifest;
	bool ok;

	check_binding(report, evidence, expectation, verdict);
	if (evidence->manifest.size == 0) {
		if (expectation->ek.size != 0 || evidence->quote.size != 0)
			verdict_add(verdict, "vtpm", CHECK_FAIL, "a manifest that names the EK",
				    "no manifest");
		return;
	}
	if (!expectation->single_service) {
		ok = find_vtpm(evidence->manifest, &data);
		verdict_test(verdict, "manifest-format", ok,
			     "a manifest of all services, version 0", "%zu bytes",
			     evidence->manifest.size);
		if (!ok)
			return;
	}
	check_vtpm(data, evidence, expectation, verdict);
}

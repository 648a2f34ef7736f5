/* SPDX-License-Identifier: MIT */
/*
 * Verification of SNP attestation evidence, offline, for programs of the build host (OpenSSL).
 * All input is hostile: any bytes give a verdict. Nothing is trusted but AMD's root keys, pinned
 * here, or a root that the caller names.
 */
#ifndef ATTEST_ATTEST_H
#define ATTEST_ATTEST_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <openssl/x509.h>

#include "attest/verdict.h"
#include "sevabi/report.h"

/* Component-wise TCB, whatever the order of the bytes in TCB_VERSION. */
struct attest_tcb {
	uint8_t fmc; /* Turin only */
	uint8_t bootloader;
	uint8_t tee;
	uint8_t snp;
	uint8_t microcode;
};

/* What is to be verified; bytes of size 0 were not given. */
struct attest_evidence {
	struct bytes report;          /* raw, or the body of a MSG_REPORT_RSP */
	struct bytes certs;           /* certificate table, or PEM, or one DER certificate */
	struct bytes leaf;            /* VCEK or VLEK, PEM or DER; beside or instead of certs */
	struct bytes manifest;        /* of all services, or of one */
	struct bytes quote;           /* TPMS_ATTEST */
	struct bytes quote_signature; /* TPMT_SIGNATURE */
	struct bytes ak;              /* TPM2B_PUBLIC or TPMT_PUBLIC of the quote's key */
};

/* What the owner expects. Zero-initialised: the strictest, with nothing to compare with. */
struct attest_expectation {
	struct bytes trusted_ark; /* a root beside AMD's; then the verdict may be "emulated" */
	struct bytes nonce;
	bool have_nonce;
	bool single_service; /* the manifest is the vTPM's own, not that of all services */
	bool allow_debug;
	bool allow_migration;
	bool require_no_smt;
	bool have_measurement;
	uint8_t measurement[48];
	uint32_t vmpl;
	uint32_t min_guest_svn;
	struct attest_tcb min_tcb;
	uint8_t min_abi_major;
	uint8_t min_abi_minor;
	struct bytes host_data;         /* 32 */
	struct bytes family_id;         /* 16 */
	struct bytes image_id;          /* 16 */
	struct bytes id_key_digest;     /* 48 */
	struct bytes author_key_digest; /* 48 */
	struct bytes chip_id;           /* 64 */
	struct bytes ek;                /* TPM2B_PUBLIC, TPMT_PUBLIC, or a public key in PEM */
	struct bytes quote_nonce;
	struct bytes pcr_digest;
	time_t at; /* the time to check validity for; 0: now */
};

/* Makes all checks that the evidence allows. verdict_good() says the outcome. */
void attest_verify(const struct attest_evidence *evidence,
		   const struct attest_expectation *expectation, struct verdict *verdict);

/* --- The parts, in files of their own --------------------------------------------------------- */

/* Certificates as found; members that are missing are NULL. */
struct attest_chain {
	X509 *ark;
	X509 *ask;
	X509 *leaf;
	X509_CRL *crl;
	bool vlek;
};

/* Copies the report out of raw bytes or of a MSG_REPORT_RSP. False: no report. */
MUST_CHECK bool attest_read_report(struct bytes bytes, struct attestation_report *report);

/* True for family 1Ah, which orders TCB_VERSION otherwise and has chip IDs of 8 bytes. */
bool attest_is_turin(const struct attestation_report *report);

/* Takes a TCB_VERSION apart. */
struct attest_tcb attest_tcb_of(const struct tcb_version *tcb, bool turin);

/* Reads the certificates. What is malformed is a failed check. */
void attest_chain_read(const struct attest_evidence *evidence, struct attest_chain *chain,
		       struct verdict *verdict);
void attest_chain_free(struct attest_chain *chain);

/* Root, signatures, validity, revocation; sets verdict->emulated. */
void attest_chain_check(const struct attest_chain *chain,
			const struct attest_expectation *expectation, struct verdict *verdict);

/* Whether the leaf certificate belongs to the chip and TCB of the report, and signed it. */
void attest_leaf_check(const struct attest_chain *chain, const struct attestation_report *report,
		       struct verdict *verdict);

/* Policy, TCB, identity, measurement. */
void attest_report_check(const struct attestation_report *report,
			 const struct attest_expectation *expectation, struct verdict *verdict);

/* Report data = SHA-512(nonce || manifest), the manifest's form, EK and quote. */
void attest_manifest_check(const struct attestation_report *report,
			   const struct attest_evidence *evidence,
			   const struct attest_expectation *expectation, struct verdict *verdict);

#endif

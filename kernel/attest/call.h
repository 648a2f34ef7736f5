/* SPDX-License-Identifier: MIT */
/* What an attestation call keeps between two entries. All of it is private copies. */
#ifndef ATTEST_CALL_H
#define ATTEST_CALL_H

#include "kernel/attest.h"
#include "kernel/psp.h"
#include "kernel/service.h"
#include "sevabi/svsm.h"

/* Nonces that we take: any length up to a page (SVSM 5.1 gives it 16 bits). */
#define ATTEST_NONCE_MAX 4096U
/* Header, entries and data of every service that may exist. */
#define ATTEST_MANIFEST_MAX 16384U

enum attest_stage {
	ATTEST_COLLECT, /* services' manifests */
	ATTEST_REPORT,  /* the PSP */
};

struct attest_call {
	enum attest_stage stage;
	uint32_t call; /* with rcx: by what a repetition is recognised */
	uint64_t rcx;
	uint64_t deadline_ns; /* of the whole call */
	struct svsm_attest_single_op op;
	uint32_t service_count, service_at;
	struct service_manifest services[SERVICE_MANIFEST_MAX];
	uint32_t manifest_size;
	uint32_t nonce_size;
	uint8_t nonce[ATTEST_NONCE_MAX];
	uint8_t manifest[ATTEST_MANIFEST_MAX];
	uint8_t certs[PSP_CERTS_MAX_PAGES * PAGE_SIZE];
	struct attestation_report report;
};

/*
 * Read and check the operation at `rcx` (SVSM 5.1), in the specification's order; read the nonce.
 * SVSM_SUCCESS or the result code; nothing is kept unless SVSM_SUCCESS.
 */
uint32_t attest_read_op(struct attest_call *call, uint32_t number, uint64_t rcx) MUST_CHECK;

/*
 * Choose the services: all, or the one that the operation names. SVSM_ERR_UNSUPPORTED_PROTOCOL: no
 * such service; SVSM_ERR_INVALID_PARAMETER: it has no manifest of that version.
 */
uint32_t attest_choose(struct attest_call *call) MUST_CHECK;

/*
 * Collect the manifests that are still missing; lays the whole manifest out. SVSM_SUCCESS,
 * INCOMPLETE or BUSY (call again), or a final error.
 */
uint32_t attest_collect(struct attest_call *call, struct service_slot *slot) MUST_CHECK;

#endif

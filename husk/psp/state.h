/* SPDX-License-Identifier: MIT */
/* The firmware's state for its one guest, shared by the parts of husk/psp. */
#ifndef HUSK_PSP_STATE_H
#define HUSK_PSP_STATE_H

#include "huskabi/vcek.h"
#include "launch/digest.h"
#include "husk/psp.h"

/* The firmware API that is emulated: 1.55. */
#define PSP_API_MAJOR 1
#define PSP_API_MINOR 55

struct psp_state {
	struct husk_vcek vcek;
	uint8_t vmpck[VMPCK_COUNT][VMPCK_SIZE];
	uint64_t seqno[VMPCK_COUNT]; /* last used */
	uint8_t report_id[32];
	uint32_t report_version;
	struct launch_digest digest;
	uint64_t policy;
	bool has_id_block;
	bool has_author;
	struct id_block id_block;
	uint8_t id_key_digest[48];
	uint8_t author_key_digest[48];
	uint8_t host_data[32];
	const void *certs;
	uint32_t certs_size;
};

extern struct psp_state psp_state;

/* --- sign.c: ECDSA P-384 with SHA-384 -------------------------------------------------- */

/* Makes a private key of random bytes. */
bool MUST_CHECK psp_key_generate(uint8_t private_key[48]);
/* Signs as the report wants it: R, S little endian. */
bool MUST_CHECK psp_sign(const void *data, size_t size, struct snp_signature *signature);
bool MUST_CHECK psp_verify(const struct id_public_key *key, const void *data, size_t size,
			   const struct snp_signature *signature);

/* --- report.c, derive.c: one request's payload to its answer; sizes are checked already ---- */

void psp_answer_report(uint8_t vmpck, const struct report_req *request,
		       struct report_rsp *response);
void psp_answer_key(uint8_t vmpck, const struct key_req *request, struct key_rsp *response);

/* --- heap.c: memory for mbed TLS's big numbers --------------------------------------------- */
void psp_heap_init(void);

#endif

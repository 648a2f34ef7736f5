/* SPDX-License-Identifier: MIT */
/*
 * The sequence numbers of one VMPCK, without any cryptography: the part that must never be wrong. A
 * request takes number n, its answer carries n + 1, the next request takes n + 2 (56860 7.1,
 * snp-guest-msg 1.1). proofs/ shows with CBMC that no number is given out twice.
 */
#ifndef PSP_SEQUENCE_H
#define PSP_SEQUENCE_H

#include "base/compiler.h"
#include "base/types.h"

/* Doubtful answers in a row after which the channel is given up. */
#define PSP_DOUBTS_MAX 8U

enum psp_sequence_state {
	PSP_SEQUENCE_READY,   /* the next number may be taken */
	PSP_SEQUENCE_PENDING, /* a number is out; only its message may be sent */
	PSP_SEQUENCE_GONE,    /* for ever */
};

struct psp_sequence {
	enum psp_sequence_state state;
	uint64_t number; /* READY: the next one; PENDING: the one that is out */
	uint32_t doubts;
};

enum psp_outcome {
	PSP_OUTCOME_ANSWERED, /* authenticated answer to the pending message */
	PSP_OUTCOME_UNSENT,   /* the host says it did not reach the PSP: BUSY, buffer too small */
	PSP_OUTCOME_DOUBTFUL, /* anything else */
};

void psp_sequence_init(struct psp_sequence *sequence);

/* Take a number: true, and it is burned. False: one is pending, or the channel is gone. */
bool psp_sequence_take(struct psp_sequence *sequence, uint64_t *number) MUST_CHECK;

/* What became of sending the pending message. Does nothing unless PENDING. */
void psp_sequence_outcome(struct psp_sequence *sequence, enum psp_outcome outcome);

#endif

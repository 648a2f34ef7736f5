/* SPDX-License-Identifier: MIT */
/*
 * The malicious host, between guest and PSP, and the oracle that watches whether the guest is
 * harmed. Scripted by HUSK_FWCFG_MALICE, words separated by '+': ACTION@FIRST, ACTION@FIRST-LAST,
 * ACTION@FIRST- (for ever); they count the guest requests made with VMPCK0, from 1. docs/husk.md
 * has the list.
 */
#ifndef HUSK_MALICE_H
#define HUSK_MALICE_H

#include <stdbool.h>

#include "base/types.h"
#include "sevabi/guest_msg.h"

enum malice_psp {
	MALICE_PSP_HONEST,
	MALICE_PSP_BUSY,       /* "busy": not sent, said to be throttled */
	MALICE_PSP_LATE_BUSY,  /* "late-busy": the PSP has answered, the guest is told BUSY */
	MALICE_PSP_DROP,       /* "drop": not sent, said to be done; the response page stays */
	MALICE_PSP_SWALLOW,    /* "swallow": the PSP has answered, the answer is kept back */
	MALICE_PSP_REPLAY,     /* "replay": the answer before this one is given */
	MALICE_PSP_CLASS,      /* "class": the answer is given with a VMM error of no meaning */
	MALICE_PSP_LENGTH,     /* "length": not sent, certificates said to need more room */
	MALICE_PSP_FLIP,       /* "flip": one bit of the answer's ciphertext is another */
	MALICE_PSP_UNMARKED,   /* "unmarked": SW_EXITINFO2's valid bit is withheld */
	MALICE_PSP_OTHER_DATA, /* "other-data": a PSP that reports on other report data */
	MALICE_PSP_OTHER_VMPL, /* "other-vmpl": or on another VMPL */
};

/* Reads the script; a word that is not understood ends the machine. */
void malice_init(void);

/*
 * What is done to this request, the next one. The oracle: the same key and sequence number with
 * another message is AES-GCM with a repeated IV, and ends the machine with HUSK_EXIT_HARMED.
 */
enum malice_psp malice_psp_next(const struct guest_msg *request);

/*
 * Whether a guest that has asked for its termination is to be looked through ("scan" in the
 * script); and looking for VMPCK0 in all of its memory, *where: the page.
 */
bool malice_wants_scan(void);
bool malice_scan(gpa_t *where);

/* The lies of a malicious PSP, in an answer's plaintext, for the request that was last counted. */
void malice_psp_answer(uint8_t request_type, void *answer);

#endif

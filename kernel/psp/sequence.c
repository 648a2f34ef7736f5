/* SPDX-License-Identifier: MIT */
#include "sequence.h"

/* Both sides count in 64 bits; the guests of this VM may see the counter in 32 (secrets page). */
#define NUMBER_MAX (UINT32_MAX - 1ULL)

void psp_sequence_init(struct psp_sequence *sequence)
{
	*sequence = (struct psp_sequence){.state = PSP_SEQUENCE_READY, .number = 1};
}

bool psp_sequence_take(struct psp_sequence *sequence, uint64_t *number)
{
	if (sequence->state != PSP_SEQUENCE_READY)
		return false;
	sequence->state = PSP_SEQUENCE_PENDING;
	sequence->doubts = 0;
	*number = sequence->number;
	return true;
}

void psp_sequence_outcome(struct psp_sequence *sequence, enum psp_outcome outcome)
{
	if (sequence->state != PSP_SEQUENCE_PENDING)
		return;
	switch (outcome) {
	case PSP_OUTCOME_ANSWERED:
		sequence->number += 2;
		sequence->state =
			sequence->number > NUMBER_MAX ? PSP_SEQUENCE_GONE : PSP_SEQUENCE_READY;
		break;
	case PSP_OUTCOME_UNSENT:
		/* The number stays burned. A host may say this for ever; it costs nothing. */
		break;
	case PSP_OUTCOME_DOUBTFUL:
		sequence->doubts++;
		if (sequence->doubts >= PSP_DOUBTS_MAX)
			sequence->state = PSP_SEQUENCE_GONE;
		break;
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * For every sequence of up to STEPS takes and outcomes, from every reachable number: a number is
 * never given out twice, never while another is out, and a channel that is gone stays gone.
 */
#include <assert.h>

#include "../sequence.h"

#define STEPS 8

enum psp_outcome nondet_outcome(void);
bool nondet_bool(void);
uint64_t nondet_number(void);

static void one_step(struct psp_sequence *sequence, uint64_t *last)
{
	struct psp_sequence before = *sequence;
	uint64_t number = 0;
	bool taken = false;

	if (nondet_bool())
		taken = psp_sequence_take(sequence, &number);
	else
		psp_sequence_outcome(sequence, nondet_outcome());

	if (taken) {
		assert(before.state == PSP_SEQUENCE_READY);
		assert(sequence->state == PSP_SEQUENCE_PENDING);
		assert(number > *last);
		/* The answer's number, last + 1, is the PSP's. */
		assert(*last == 0 || number >= *last + 2);
		*last = number;
	}
	if (before.state == PSP_SEQUENCE_GONE)
		assert(sequence->state == PSP_SEQUENCE_GONE && !taken);
	if (before.state == PSP_SEQUENCE_PENDING && sequence->state == PSP_SEQUENCE_PENDING)
		assert(sequence->number == before.number);
	assert(sequence->number <= UINT32_MAX);
}

int main(void)
{
	struct psp_sequence sequence;
	uint64_t last;

	psp_sequence_init(&sequence);
	/* Any number that can be reached, not only the first ones. */
	sequence.number = nondet_number();
	__CPROVER_assume(sequence.number % 2 == 1 && sequence.number < UINT32_MAX);
	last = sequence.number == 1 ? 0 : sequence.number - 2;
	for (unsigned i = 0; i < STEPS; i++)
		one_step(&sequence, &last);
	return 0;
}

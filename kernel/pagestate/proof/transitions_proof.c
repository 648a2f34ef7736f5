/* SPDX-License-Identifier: MIT */
/*
 * For every step that the record allows a page to take, and so for every sequence of steps: a page
 * is validated only when it was not, what is Copra's never becomes the guest's, and what a vCPU
 * needs (VMSA, calling area) or the guest gave away is neither rescinded nor changed into another
 * such thing.
 */
#include <assert.h>

#include "kernel/pagestate.h"

uint32_t nondet_u32(void);

static bool validated(enum page_state state)
{
	return state == PAGE_GUEST || state == PAGE_CALLING_AREA || state == PAGE_VMSA ||
	       state == PAGE_DEPOSITED || state == PAGE_COPRA;
}

static bool of_copra(enum page_state state)
{
	return state == PAGE_COPRA || state == PAGE_COPRA_UNVALIDATED || state == PAGE_COPRA_SHARED;
}

static bool special(enum page_state state)
{
	return state == PAGE_CALLING_AREA || state == PAGE_VMSA || state == PAGE_DEPOSITED;
}

int main(void)
{
	enum page_state from = (enum page_state)nondet_u32();
	enum page_state to = (enum page_state)nondet_u32();

	if (!page_may_become(from, to))
		return 0;
	assert((uint32_t)from < PAGE_STATES && (uint32_t)to < PAGE_STATES);
	assert(from != to);
	assert(from != PAGE_ABSENT && to != PAGE_ABSENT);
	assert(of_copra(from) == of_copra(to));
	if (validated(to) && !validated(from))
		assert(from == PAGE_UNVALIDATED || from == PAGE_COPRA_UNVALIDATED ||
		       from == PAGE_COPRA_SHARED);
	if (special(from))
		assert(to == PAGE_GUEST);
	if (special(to) || to == PAGE_UNVALIDATED)
		assert(from == PAGE_GUEST);
	return 0;
}

// SPDX-License-Identifier: MIT
/* What a new thread finds on its stack. */
#include "kernel/context.h"

#include "kernel/thread.h"

#define CALLEE_SAVED 6 /* as context.S pops them */

void context_first(void);

LAYOUT_AT(struct thread, stack_pointer, 0);

void context_init(struct thread *thread)
{
	uint64_t *stack = (uint64_t *)thread->stack_top.raw;

	/* Two spare words: the caller of a function has pushed 8 bytes below a 16-byte boundary. */
	*--stack = 0;
	*--stack = 0;
	*--stack = (uint64_t)(uintptr_t)context_first;
	for (int i = 0; i < CALLEE_SAVED; i++)
		*--stack = 0;
	thread->stack_pointer = (uint64_t)(uintptr_t)stack;
}

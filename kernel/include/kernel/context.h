/* SPDX-License-Identifier: MIT */
/* The machine's part of a thread switch; kernel/arch/x86 on the machine, a model in host tests. */
#ifndef KERNEL_CONTEXT_H
#define KERNEL_CONTEXT_H

#include "base/compiler.h"
#include "base/types.h"

struct thread;

/*
 * Save the callee-saved registers on the current stack and go on with `next` where it left off.
 * Returns in `next`, with the thread that it took over from.
 */
struct thread *context_switch(struct thread *previous, struct thread *next);

/* Prepare thread->stack_pointer so that the first switch to it calls thread_begin(previous). */
void context_init(struct thread *thread);

/*
 * The rest of what belongs to a user thread: FPU state, FS base, address space, entry stack. Called
 * before context_switch() with interrupts off and the run queue's lock held.
 */
void context_switch_user(struct thread *previous, struct thread *next);

/* Called by the machine on a new thread's own stack; interrupts off. */
void thread_begin(struct thread *previous) NORETURN;

#endif

/* SPDX-License-Identifier: MIT */
/* What the files of the scheduler share. */
#ifndef SCHED_INTERNAL_H
#define SCHED_INTERNAL_H

#include "kernel/spinlock.h"
#include "kernel/timer.h"
#include "ready_queue.h"

/* The scheduler's data of one CPU. */
struct runqueue {
	struct spinlock lock; /* of all below */
	struct ready_queue ready;
	uint32_t cpu;
	struct thread *current;
	struct thread *idle;
	struct thread *leaving; /* moves to the CPU that its affinity names, once switched out */
	struct timer slice;     /* armed when others as urgent wait for the running thread */
	uint64_t switches;
	uint64_t steals;
	uint64_t preemptions;
};

/* End the calling thread: it never comes back. */
void sched_die(void) NORETURN;

/* A dead thread that no CPU uses any more; interrupts off, no locks held. */
void thread_reap_later(struct thread *thread);

/* The reaper: its thread function, and who it is. */
void thread_reaper(void *argument);
void thread_set_reaper(struct thread *reaper);

/* Threads alive or not yet given back. */
uint64_t thread_count(void);

/* A struct for the running boot flow; NULL when there is no memory. */
struct thread *thread_create_idle(uint32_t cpu);

#endif

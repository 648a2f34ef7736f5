/* SPDX-License-Identifier: MIT */
/*
 * Scheduler: one run queue per CPU, strict priorities, round robin within one, idle CPUs steal.
 * Preemptive where the platform has a timer; else threads are switched when they block, yield, or
 * leave a system call, and the log says so.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include "kernel/thread.h"

/* A turn of a thread among others of its priority. */
#define SCHED_SLICE_NS 10000000ULL

/*
 * Make the boot flow of this CPU its idle thread. Called once on each CPU, boot CPU first, with
 * interrupts off, after per-CPU data, allocators and clock are up. Error: ERR_NO_MEMORY.
 */
enum error sched_init_cpu(void) MUST_CHECK;

/* Start the threads that the scheduler itself needs (reaper). Once, on the boot CPU. */
enum error sched_start(void) MUST_CHECK;

/* The boot flow ends here on every CPU: idle for ever. Interrupts are turned on. */
void sched_idle(void) NORETURN;

/* Let others of the same or a higher priority run. */
void sched_yield(void);

/*
 * Park the calling thread until sched_wake(). A wake-up that came since the last block makes it
 * return at once: callers look at their condition in a loop. Use wait.h instead where it fits.
 */
void sched_block(void);

/* Unpark a thread; any CPU, any context but NMI. */
void sched_wake(struct thread *thread);

/* Set the calling thread's CPU (or THREAD_ANY_CPU) and move there at once. ERR_INVALID: no such
 * CPU. */
enum error sched_set_affinity(uint32_t cpu) MUST_CHECK;

/*
 * Called by the interrupt exit path, interrupts off, when the interrupted code was preemptible
 * (user mode, or kernel mode with preempt_off 0): switch when a switch is due.
 */
void sched_preempt_irq(void);

/* VECTOR_RESCHEDULE: another CPU added a thread to this CPU's queue. Interrupts off. */
void sched_ipi(void);

/* Where nothing preempts: run due timers and switch if that is due. Thread context. */
void sched_poll(void);

/* Whether a timer preempts threads here. */
bool sched_preemptive(void);

struct sched_statistics {
	uint64_t switches;
	uint64_t steals;
	uint64_t preemptions;
	uint64_t threads;
};

/* Sums over all CPUs. */
struct sched_statistics sched_statistics(void);

#endif

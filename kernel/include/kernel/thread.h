/* SPDX-License-Identifier: MIT */
/*
 * Threads: what the scheduler runs. A thread has a kernel stack of its own; a user thread belongs
 * to a process as well and has FPU state. A guest's vCPU is driven by one kernel thread.
 */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "base/compiler.h"
#include "base/list.h"
#include "base/types.h"
#include "kernel/error.h"

struct user_thread;

#define THREAD_NAME_MAX   16
#define THREAD_ANY_CPU    UINT32_MAX
#define THREAD_STACK_SIZE KIB(16)

/* Priorities, the higher the more urgent. Within one priority threads take turns. */
enum thread_priority {
	THREAD_PRIO_IDLE = 0,   /* the idle threads only */
	THREAD_PRIO_LOW = 1,    /* clean-up */
	THREAD_PRIO_USER = 2,   /* services */
	THREAD_PRIO_NORMAL = 3, /* kernel threads, guest vCPUs */
	THREAD_PRIO_HIGH = 4,   /* answers that a guest waits for */
	THREAD_PRIO_COUNT
};

enum thread_state {
	THREAD_READY,   /* in a run queue */
	THREAD_RUNNING, /* on its CPU */
	THREAD_BLOCKED, /* waits for a wake-up */
	THREAD_DEAD,    /* never runs again; waits for the reaper */
};

struct thread {
	uint64_t stack_pointer; /* of the switched-out thread; arch code's, keep first */

	/* Under the lock of the run queue of `cpu`: */
	struct list run_link; /* in a run queue */
	enum thread_state state;
	enum thread_priority priority;
	uint32_t cpu;       /* where it runs, or ran last */
	uint32_t affinity;  /* one CPU, or THREAD_ANY_CPU */
	bool wake_pending;  /* woken while it was not blocked: the next block returns at once */
	uint64_t slice_end; /* clock_ns() at which its turn ends */

	uint64_t switched_in; /* clock_ns() */
	uint64_t run_ns;      /* CPU time used, without the turn that runs */
	uint64_t fail_after;  /* kernel/failure.h; 0: not armed */
	bool woken;           /* by a wait queue, not yet seen by wait_sleep() */
	bool killed;          /* its process is ending: interruptible waits break off */

	uint32_t references; /* atomic */
	uint32_t id;
	bool reaped; /* it has ended and left its stack */
	vaddr_t stack_base;
	vaddr_t stack_top;
	void (*entry)(void *argument);
	void *argument;
	struct user_thread *user; /* NULL: kernel thread */
	char name[THREAD_NAME_MAX];
};

struct thread_options {
	const char *name;
	enum thread_priority priority;
	uint32_t affinity; /* CPU index or THREAD_ANY_CPU */
};

/*
 * Make a kernel thread that runs entry(argument) and ends when it returns. It does not run before
 * thread_start(). Errors: ERR_NO_MEMORY, ERR_INVALID (no such CPU).
 */
enum error thread_create(struct thread **out, const struct thread_options *options,
			 void (*entry)(void *), void *argument) MUST_CHECK;

/* Let a new thread run. The caller keeps its reference until thread_put(). */
void thread_start(struct thread *thread);

/* References keep the struct alive, not the thread. The last one gives stack and struct back. */
void thread_get(struct thread *thread);
void thread_put(struct thread *thread);

/* End the calling thread. */
void thread_exit(void) NORETURN;

/* Wait until a thread has ended. Not for the thread itself. */
void thread_join(struct thread *thread);

/* The calling thread. Never NULL once sched_init_cpu() ran on this CPU. */
struct thread *thread_current(void);

#endif

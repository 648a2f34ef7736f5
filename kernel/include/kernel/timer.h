/* SPDX-License-Identifier: MIT */
/*
 * Timers: a function called once, at or after a time, in interrupt context on the CPU that armed
 * it. A pairing heap per CPU; arming allocates nothing and cannot fail. Where the platform has no
 * timer the heap is looked at whenever the scheduler runs.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

struct timer {
	struct timer *child;   /* first child in the heap */
	struct timer *sibling; /* next sibling */
	struct timer *back;    /* parent of a first child, else previous sibling */
	uint64_t deadline_ns;
	uint32_t cpu; /* whose heap */
	bool armed;
	void (*expired)(struct timer *timer);
};

/* Prepare a timer. `expired` runs with interrupts off: it wakes or sets, it never sleeps. */
void timer_init(struct timer *timer, void (*expired)(struct timer *timer));

/* Arm (or arm again) for a time of clock_ns(), on the calling CPU. */
void timer_arm(struct timer *timer, uint64_t deadline_ns);

/*
 * Disarm. On return the function does not run and will not run. True when it was still armed.
 * Not from `expired` itself, not with a lock held that `expired` takes.
 */
bool timer_cancel(struct timer *timer);

/* Run what is due on this CPU and set the hardware for the next. Interrupts off. */
void timer_run_due(void);

/* Earliest deadline on this CPU, UINT64_MAX when none. */
uint64_t timer_next(void);

/* Per CPU, before sched_init_cpu(). ERR_NO_MEMORY. */
enum error timer_init_cpu(void) MUST_CHECK;

#endif

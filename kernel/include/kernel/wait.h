/* SPDX-License-Identifier: MIT */
/*
 * Wait queues and what is built on them: the sleeping mutex and the completion.
 *
 *	wait_event(&queue, condition)                      until the condition holds
 *	wait_event_until(&queue, condition, deadline_ns)   ERR_TIMEOUT after the deadline
 *
 * The condition may have side effects: once it was true it is not evaluated again. No lock is held
 *by these macros; whoever makes it true calls wait_wake_* afterwards. None of these may be called
 *with a spinlock held or from an interrupt.
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include "kernel/clock.h"
#include "kernel/spinlock.h"
#include "kernel/thread.h"

struct wait_queue {
	struct spinlock lock;
	struct list waiters; /* of struct wait_entry */
};

/* One waiter in one queue; lives on the waiter's stack. poll() has one per file. */
struct wait_entry {
	struct list link;
	struct thread *thread;
	bool woken; /* taken off by a wake-up */
};

#define WAIT_FOREVER UINT64_MAX

void wait_queue_init(struct wait_queue *queue);

/* Enter a queue. From now on a wake-up is not lost: wait_sleep() then returns at once. */
void wait_prepare(struct wait_queue *queue, struct wait_entry *entry);

/*
 * Sleep until woken through any queue entered, until the process is to end (ERR_INTERRUPTED), or
 * until deadline_ns of clock_ns() (ERR_TIMEOUT). A spurious OK is possible.
 */
enum error wait_sleep(uint64_t deadline_ns) MUST_CHECK;

/* Leave the queue again; always called after wait_prepare(). True when a wake-up took it off. */
bool wait_finish(struct wait_queue *queue, struct wait_entry *entry);

/* Wake the longest waiting thread / up to n / all. Any context. Returns how many were woken. */
size_t wait_wake_one(struct wait_queue *queue);
size_t wait_wake(struct wait_queue *queue, size_t n);
size_t wait_wake_all(struct wait_queue *queue);

#define wait_event_until(queue, condition, deadline_ns)                       \
	({                                                                    \
		enum error wait_result_ = OK;                                 \
		struct wait_entry wait_entry_;                                \
		bool wait_met_ = (condition);                                 \
		while (!wait_met_ && wait_result_ == OK) {                    \
			wait_prepare((queue), &wait_entry_);                  \
			wait_met_ = (condition);                              \
			if (!wait_met_) {                                     \
				wait_result_ = wait_sleep(deadline_ns);       \
				wait_met_ = (condition);                      \
			}                                                     \
			if (wait_finish((queue), &wait_entry_) && !wait_met_) \
				wait_wake_one(queue);                         \
		}                                                             \
		wait_met_ ? OK : wait_result_;                                \
	})

/* ERR_INTERRUPTED only for a thread of a process that is ending. */
#define wait_event(queue, condition) wait_event_until(queue, condition, WAIT_FOREVER)

/* Sleep for a while. ERR_INTERRUPTED. */
enum error wait_until(uint64_t deadline_ns) MUST_CHECK;

/* A lock whose holder may sleep. Not recursive, not for interrupts. */
struct mutex {
	struct wait_queue waiters;
	struct thread *owner;
};

void mutex_init(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
bool mutex_try_lock(struct mutex *mutex) MUST_CHECK;
void mutex_unlock(struct mutex *mutex);
bool mutex_held(const struct mutex *mutex);

#endif

/* SPDX-License-Identifier: MIT */
/* The ready threads of one CPU. No locking here: the caller holds the lock. */
#ifndef SCHED_READY_QUEUE_H
#define SCHED_READY_QUEUE_H

#include "kernel/thread.h"

struct ready_queue {
	struct list level[THREAD_PRIO_COUNT];
	uint32_t mask; /* bit p: level[p] is not empty */
	uint32_t count;
};

void ready_queue_init(struct ready_queue *queue);

/* Add a ready thread behind (or, preempted ones, before) the others of its priority. */
void ready_queue_add(struct ready_queue *queue, struct thread *thread);
void ready_queue_add_first(struct ready_queue *queue, struct thread *thread);

/* Take the most urgent thread, the longest waiting among equals; NULL when none is ready. */
struct thread *ready_queue_pick(struct ready_queue *queue);

/* Priority of the thread that ready_queue_pick() would take; THREAD_PRIO_IDLE when none. */
enum thread_priority ready_queue_best(const struct ready_queue *queue);

/* Take the most urgent thread that may run on any CPU; NULL when none. */
struct thread *ready_queue_steal(struct ready_queue *queue);

#endif

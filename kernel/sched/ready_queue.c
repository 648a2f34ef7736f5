// SPDX-License-Identifier: MIT
/* Run queue: a FIFO per priority and a bit mask of those that hold something. */
#include "ready_queue.h"

void ready_queue_init(struct ready_queue *queue)
{
	for (size_t i = 0; i < THREAD_PRIO_COUNT; i++)
		list_init(&queue->level[i]);
	queue->mask = 0;
	queue->count = 0;
}

void ready_queue_add(struct ready_queue *queue, struct thread *thread)
{
	list_add_tail(&queue->level[thread->priority], &thread->run_link);
	queue->mask |= 1U << thread->priority;
	queue->count++;
}

void ready_queue_add_first(struct ready_queue *queue, struct thread *thread)
{
	list_add_head(&queue->level[thread->priority], &thread->run_link);
	queue->mask |= 1U << thread->priority;
	queue->count++;
}

static void take(struct ready_queue *queue, struct thread *thread)
{
	list_remove(&thread->run_link);
	if (list_empty(&queue->level[thread->priority]))
		queue->mask &= ~(1U << thread->priority);
	queue->count--;
}

enum thread_priority ready_queue_best(const struct ready_queue *queue)
{
	if (queue->mask == 0)
		return THREAD_PRIO_IDLE;
	return (enum thread_priority)(31 - __builtin_clz(queue->mask));
}

struct thread *ready_queue_pick(struct ready_queue *queue)
{
	struct thread *thread;

	if (queue->mask == 0)
		return NULL;
	thread = list_entry(queue->level[ready_queue_best(queue)].next, struct thread, run_link);
	take(queue, thread);
	return thread;
}

struct thread *ready_queue_steal(struct ready_queue *queue)
{
	for (uint32_t left = queue->mask; left != 0;) {
		uint32_t priority = 31 - (uint32_t)__builtin_clz(left);
		struct list *node;

		left &= ~(1U << priority);
		list_for_each(node, &queue->level[priority])
		{
			struct thread *thread = list_entry(node, struct thread, run_link);

			if (thread->affinity != THREAD_ANY_CPU)
				continue;
			take(queue, thread);
			return thread;
		}
	}
	return NULL;
}

// SPDX-License-Identifier: MIT
/*
 * Wait queues. A waiter's entry is on its stack; who wakes it does so under the queue's lock, which
 * the waiter takes before the entry goes away.
 */
#include "kernel/wait.h"

#include "kernel/cpu.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/timer.h"

struct wait_timer {
	struct timer timer;
	struct thread *thread;
	bool expired;
};

void wait_queue_init(struct wait_queue *queue)
{
	spin_init(&queue->lock, LOCK_RANK_WAIT);
	list_init(&queue->waiters);
}

void wait_prepare(struct wait_queue *queue, struct wait_entry *entry)
{
	irq_flags_t flags;

	entry->thread = thread_current();
	entry->woken = false;
	flags = spin_lock_irq(&queue->lock);
	list_add_tail(&queue->waiters, &entry->link);
	spin_unlock_irq(&queue->lock, flags);
}

bool wait_finish(struct wait_queue *queue, struct wait_entry *entry)
{
	irq_flags_t flags = spin_lock_irq(&queue->lock);
	bool woken = entry->woken;

	if (!woken)
		list_remove(&entry->link);
	spin_unlock_irq(&queue->lock, flags);
	return woken;
}

static void wait_timer_expired(struct timer *timer)
{
	struct wait_timer *wait = container_of(timer, struct wait_timer, timer);

	WRITE_ONCE(wait->expired, true);
	sched_wake(wait->thread);
}

/*
 * A wake-up leaves two traces: the scheduler's token, which any block in between (a mutex taken
 * while the condition was looked at) may use up, and thread->woken, which only this function takes.
 */
static bool take_woken(struct thread *self)
{
	return __atomic_exchange_n(&self->woken, false, __ATOMIC_ACQ_REL);
}

enum error wait_sleep(uint64_t deadline_ns)
{
	struct wait_timer wait = {.thread = thread_current()};

	if (READ_ONCE(wait.thread->killed))
		return ERR_INTERRUPTED;
	if (take_woken(wait.thread))
		return OK;
	if (deadline_ns == WAIT_FOREVER) {
		sched_block();
		(void)take_woken(wait.thread);
		return READ_ONCE(wait.thread->killed) ? ERR_INTERRUPTED : OK;
	}
	if (deadline_ns <= clock_ns())
		return ERR_TIMEOUT;
	timer_init(&wait.timer, wait_timer_expired);
	timer_arm(&wait.timer, deadline_ns);
	sched_block();
	(void)timer_cancel(&wait.timer);
	(void)take_woken(wait.thread);
	if (READ_ONCE(wait.thread->killed))
		return ERR_INTERRUPTED;
	return READ_ONCE(wait.expired) ? ERR_TIMEOUT : OK;
}

enum error wait_until(uint64_t deadline_ns)
{
	enum error error = OK;

	while (error == OK)
		error = wait_sleep(deadline_ns);
	return error == ERR_TIMEOUT ? OK : error;
}

size_t wait_wake(struct wait_queue *queue, size_t n)
{
	irq_flags_t flags;
	size_t woken = 0;

	/* A waiter enters before it looks at its condition; we changed the condition before this.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (READ_ONCE(queue->waiters.next) == &queue->waiters)
		return 0;
	flags = spin_lock_irq(&queue->lock);
	while (woken < n) {
		struct list *node = list_pop(&queue->waiters);
		struct wait_entry *entry;

		if (node == NULL)
			break;
		entry = list_entry(node, struct wait_entry, link);
		entry->woken = true;
		__atomic_store_n(&entry->thread->woken, true, __ATOMIC_RELEASE);
		sched_wake(entry->thread);
		woken++;
	}
	spin_unlock_irq(&queue->lock, flags);
	return woken;
}

size_t wait_wake_one(struct wait_queue *queue)
{
	return wait_wake(queue, 1);
}

size_t wait_wake_all(struct wait_queue *queue)
{
	return wait_wake(queue, SIZE_MAX);
}

/* --- Mutex ------------------------------------------------------------------------------ */

void mutex_init(struct mutex *mutex)
{
	wait_queue_init(&mutex->waiters);
	mutex->owner = NULL;
}

bool mutex_try_lock(struct mutex *mutex)
{
	struct thread *nobody = NULL;

	return __atomic_compare_exchange_n(&mutex->owner, &nobody, thread_current(), false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void mutex_lock(struct mutex *mutex)
{
	ASSERT(!mutex_held(mutex));
	while (!mutex_try_lock(mutex)) {
		struct wait_entry entry;

		wait_prepare(&mutex->waiters, &entry);
		if (READ_ONCE(mutex->owner) != NULL)
			sched_block();
		(void)wait_finish(&mutex->waiters, &entry);
	}
}

void mutex_unlock(struct mutex *mutex)
{
	ASSERT(mutex_held(mutex));
	__atomic_store_n(&mutex->owner, (struct thread *)NULL, __ATOMIC_RELEASE);
	wait_wake_one(&mutex->waiters);
}

bool mutex_held(const struct mutex *mutex)
{
	return READ_ONCE(mutex->owner) == thread_current();
}

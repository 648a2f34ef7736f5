// SPDX-License-Identifier: MIT
/* Timers: one heap per CPU, driven by the platform's timer where there is one. */
#include "kernel/timer.h"

#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/platform.h"
#include "kernel/smp.h"
#include "timer_heap.h"

struct timer_queue {
	struct spinlock lock;
	struct timer *root;
	struct timer *running; /* its function is being called */
	uint64_t hardware_ns;  /* what the hardware is set to; UINT64_MAX: off */
};

enum error timer_init_cpu(void)
{
	struct timer_queue *queue = kalloc(sizeof(*queue));

	if (queue == NULL)
		return ERR_NO_MEMORY;
	spin_init(&queue->lock, LOCK_RANK_TIMER);
	queue->hardware_ns = UINT64_MAX;
	this_cpu()->timers = queue;
	return OK;
}

void timer_init(struct timer *timer, void (*expired)(struct timer *timer))
{
	*timer = (struct timer){.expired = expired, .cpu = this_cpu()->index};
}

/* Set this CPU's hardware for the earliest deadline; lock held. */
static void program(struct timer_queue *queue)
{
	uint64_t next = queue->root != NULL ? queue->root->deadline_ns : UINT64_MAX;

	if (next == queue->hardware_ns)
		return;
	queue->hardware_ns = next;
	platform->timer_set(next == UINT64_MAX ? 0 : clock_deadline_tsc(next));
}

static struct timer_queue *queue_of(const struct timer *timer)
{
	return cpu_at(READ_ONCE(timer->cpu))->timers;
}

/* Disarm under the lock of the heap that it is in. True: it was armed. */
static bool disarm(struct timer *timer)
{
	struct timer_queue *queue = queue_of(timer);
	bool armed = timer->armed;

	if (armed)
		timer_heap_remove(&queue->root, timer);
	timer->armed = false;
	return armed;
}

void timer_arm(struct timer *timer, uint64_t deadline_ns)
{
	irq_flags_t flags = irq_save();
	struct timer_queue *queue = this_cpu()->timers;

	if (READ_ONCE(timer->armed) && queue_of(timer) != queue)
		(void)timer_cancel(timer);
	spin_lock(&queue->lock);
	(void)disarm(timer);
	timer->cpu = this_cpu()->index;
	timer->deadline_ns = deadline_ns;
	timer->armed = true;
	timer_heap_insert(&queue->root, timer);
	program(queue);
	spin_unlock(&queue->lock);
	irq_restore(flags);
}

bool timer_cancel(struct timer *timer)
{
	for (;;) {
		struct timer_queue *queue = queue_of(timer);
		irq_flags_t flags = spin_lock_irq(&queue->lock);
		bool moved = queue_of(timer) != queue;
		bool busy = queue->running == timer && queue != this_cpu()->timers;
		bool armed = !moved && !busy && disarm(timer);

		spin_unlock_irq(&queue->lock, flags);
		if (!moved && !busy)
			return armed;
		smp_poll();
		insn_pause();
	}
}

void timer_run_due(void)
{
	struct timer_queue *queue = this_cpu()->timers;
	uint64_t now = clock_ns();

	spin_lock(&queue->lock);
	queue->hardware_ns = UINT64_MAX; /* it has fired */
	while (queue->root != NULL && queue->root->deadline_ns <= now) {
		struct timer *timer = queue->root;

		(void)disarm(timer);
		queue->running = timer;
		spin_unlock(&queue->lock);
		timer->expired(timer);
		spin_lock(&queue->lock);
		queue->running = NULL;
	}
	program(queue);
	spin_unlock(&queue->lock);
}

uint64_t timer_next(void)
{
	irq_flags_t flags = irq_save();
	struct timer_queue *queue = this_cpu()->timers;
	uint64_t next;

	spin_lock(&queue->lock);
	next = queue->root != NULL ? queue->root->deadline_ns : UINT64_MAX;
	spin_unlock(&queue->lock);
	irq_restore(flags);
	return next;
}

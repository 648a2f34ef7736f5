// SPDX-License-Identifier: MIT
/*
 * The scheduler. The lock of a CPU's run queue is held across the switch itself and released by the
 * thread that was switched to, so whoever holds it sees no thread half switched.
 */
#include "kernel/sched.h"

#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/context.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/platform.h"
#include "kernel/preempt.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "sched_internal.h"

static uint64_t idle_cpus[CPU_MAX / 64]; /* atomic; a hint for where to wake a thread */
static bool preemptive;

static struct runqueue *queue_here(void)
{
	return this_cpu()->runqueue;
}

static void idle_hint(uint32_t cpu, bool idle)
{
	uint64_t *word = &idle_cpus[cpu / 64];

	if (idle)
		__atomic_fetch_or(word, BIT(cpu % 64), __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(word, ~BIT(cpu % 64), __ATOMIC_RELAXED);
}

static uint32_t find_idle_cpu(void)
{
	for (uint32_t i = 0; i < CPU_MAX / 64; i++) {
		uint64_t word = READ_ONCE(idle_cpus[i]);

		if (word != 0)
			return i * 64 + (uint32_t)__builtin_ctzll(word);
	}
	return THREAD_ANY_CPU;
}

/* --- The switch ------------------------------------------------------------------------- */

/* The running thread's turn ends by timer only when somebody as urgent waits. Lock held. */
static void arm_slice(struct runqueue *queue)
{
	struct thread *current = queue->current;

	if (current != queue->idle && ready_queue_best(&queue->ready) >= current->priority)
		timer_arm(&queue->slice, current->slice_end);
	else if (queue->slice.armed)
		(void)timer_cancel(&queue->slice);
}

static void slice_over(struct timer *timer)
{
	(void)timer;
	this_cpu()->need_resched = true;
}

/*
 * First thing after a switch, on the new thread's stack: interrupts off, lock held. The CPU may be
 * another one than that on which this thread was switched out.
 */
static void finish_switch(struct thread *previous)
{
	struct runqueue *queue = queue_here();
	struct thread *leaving = queue->leaving;

	queue->leaving = NULL;
	spin_unlock(&queue->lock);
	if (leaving != NULL)
		sched_wake(leaving);
	if (previous->state == THREAD_DEAD)
		thread_reap_later(previous);
}

static void account(struct thread *previous, struct thread *next)
{
	uint64_t now = clock_ns();

	previous->run_ns += now - previous->switched_in;
	next->switched_in = now;
	if (next->slice_end <= now)
		next->slice_end = now + SCHED_SLICE_NS;
}

/* Run the most urgent thread. Interrupts off, lock held; released on return. */
static void switch_to_next(struct runqueue *queue)
{
	struct thread *previous = queue->current;
	struct thread *next = ready_queue_pick(&queue->ready);

	if (next == NULL)
		next = queue->idle;
	this_cpu()->need_resched = false;
	next->state = THREAD_RUNNING;
	account(previous, next);
	queue->current = next;
	arm_slice(queue);
	if (next == previous) {
		spin_unlock(&queue->lock);
		return;
	}
	queue->switches++;
	idle_hint(queue->cpu, next == queue->idle);
	this_cpu()->current = next;
	context_switch_user(previous, next);
	finish_switch(context_switch(previous, next));
}

void thread_begin(struct thread *previous)
{
	struct thread *self = this_cpu()->current;

	finish_switch(previous);
	irq_enable();
	self->entry(self->argument);
	thread_exit();
}

/* Put the running thread back into its queue; lock held. */
static void requeue_current(struct runqueue *queue, bool turn_over)
{
	struct thread *current = queue->current;

	if (current == queue->idle)
		return;
	current->state = THREAD_READY;
	if (turn_over || clock_ns() >= current->slice_end)
		ready_queue_add(&queue->ready, current);
	else
		ready_queue_add_first(&queue->ready, current);
}

static void poll_timers(void)
{
	if (!preemptive)
		timer_run_due();
}

static void preempt_now(void)
{
	while (this_cpu()->need_resched) {
		struct runqueue *queue = queue_here();

		spin_lock(&queue->lock);
		queue->preemptions++;
		requeue_current(queue, false);
		switch_to_next(queue);
	}
}

void sched_poll(void)
{
	irq_flags_t flags = irq_save();

	poll_timers();
	sched_preempt_irq();
	irq_restore(flags);
}

/* Nobody else is ready here: a yield changes nothing. The answer may be old a moment later. */
static bool alone(void)
{
	return preemptive && !this_cpu()->need_resched && READ_ONCE(queue_here()->ready.count) == 0;
}

void sched_yield(void)
{
	irq_flags_t flags;
	struct runqueue *queue;

	if (alone())
		return;
	flags = irq_save();
	poll_timers();
	queue = queue_here();
	spin_lock(&queue->lock);
	requeue_current(queue, true);
	switch_to_next(queue);
	irq_restore(flags);
}

void sched_block(void)
{
	irq_flags_t flags = irq_save();
	struct runqueue *queue = queue_here();
	struct thread *current = queue->current;

	ASSERT(this_cpu()->preempt_count == 0 && current != queue->idle);
	poll_timers();
	spin_lock(&queue->lock);
	if (current->wake_pending) {
		current->wake_pending = false;
		spin_unlock(&queue->lock);
	} else {
		current->state = THREAD_BLOCKED;
		switch_to_next(queue);
	}
	irq_restore(flags);
}

void sched_die(void)
{
	struct runqueue *queue;

	irq_disable();
	queue = queue_here();
	spin_lock(&queue->lock);
	queue->current->state = THREAD_DEAD;
	switch_to_next(queue);
	stop(STOP_ASSERTION);
}

void sched_preempt_irq(void)
{
	if (queue_here() != NULL)
		preempt_now();
}

void preempt_check(void)
{
	irq_flags_t flags;

	if (this_cpu()->preempt_count != 0 || this_cpu()->interrupt_depth != 0 || !irq_enabled())
		return;
	flags = irq_save();
	sched_preempt_irq();
	irq_restore(flags);
}

/* --- Wake-up ---------------------------------------------------------------------------- */

/* Lock the queue of the CPU that a thread belongs to; interrupts are off. */
static struct runqueue *lock_queue_of(const struct thread *thread)
{
	for (;;) {
		struct runqueue *queue = cpu_at(READ_ONCE(thread->cpu))->runqueue;

		spin_lock(&queue->lock);
		if (queue->cpu == thread->cpu)
			return queue;
		spin_unlock(&queue->lock);
	}
}

/* Where a woken thread should run: where it was, unless that is busy and another CPU is not. */
static uint32_t choose_cpu(const struct thread *thread, const struct runqueue *last)
{
	uint32_t idle;

	if (thread->affinity != THREAD_ANY_CPU)
		return thread->affinity;
	if (last->current == last->idle && last->ready.count == 0)
		return last->cpu;
	idle = find_idle_cpu();
	return idle != THREAD_ANY_CPU ? idle : last->cpu;
}

/* Add a ready thread and make its CPU notice. Lock held, interrupts off. */
static void enqueue(struct runqueue *queue, struct thread *thread)
{
	enum thread_priority running = queue->current->priority;

	ready_queue_add(&queue->ready, thread);
	if (thread->priority < running)
		return;
	if (thread->priority > running)
		WRITE_ONCE(cpu_at(queue->cpu)->need_resched, true);
	if (queue->cpu != this_cpu()->index)
		smp_reschedule(queue->cpu);
	else if (thread->priority == running)
		arm_slice(queue);
}

void sched_wake(struct thread *thread)
{
	irq_flags_t flags = irq_save();
	struct runqueue *queue = lock_queue_of(thread);

	if (thread->state != THREAD_BLOCKED) {
		thread->wake_pending = true;
	} else {
		uint32_t target = choose_cpu(thread, queue);

		thread->state = THREAD_READY;
		if (target != queue->cpu) {
			thread->cpu = target;
			spin_unlock(&queue->lock);
			queue = cpu_at(target)->runqueue;
			spin_lock(&queue->lock);
		}
		enqueue(queue, thread);
	}
	spin_unlock(&queue->lock);
	irq_restore(flags);
}

void sched_ipi(void)
{
	struct runqueue *queue = queue_here();

	if (queue == NULL)
		return;
	spin_lock(&queue->lock);
	if (ready_queue_best(&queue->ready) > queue->current->priority)
		this_cpu()->need_resched = true;
	arm_slice(queue);
	spin_unlock(&queue->lock);
}

enum error sched_set_affinity(uint32_t cpu)
{
	irq_flags_t flags;
	struct runqueue *queue;

	if (cpu != THREAD_ANY_CPU && (cpu_at(cpu) == NULL || cpu_at(cpu)->runqueue == NULL))
		return ERR_INVALID;
	flags = irq_save();
	queue = queue_here();
	spin_lock(&queue->lock);
	queue->current->affinity = cpu;
	if (cpu == THREAD_ANY_CPU || cpu == queue->cpu) {
		spin_unlock(&queue->lock);
	} else {
		queue->current->state = THREAD_BLOCKED;
		queue->leaving = queue->current; /* finish_switch() wakes it over there */
		switch_to_next(queue);
	}
	irq_restore(flags);
	return OK;
}

/* --- Idle and start --------------------------------------------------------------------- */

/* Take a ready thread from the first CPU that has one to spare. Interrupts off, no lock. */
static bool steal_work(struct runqueue *queue)
{
	uint32_t count = cpu_possible();

	for (uint32_t i = 1; i < count; i++) {
		struct cpu *cpu = cpu_at((queue->cpu + i) % count);
		struct runqueue *other = cpu != NULL ? cpu->runqueue : NULL;
		struct thread *thread;

		if (other == NULL || READ_ONCE(other->ready.count) == 0 ||
		    !spin_trylock(&other->lock))
			continue;
		thread = ready_queue_steal(&other->ready);
		if (thread != NULL)
			thread->cpu = queue->cpu;
		spin_unlock(&other->lock);
		if (thread == NULL)
			continue;
		spin_lock(&queue->lock);
		ready_queue_add(&queue->ready, thread);
		queue->steals++;
		spin_unlock(&queue->lock);
		return true;
	}
	return false;
}

/* Run what is ready here or elsewhere. False: nothing was; interrupts are off. */
static bool idle_look(struct runqueue *queue)
{
	poll_timers();
	if (READ_ONCE(queue->ready.count) == 0 && !steal_work(queue)) {
		this_cpu()->need_resched = false;
		return false;
	}
	spin_lock(&queue->lock);
	switch_to_next(queue);
	return true;
}

/* Without a timer nothing would end a halt in time: look at the clock until the timers are due. */
static void idle_wait(void)
{
	if (preemptive || timer_next() == UINT64_MAX) {
		cpu_idle();
		return;
	}
	irq_enable();
	smp_poll();
	insn_pause();
}

void sched_idle(void)
{
	struct runqueue *queue = queue_here();

	idle_hint(queue->cpu, true);
	for (;;) {
		irq_disable();
		if (!idle_look(queue))
			idle_wait();
	}
}

enum error sched_init_cpu(void)
{
	struct cpu *cpu = this_cpu();
	struct runqueue *queue = kalloc(sizeof(*queue));

	if (queue == NULL)
		return ERR_NO_MEMORY;
	spin_init(&queue->lock, LOCK_RANK_RUNQUEUE);
	ready_queue_init(&queue->ready);
	timer_init(&queue->slice, slice_over);
	queue->cpu = cpu->index;
	queue->idle = thread_create_idle(cpu->index);
	if (queue->idle == NULL) {
		kfree(queue);
		return ERR_NO_MEMORY;
	}
	queue->current = queue->idle;
	cpu->current = queue->idle;
	WRITE_ONCE(cpu->runqueue, queue);
	return OK;
}

enum error sched_start(void)
{
	static const struct thread_options options = {
		.name = "reaper", .priority = THREAD_PRIO_HIGH, .affinity = THREAD_ANY_CPU};
	struct thread *reaper;
	enum error error = thread_create(&reaper, &options, thread_reaper, NULL);

	if (error != OK)
		return error;
	thread_set_reaper(reaper);
	thread_start(reaper);
	preemptive = platform->timer_available();
	if (!preemptive)
		log_warn("sched: no timer here, threads switch cooperatively");
	return OK;
}

bool sched_preemptive(void)
{
	return preemptive;
}

struct thread *thread_current(void)
{
	return this_cpu()->current;
}

struct sched_statistics sched_statistics(void)
{
	struct sched_statistics sum = {0};

	for (uint32_t i = 0; i < cpu_possible(); i++) {
		const struct cpu *cpu = cpu_at(i);

		if (cpu == NULL || cpu->runqueue == NULL)
			continue;
		sum.switches += cpu->runqueue->switches;
		sum.steals += cpu->runqueue->steals;
		sum.preemptions += cpu->runqueue->preemptions;
	}
	sum.threads = thread_count();
	return sum;
}

// SPDX-License-Identifier: MIT
/* Threads: birth, death, references. */
#include "kernel/thread.h"

#include "kernel/cache.h"
#include "kernel/context.h"
#include "kernel/percpu.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/vm.h"
#include "kernel/wait.h"
#include "sched_internal.h"

static uint32_t last_id;
static uint64_t threads;
static struct thread *reaper_thread;
static struct list dead_threads = LIST_INIT(dead_threads);
static struct spinlock dead_lock = SPINLOCK_INIT(LOCK_RANK_THREADS);
static struct wait_queue thread_ended = {.lock = SPINLOCK_INIT(LOCK_RANK_WAIT),
					 .waiters = LIST_INIT(thread_ended.waiters)};

static void set_name(struct thread *thread, const char *name)
{
	size_t i = 0;

	for (; i < THREAD_NAME_MAX - 1 && name[i] != 0; i++)
		thread->name[i] = name[i];
	thread->name[i] = 0;
}

static struct thread *thread_make(const struct thread_options *options, uint32_t cpu)
{
	struct thread *thread = kalloc(sizeof(*thread));

	if (thread == NULL)
		return NULL;
	list_init(&thread->run_link);
	thread->priority = options->priority;
	thread->affinity = options->affinity;
	thread->cpu = cpu;
	thread->references = 1;
	thread->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	set_name(thread, options->name);
	__atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED);
	return thread;
}

struct thread *thread_create_idle(uint32_t cpu)
{
	const struct thread_options options = {
		.name = "idle", .priority = THREAD_PRIO_IDLE, .affinity = cpu};
	struct thread *thread = thread_make(&options, cpu);

	if (thread != NULL)
		thread->state = THREAD_RUNNING;
	return thread;
}

enum error thread_create(struct thread **out, const struct thread_options *options,
			 void (*entry)(void *), void *argument)
{
	uint32_t cpu = options->affinity == THREAD_ANY_CPU ? this_cpu()->index : options->affinity;
	struct thread *thread;
	enum error error;

	*out = NULL;
	if (cpu_at(cpu) == NULL || cpu_at(cpu)->runqueue == NULL)
		return ERR_INVALID;
	thread = thread_make(options, cpu);
	if (thread == NULL)
		return ERR_NO_MEMORY;
	error = stack_alloc(THREAD_STACK_SIZE, &thread->stack_base, &thread->stack_top);
	if (error != OK) {
		thread_put(thread);
		return error;
	}
	thread->state = THREAD_BLOCKED;
	thread->entry = entry;
	thread->argument = argument;
	context_init(thread);
	*out = thread;
	return OK;
}

void thread_start(struct thread *thread)
{
	thread_get(thread); /* the scheduler's, dropped by the reaper */
	sched_wake(thread);
}

void thread_get(struct thread *thread)
{
	__atomic_add_fetch(&thread->references, 1, __ATOMIC_RELAXED);
}

void thread_put(struct thread *thread)
{
	if (__atomic_sub_fetch(&thread->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	if (thread->stack_base.raw != 0)
		stack_free(thread->stack_base);
	__atomic_sub_fetch(&threads, 1, __ATOMIC_RELAXED);
	kfree(thread);
}

uint64_t thread_count(void)
{
	return __atomic_load_n(&threads, __ATOMIC_RELAXED);
}

void thread_exit(void)
{
	sched_die();
}

void thread_join(struct thread *thread)
{
	struct wait_entry entry;

	while (!__atomic_load_n(&thread->reaped, __ATOMIC_ACQUIRE)) {
		wait_prepare(&thread_ended, &entry);
		if (!__atomic_load_n(&thread->reaped, __ATOMIC_ACQUIRE))
			sched_block();
		(void)wait_finish(&thread_ended, &entry);
	}
}

/* --- The reaper: frees what a thread cannot free while it stands on it ---------------------- */

void thread_set_reaper(struct thread *reaper)
{
	reaper_thread = reaper;
}

void thread_reap_later(struct thread *thread)
{
	irq_flags_t flags = spin_lock_irq(&dead_lock);

	list_add_tail(&dead_threads, &thread->run_link);
	spin_unlock_irq(&dead_lock, flags);
	if (reaper_thread != NULL)
		sched_wake(reaper_thread);
}

static struct thread *next_dead(void)
{
	irq_flags_t flags = spin_lock_irq(&dead_lock);
	struct list *node = list_pop(&dead_threads);

	spin_unlock_irq(&dead_lock, flags);
	return node != NULL ? list_entry(node, struct thread, run_link) : NULL;
}

void thread_reaper(void *argument)
{
	(void)argument;
	for (;;) {
		struct thread *thread = next_dead();

		if (thread == NULL) {
			sched_block();
			continue;
		}
		__atomic_store_n(&thread->reaped, true, __ATOMIC_RELEASE);
		wait_wake_all(&thread_ended);
		thread_put(thread);
	}
}

/* SPDX-License-Identifier: MIT */
/* Threads, preemption, waiting, timers. */
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/sched.h"
#include "kernel/test.h"
#include "kernel/thread.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

#define MILLISECOND 1000000ULL

static enum error start(struct thread **out, uint32_t cpu, void (*entry)(void *), void *argument)
{
	const struct thread_options options = {
		.name = "test",
		.priority = THREAD_PRIO_NORMAL,
		.affinity = cpu,
	};
	enum error error = thread_create(out, &options, entry, argument);

	if (error == OK)
		thread_start(*out);
	return error;
}

static void finish(struct thread *thread)
{
	thread_join(thread);
	thread_put(thread);
}

static void count_up(void *argument)
{
	__atomic_fetch_add((uint32_t *)argument, 1, __ATOMIC_RELAXED);
}

KTEST(thread_runs_and_ends, KTEST_SWEEP)
{
	uint32_t count = 0;

	for (unsigned int i = 0; i < 4; i++) {
		struct thread *thread;
		enum error error = start(&thread, THREAD_ANY_CPU, count_up, &count);

		if (error != OK)
			return error;
		finish(thread);
		KTEST_CHECK(count == i + 1);
	}
	return OK;
}

static void note_place(void *argument)
{
	uint32_t *place = argument;

	*place = this_cpu()->index;
}

KTEST(thread_keeps_its_affinity, 0)
{
	struct thread *thread;

	for (uint32_t cpu = 0; cpu < cpu_count(); cpu++) {
		uint32_t place = UINT32_MAX;

		if (start(&thread, cpu, note_place, &place) != OK)
			return ERR_NO_MEMORY;
		finish(thread);
		KTEST_CHECK(place == cpu);
		KTEST_CHECK(sched_set_affinity(cpu) == OK);
		KTEST_CHECK(this_cpu()->index == cpu);
	}
	KTEST_CHECK(start(&thread, CPU_MAX - 1, note_place, NULL) == ERR_INVALID);
	KTEST_CHECK(sched_set_affinity(0) == OK);
	return OK;
}

/* Two threads that never give the CPU away: both must make progress. */
struct greedy {
	volatile uint64_t turns;
	volatile bool stop;
};

static void be_greedy(void *argument)
{
	struct greedy *greedy = argument;

	while (!greedy->stop)
		greedy->turns++;
}

KTEST(thread_is_preempted, 0)
{
	struct greedy greedy[2] = {0};
	struct thread *threads[2];
	uint64_t deadline;

	if (!sched_preemptive())
		return OK;
	for (unsigned int i = 0; i < 2; i++)
		if (start(&threads[i], 0, be_greedy, &greedy[i]) != OK)
			return ERR_NO_MEMORY;
	deadline = clock_ns() + 10000 * MILLISECOND;
	while ((greedy[0].turns == 0 || greedy[1].turns == 0) && clock_ns() < deadline)
		insn_pause(); /* this thread is greedy as well */
	for (unsigned int i = 0; i < 2; i++) {
		KTEST_CHECK(greedy[i].turns > 0);
		greedy[i].stop = true;
		finish(threads[i]);
	}
	return OK;
}

/* Ping-pong through two flags and their queues. */
struct table {
	struct wait_queue queue[2];
	volatile uint32_t turn;
	uint32_t rounds;
};

static void pong(void *argument)
{
	struct table *table = argument;

	for (uint32_t i = 0; i < table->rounds; i++) {
		if (wait_event(&table->queue[1], table->turn == 1) != OK)
			return;
		table->turn = 0;
		wait_wake_one(&table->queue[0]);
	}
}

KTEST(wait_ping_pong, 0)
{
	static struct table table = {.rounds = 200};
	struct thread *thread;

	wait_queue_init(&table.queue[0]);
	wait_queue_init(&table.queue[1]);
	if (start(&thread, cpu_count() - 1, pong, &table) != OK)
		return ERR_NO_MEMORY;
	for (uint32_t i = 0; i < table.rounds; i++) {
		table.turn = 1;
		wait_wake_one(&table.queue[1]);
		KTEST_CHECK(wait_event(&table.queue[0], table.turn == 0) == OK);
	}
	finish(thread);
	return OK;
}

KTEST(wait_times_out, 0)
{
	struct wait_queue queue;
	uint64_t before = clock_ns();

	wait_queue_init(&queue);
	KTEST_CHECK(wait_event_until(&queue, false, before + 5 * MILLISECOND) == ERR_TIMEOUT);
	KTEST_CHECK(clock_ns() - before >= 5 * MILLISECOND);
	KTEST_CHECK(clock_ns() - before < 5000 * MILLISECOND);
	return OK;
}

#define TIMERS 10

static struct timer timers[TIMERS];
static uint32_t order[TIMERS];
static volatile uint32_t expired_count;

static void note_expired(struct timer *timer)
{
	order[expired_count] = (uint32_t)(timer - timers);
	expired_count++;
}

KTEST(timers_expire_in_order, 0)
{
	struct wait_queue queue;
	uint64_t now = clock_ns();

	expired_count = 0;
	wait_queue_init(&queue);
	for (uint32_t i = 0; i < TIMERS; i++) {
		timer_init(&timers[i], note_expired);
		timer_arm(&timers[i], now + (1 + (i * 7) % TIMERS) * MILLISECOND);
	}
	KTEST_CHECK(timer_cancel(&timers[3]));
	KTEST_CHECK(wait_event_until(&queue, expired_count == TIMERS - 1, now + 30 * MILLISECOND) ==
			    ERR_TIMEOUT ||
		    expired_count == TIMERS - 1);
	KTEST_CHECK(expired_count == TIMERS - 1);
	for (uint32_t i = 1; i < expired_count; i++)
		KTEST_CHECK((order[i - 1] * 7) % TIMERS < (order[i] * 7) % TIMERS);
	KTEST_CHECK(!timer_cancel(&timers[0]));
	return OK;
}

struct shared {
	struct mutex mutex;
	uint64_t a, b;
};

static void work_shared(void *argument)
{
	struct shared *shared = argument;

	for (unsigned int i = 0; i < 200; i++) {
		mutex_lock(&shared->mutex);
		KTEST_CHECK(shared->a == shared->b);
		shared->a++;
		if (i % 16 == 0)
			sched_yield();
		shared->b++;
		mutex_unlock(&shared->mutex);
	}
}

KTEST(mutex_excludes, 0)
{
	static struct shared shared;
	struct thread *threads[4];

	shared = (struct shared){0};
	mutex_init(&shared.mutex);
	for (unsigned int i = 0; i < 4; i++)
		if (start(&threads[i], i % cpu_count(), work_shared, &shared) != OK)
			return ERR_NO_MEMORY;
	for (unsigned int i = 0; i < 4; i++)
		finish(threads[i]);
	KTEST_CHECK(shared.a == 800 && shared.b == 800);
	return OK;
}

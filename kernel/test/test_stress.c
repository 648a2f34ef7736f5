/* SPDX-License-Identifier: MIT */
/*
 * A fixed amount of everything at once: threads that move between CPUs, allocate pages, objects and
 * ranges (each free of a range is a shootdown), send messages, sleep, take locks and log. What each
 * finds in its memory must be what it put there, and nothing may be left over.
 */
#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "kernel/string.h"
#include "kernel/test.h"
#include "kernel/thread.h"
#include "kernel/vm.h"
#include "kernel/wait.h"

#define THREADS 12
#define ROUNDS  150
#define HELD    8

struct worker {
	uint64_t seed;
	void *held[HELD];
	size_t sizes[HELD];
	uint32_t done;
};

static struct mutex stress_lock;
static uint64_t under_lock;
static uint32_t messages;

/* Numerical Recipes' generator: the same run each time, as far as one thread is concerned. */
static uint32_t next_random(struct worker *worker)
{
	worker->seed = worker->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(worker->seed >> 33);
}

static void check_filled(const uint8_t *memory, size_t size, uint8_t value)
{
	for (size_t i = 0; i < size; i += 61)
		KTEST_CHECK(memory[i] == value);
}

/* Free what the slot holds and put something new there. */
static void churn(struct worker *worker)
{
	uint32_t slot = next_random(worker) % HELD;
	size_t size = 1 + next_random(worker) % 6000;

	if (worker->held[slot] != NULL) {
		check_filled(worker->held[slot], worker->sizes[slot], (uint8_t)(slot + 1));
		kfree(worker->held[slot]);
	}
	worker->held[slot] = kalloc(size);
	worker->sizes[slot] = size;
	if (worker->held[slot] != NULL)
		memset(worker->held[slot], (int)(slot + 1), size);
}

static void use_range(struct worker *worker)
{
	size_t size = PAGE_SIZE * (1 + next_random(worker) % 3);
	void *memory;

	if (vm_alloc(size, PAGE_OWNER_TEST, &memory) != OK)
		return;
	memset(memory, 0x77, size);
	sched_yield();
	check_filled(memory, size, 0x77);
	vm_free(memory);
}

static void receive(void *argument)
{
	(void)argument;
	messages++; /* messages are served one at a time */
}

static void sleep_short(struct worker *worker)
{
	struct wait_queue queue;
	uint64_t until = clock_ns() + next_random(worker) % 300000;

	wait_queue_init(&queue);
	KTEST_CHECK(wait_event_until(&queue, false, until) == ERR_TIMEOUT);
	KTEST_CHECK(clock_ns() >= until);
}

static void step(struct worker *worker)
{
	switch (next_random(worker) % 8) {
	case 0:
		use_range(worker);
		break;
	case 1:
		sleep_short(worker);
		break;
	case 2:
		KTEST_CHECK(sched_set_affinity(next_random(worker) % cpu_count()) == OK);
		break;
	case 3:
		mutex_lock(&stress_lock);
		under_lock++;
		mutex_unlock(&stress_lock);
		break;
	case 4:
		(void)!smp_call(next_random(worker) % cpu_count(), receive, NULL);
		break;
	case 5:
		log_debug("stress");
		break;
	default:
		churn(worker);
		break;
	}
}

static void work(void *argument)
{
	struct worker *worker = argument;

	for (unsigned int i = 0; i < ROUNDS; i++)
		step(worker);
	for (unsigned int i = 0; i < HELD; i++)
		kfree(worker->held[i]);
	worker->done = 1;
}

KTEST(stress, 0)
{
	static struct worker workers[THREADS];
	struct thread *threads[THREADS];
	const struct thread_options options = {
		.name = "stress",
		.priority = THREAD_PRIO_NORMAL,
		.affinity = THREAD_ANY_CPU,
	};
	struct page_statistics s;

	mutex_init(&stress_lock);
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.seed = i};
		if (thread_create(&threads[i], &options, work, &workers[i]) != OK)
			return ERR_NO_MEMORY;
		thread_start(threads[i]);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		thread_join(threads[i]);
		thread_put(threads[i]);
		KTEST_CHECK(workers[i].done == 1);
	}
	KTEST_CHECK(under_lock > 0);
	KTEST_CHECK(cpu_count() == 1 || messages > 0);
	page_statistics(&s);
	KTEST_CHECK(s.owned[PAGE_OWNER_TEST] == 0);
	return OK;
}

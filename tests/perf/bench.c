/* SPDX-License-Identifier: MIT */
/*
 * The kernel's benchmark image: run with -icount shift=0, where the time-stamp counter counts
 * retired instructions. Prints one line `perf: NAME INSTRUCTIONS` for each operation.
 */
#include "arch/insn.h"
#include "fmt/fmt.h"
#include "kernel/cache.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/platform.h"
#include "kernel/run.h"
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/thread.h"

#define ROUNDS 1000

static struct object_cache objects;
static uint64_t ready_at; /* the counter when the first thread ran */

static void report(const char *name, uint64_t value)
{
	char line[96];
	size_t size = fmt_format(line, sizeof(line), "perf: %s %lu\n", name, value);

	log_text(line, size);
}

/* Instructions of one operation, with the loop around it: as much as around nothing. */
static uint64_t cost_of(enum error (*operation)(void))
{
	uint64_t start;

	if (operation() != OK) /* once to warm up: fill magazines, map what is lazy */
		stop(STOP_TEST_FAILED);
	start = insn_rdtsc();
	for (int i = 0; i < ROUNDS; i++)
		if (operation() != OK)
			stop(STOP_TEST_FAILED);
	return (insn_rdtsc() - start) / ROUNDS;
}

static void measure(const char *name, enum error (*operation)(void))
{
	report(name, cost_of(operation));
}

static enum error one_log_line(void)
{
	log_info("a line of usual length, with one number: %d", 42);
	return OK;
}

/* Without the console, whose cost is the serial port's. */
static void measure_log(void)
{
	uint64_t cost;

	log_set_sink(NULL);
	cost = cost_of(one_log_line);
	log_set_sink(platform->console_write);
	report("log_line", cost);
}

static enum error nothing(void)
{
	__asm__ volatile("" : : : "memory");
	return OK;
}

static enum error page_alloc_free(void)
{
	paddr_t page;
	enum error error = page_alloc(0, PAGE_OWNER_TEST, 0, &page);

	if (error == OK)
		page_free(page, 0);
	return error;
}

static enum error object_alloc_free(void)
{
	void *object = cache_alloc(&objects);

	cache_free(&objects, object);
	return object != NULL ? OK : ERR_NO_MEMORY;
}

static void ignore(void *argument)
{
	(void)argument;
}

static enum error ipi_round_trip(void)
{
	return smp_call(1, ignore, NULL);
}

/* Two threads of one CPU that hand it to each other: half of the time is one switch. */
static void yield_for_ever(void *finished)
{
	while (!READ_ONCE(*(bool *)finished))
		sched_yield();
}

static enum error yield(void)
{
	sched_yield();
	return OK;
}

static void measure_switch(void)
{
	const struct thread_options options = {"bench", THREAD_PRIO_NORMAL, this_cpu()->index};
	static bool finished;
	struct thread *other;

	if (thread_create(&other, &options, yield_for_ever, &finished) != OK)
		stop(STOP_TEST_FAILED);
	thread_start(other);
	measure("two_context_switches", yield);
	WRITE_ONCE(finished, true);
	thread_join(other);
}

static void report_memory(void)
{
	struct page_statistics pages;

	page_statistics(&pages);
	report("memory_used_kib", (pages.total - pages.free) * 4);
	report("memory_reserved_kib", pages.owned[PAGE_OWNER_RESERVED] * 4);
	report("cpus", cpu_count());
}

enum error run_seed_random(void)
{
	return OK;
}

void run_main(void *unused)
{
	(void)unused;
	ready_at = insn_rdtsc();
	report("reset_to_ready", ready_at);
	report_memory();
	if (cpu_count() > 2)
		stop(STOP_TEST_PASSED);
	measure("nothing", nothing);
	measure("page_alloc_free", page_alloc_free);
	if (cache_init(&objects, "bench", 128, 16) != OK)
		stop(STOP_TEST_FAILED);
	measure("object_alloc_free", object_alloc_free);
	measure_switch();
	if (cpu_count() == 2)
		measure("ipi_round_trip", ipi_round_trip);
	measure_log();
	stop(STOP_TEST_PASSED);
}

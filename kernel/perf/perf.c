/* SPDX-License-Identifier: MIT */
/*
 * Costs of the kernel's own operations, for `make perf`. Under QEMU's -icount shift=0 the TSC
 * counts retired instructions, so the figures are exact and the same in every run. Lines: perf:
 * NAME VALUE UNIT. Each operation runs a few times before it is measured; what is printed is the
 * mean, without the cost of reading the TSC.
 */
#include "fmt/fmt.h"
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/platform.h"
#include "kernel/rng.h"
#include "kernel/run.h"
#include "kernel/sched.h"
#include "kernel/service.h"
#include "kernel/smp.h"
#include "kernel/spinlock.h"
#include "kernel/stop.h"
#include "kernel/thread.h"
#include "kernel/trap.h"
#include "kernel/user.h"
#include "kernel/wait.h"

#define WARM_UP 32
#define ROUNDS  256

static void print(const char *name, uint64_t value, const char *unit)
{
	char line[LOG_LINE_MAX];
	size_t size = fmt_format(line, sizeof(line), "perf: %s %llu %s\n", name,
				 (unsigned long long)value, unit);

	log_text(line, size);
}

static uint64_t cost_of(void (*operation)(void))
{
	uint64_t start;

	for (unsigned int i = 0; i < WARM_UP; i++)
		operation();
	start = insn_rdtsc();
	for (unsigned int i = 0; i < ROUNDS; i++)
		operation();
	return (insn_rdtsc() - start) / ROUNDS;
}

static void measure(const char *name, void (*operation)(void), uint64_t empty)
{
	print(name, cost_of(operation) - empty, "instructions");
}

/* --- Operations ----------------------------------------------------------------------------- */

static void do_nothing(void)
{
	__asm__ volatile("");
}

static void page_pair(void)
{
	paddr_t page;

	if (page_alloc(0, PAGE_OWNER_TEST, 0, &page) == OK)
		page_free(page, 0);
}

static void page_pair_zeroed(void)
{
	paddr_t page;

	if (page_alloc(0, PAGE_OWNER_TEST, PAGE_ZERO, &page) == OK)
		page_free(page, 0);
}

static void block_pair(void)
{
	paddr_t page;

	if (page_alloc(4, PAGE_OWNER_TEST, 0, &page) == OK)
		page_free(page, 4);
}

static void object_pair(void)
{
	kfree(kalloc(64));
}

static void lock_pair(void)
{
	static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_OBJECT);

	spin_lock(&lock);
	spin_unlock(&lock);
}

/* To another thread, which yields back: two switches. */
static void two_switches(void)
{
	sched_yield();
}

static volatile uint32_t received;

static void receive(struct trap_frame *frame)
{
	(void)frame;
	received++;
}

#define VECTOR_PERF 0x60

/* An interrupt to this CPU, from the request to the return from its handler. */
static void ipi_round_trip(void)
{
	uint32_t before = received;

	platform->send_ipi(this_cpu()->apic_id, VECTOR_PERF);
	while (received == before)
		insn_pause();
}

static void log_line(void)
{
	log_info("a line of the log with two numbers, %u and %x", 42U, 0x42U);
}

static void discard(const char *text, size_t size)
{
	(void)text;
	(void)size;
}

/* --- Run --- */

static volatile bool partner_ends;

static void yield_to_us(void *unused)
{
	(void)unused;
	while (!partner_ends)
		sched_yield();
}

static void measure_switches(uint64_t empty)
{
	static const struct thread_options options = {
		.name = "partner", .priority = THREAD_PRIO_NORMAL, .affinity = 0};
	struct thread *partner;

	if (thread_create(&partner, &options, yield_to_us, NULL) != OK)
		stop(STOP_TEST_FAILED);
	thread_start(partner);
	measure("two_context_switches", two_switches, empty);
	partner_ends = true;
	thread_join(partner);
	thread_put(partner);
}

enum error run_seed_random(void)
{
	return rng_init_machine();
}

/* --- Ring 3 (tests/perf/programs/ring3.c) --------------------------------------------------- */

#define ECHO_PROTOCOL 7
#define ECHO_CALL     0
#define ECHO_END      1

static struct service_slot *slot;

/* One call of a guest, its answer by a service: two switches, one read, one write. */
static void echo(uint32_t number)
{
	const struct service_call call = {.protocol = ECHO_PROTOCOL, .call = number, .rcx = 41};
	struct service_answer answer = {0};
	enum service_status status;

	do {
		status = service_request(slot, &call, NULL, NULL, &answer);
	} while (status == SERVICE_PENDING);
	ASSERT(status == SERVICE_ANSWERED && answer.rcx == 42);
}

static void echo_call(void)
{
	echo(ECHO_CALL);
}

static void measure_services(uint64_t empty)
{
	const struct boot_params *params = &boot_info.params;
	const void *archive = boot_region_pointer(params->archive_offset, params->archive_size);

	if (params->archive_size == 0 || archive == NULL)
		return;
	service_init();
	if (user_start(archive, params->archive_size) != OK || service_slot_create(&slot, 0) != OK)
		stop(STOP_TEST_FAILED);
	while (!service_present(ECHO_PROTOCOL))
		(void)!wait_until(clock_ns() + 1000000);
	measure("service_round_trip", echo_call, empty);
	echo(ECHO_END); /* then init ends, and the run */
	(void)!wait_until(WAIT_FOREVER);
}

void run_main(void *unused)
{
	struct page_statistics s;
	uint64_t empty = cost_of(do_nothing);
	uint64_t line;

	(void)unused;
	page_statistics(&s);
	print("kernel_ready", run_ready_tsc - run_entered_tsc, "instructions");
	print("cpus", cpu_count(), "cpus");
	print("memory_used", (s.total - s.free) * (PAGE_SIZE / 1024), "KiB");
	trap_set_interrupt(VECTOR_PERF, receive);
	measure("page_alloc_free", page_pair, empty);
	measure("page_alloc_zeroed_free", page_pair_zeroed, empty);
	measure("block_64k_alloc_free", block_pair, empty);
	measure("object_alloc_free", object_pair, empty);
	measure("spin_lock_unlock", lock_pair, empty);
	measure("ipi_round_trip", ipi_round_trip, empty);
	log_set_sink(discard);
	line = cost_of(log_line);
	log_set_sink(platform->console_write);
	print("log_line", line - empty, "instructions");
	measure_switches(empty);
	measure_services(empty);
	stop(STOP_TEST_PASSED);
}

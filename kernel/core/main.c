/* SPDX-License-Identifier: MIT */
/* The boot CPU's way from the shim to the scheduler. */
#include "arch/descriptors.h"
#include "arch/features.h"
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/cpu_internal.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/platform.h"
#include "kernel/rng.h"
#include "kernel/run.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/thread.h"

NORETURN void kernel_main(const struct boot_params *params, uint32_t which, uint64_t cbit);

RO_AFTER_INIT const struct platform *platform;
uint64_t run_entered_tsc, run_ready_tsc;

/* The stack protector's canary and what the compiler calls when it is broken. */
uint64_t __stack_chk_guard = 0x5ac3a7f0d15ea5e5;
NORETURN void __stack_chk_fail(void);

NORETURN void __stack_chk_fail(void)
{
	stop(STOP_STACK_SMASHED);
}

static void must(enum error error, enum stop_reason reason)
{
	if (error == OK)
		return;
	log_error("boot: %s", error_name(error));
	stop(reason);
}

/* Until here nothing but the image's own memory is used. */
static void start_platform(const struct boot_params *params, uint32_t which, uint64_t cbit)
{
	descriptors_init();
	cpu_init_boot();
	if (boot_info_init(params, which, cbit) != OK)
		stop(STOP_BOOT_PARAMETERS);
	platform = platform_find(which);
	platform->start();
	log_set_level((enum log_level)boot_info.params.log_level);
	if ((boot_info.params.flags & BOOT_FLAG_CONSOLE) != 0)
		log_set_sink(platform->console_write);
}

static void start_memory(void)
{
	features_read();
	paging_init();
	features_enable();
	memory_init();
}

static void start_boot_cpu(void)
{
	must(platform->init(), STOP_BOOT_MEMORY);
	must(clock_init(platform->tsc_hz()), STOP_CPU_FEATURES);
	log_info("platform %s, region %llx + %llu KiB", platform->name,
		 (unsigned long long)boot_info.params.region_base,
		 (unsigned long long)(boot_info.params.region_size / 1024));
	features_log();
	smp_init();
	cpu_setup_this(this_cpu());
	must(run_seed_random(), STOP_RANDOM_SOURCE);
}

static void start_others(void)
{
	must(sched_start(), STOP_BOOT_MEMORY);
	must(cpu_start_all(), STOP_BOOT_MEMORY);
	paging_seal();
}

static void log_memory(void)
{
	struct page_statistics s;

	page_statistics(&s);
	log_info("memory: %zu KiB used, %zu KiB free, tables %zu, stacks %zu, caches %zu, cpus %zu "
		 "KiB",
		 (s.total - s.free) * 4, s.free * 4, s.owned[PAGE_OWNER_PAGE_TABLE] * 4,
		 s.owned[PAGE_OWNER_STACK] * 4, s.owned[PAGE_OWNER_CACHE] * 4,
		 s.owned[PAGE_OWNER_CPU] * 4);
}

static void start_main_thread(void)
{
	static const struct thread_options options = {
		.name = "main",
		.priority = THREAD_PRIO_NORMAL,
		.affinity = 0,
	};
	struct thread *thread;

	must(thread_create(&thread, &options, run_main, NULL), STOP_BOOT_MEMORY);
	thread_start(thread);
	thread_put(thread);
}

/* From kernel_entry, on the shim's page tables (bootabi.h). */
void kernel_main(const struct boot_params *params, uint32_t which, uint64_t cbit)
{
	run_entered_tsc = insn_rdtsc();
	start_platform(params, which, cbit);
	start_memory();
	start_boot_cpu();
	/* No other thread runs and this function does not return, so no frame has the old value. */
	__stack_chk_guard = rng_hint() & ~0xffULL;
	start_others();
	run_ready_tsc = insn_rdtsc();
	log_memory();
	log_info("kernel ready");
	start_main_thread();
	sched_idle();
}

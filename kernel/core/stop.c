/* SPDX-License-Identifier: MIT */
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/platform.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/symbols.h"
#include "kernel/trap.h"
#include "kernel/window.h"

#define WIPES_MAX 16
#define TRACE_MAX 24

static const char *const names[STOP_REASON_COUNT] = {
	[STOP_REQUESTED] = "requested",
	[STOP_BOOT_PARAMETERS] = "broken boot parameters",
	[STOP_CPU_FEATURES] = "CPU lacks a needed feature",
	[STOP_BOOT_MEMORY] = "not enough memory to boot",
	[STOP_EXCEPTION] = "unexpected exception",
	[STOP_DOUBLE_FAULT] = "double fault",
	[STOP_MACHINE_CHECK] = "machine check",
	[STOP_STACK_SMASHED] = "stack smashed",
	[STOP_STACK_OVERFLOW] = "stack overflow",
	[STOP_ASSERTION] = "assertion failed",
	[STOP_LOCK_ORDER] = "lock order violated",
	[STOP_HEAP_CORRUPT] = "heap corrupt",
	[STOP_INTERRUPT] = "unexpected interrupt",
	[STOP_CPU_START] = "CPU start went wrong",
	[STOP_OTHER_CPU] = "another CPU stopped",
	[STOP_RANDOM_SOURCE] = "no sound entropy",
	[STOP_SNP_FEATURES] = "SEV features unusable",
	[STOP_GHCB_PROTOCOL] = "GHCB protocol broken",
	[STOP_CPUID_PAGE] = "CPUID page malformed",
	[STOP_SECRETS_PAGE] = "secrets page malformed",
	[STOP_PAGE_STATE] = "host changed our page",
	[STOP_VC_UNEXPECTED] = "unexpected #VC",
	[STOP_HV_UNEXPECTED] = "unexpected #HV",
	[STOP_PSP_CHANNEL] = "PSP channel unusable",
	[STOP_GUEST_SETUP] = "guest can't be started",
	[STOP_INIT_SERVICE] = "init is missing or ended",
	[STOP_TEST_PASSED] = "tests passed",
	[STOP_TEST_FAILED] = "tests failed",
};

static void (*wipes[WIPES_MAX])(void);
static uint32_t wipe_count;
static uint32_t stopping; /* 1 once a CPU has stopped */

const char *stop_reason_name(enum stop_reason reason)
{
	if ((unsigned int)reason >= STOP_REASON_COUNT || names[reason] == NULL)
		return "unknown";
	return names[reason];
}

void stop_register_wipe(void (*wipe)(void))
{
	uint32_t slot = __atomic_fetch_add(&wipe_count, 1, __ATOMIC_RELAXED);

	ASSERT(slot < WIPES_MAX);
	wipes[slot] = wipe;
}

static void log_frame(const struct trap_frame *f)
{
	log_error("vector %llu error %llx rip %llx cs %llx rflags %llx cr2 %llx",
		  (unsigned long long)f->vector, (unsigned long long)f->error,
		  (unsigned long long)f->rip, (unsigned long long)f->cs,
		  (unsigned long long)f->rflags, (unsigned long long)insn_read_cr2());
	log_error("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	log_error("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", f->rsi, f->rdi, f->rbp, f->rsp);
	log_error("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", f->r8, f->r9, f->r10, f->r11);
	log_error("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", f->r12, f->r13, f->r14, f->r15);
}

static void log_address(uint64_t address)
{
	uint64_t offset;
	const char *name = symbol_find(address, &offset);

	if (name != NULL)
		log_error("  %016llx %s+0x%llx", (unsigned long long)address, name,
			  (unsigned long long)offset);
	else
		log_error("  %016llx", (unsigned long long)address);
}

/* Follow the saved RBPs as long as they stay on kernel addresses and go upwards. */
static void log_backtrace(uint64_t rip, uint64_t rbp)
{
	if (rip != 0)
		log_address(rip);
	for (unsigned int i = 0; i < TRACE_MAX; i++) {
		uint64_t pair[2];

		if (rbp < LAYOUT_DIRECT_BASE || !IS_ALIGNED(rbp, 8) ||
		    fault_read_u64((const void *)rbp, &pair[0]) != OK ||
		    fault_read_u64((const void *)(rbp + 8), &pair[1]) != OK || pair[1] == 0)
			return;
		log_address(pair[1]);
		if (pair[0] <= rbp)
			return;
		rbp = pair[0];
	}
}

static NORETURN void halt_forever(void)
{
	for (;;) {
		insn_cli();
		insn_hlt();
	}
}

static NORETURN void stop_common(enum stop_reason reason, const struct trap_frame *frame)
{
	insn_cli();
	if (__atomic_exchange_n(&stopping, 1, __ATOMIC_ACQ_REL) != 0)
		halt_forever();
	log_enter_panic();
	if (reason != STOP_REQUESTED && reason != STOP_TEST_PASSED && reason != STOP_TEST_FAILED) {
		log_error("STOP %u: %s", (unsigned int)reason, stop_reason_name(reason));
		if (frame != NULL)
			log_frame(frame);
		log_backtrace(frame != NULL ? frame->rip : 0,
			      frame != NULL ? frame->rbp : insn_read_rbp());
	}
	smp_stop_others();
	for (uint32_t i = 0; i < WIPES_MAX; i++)
		if (wipes[i] != NULL)
			wipes[i]();
	if (platform != NULL)
		platform->terminate(reason);
	halt_forever();
}

void stop(enum stop_reason reason)
{
	stop_common(reason, NULL);
}

void stop_with_frame(enum stop_reason reason, const struct trap_frame *frame)
{
	stop_common(reason, frame);
}

bool stop_in_progress(void)
{
	return __atomic_load_n(&stopping, __ATOMIC_RELAXED) != 0;
}

void assertion_failed(const char *expression, const char *file, unsigned int line)
{
	log_error("assertion %s at %s:%u", expression, file, line);
	stop(STOP_ASSERTION);
}

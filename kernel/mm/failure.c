/* SPDX-License-Identifier: MIT */
#include "kernel/cpu.h"
#include "kernel/failure.h"

static struct thread *armed_thread;
static bool armed;
static uint64_t remaining;

void failure_arm(uint64_t n)
{
	armed_thread = this_cpu()->current;
	remaining = n;
	__atomic_store_n(&armed, true, __ATOMIC_RELEASE);
}

bool failure_disarm(void)
{
	__atomic_store_n(&armed, false, __ATOMIC_RELEASE);
	return remaining == 0;
}

bool failure_due(void)
{
	struct cpu *cpu;

	if (likely(!__atomic_load_n(&armed, __ATOMIC_ACQUIRE)))
		return false;
	cpu = this_cpu();
	if (cpu->current != armed_thread || cpu->interrupt_depth != 0 || remaining == 0)
		return false;
	return --remaining == 0;
}

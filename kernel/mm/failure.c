/* SPDX-License-Identifier: MIT */
#include "kernel/cpu.h"
#include "kernel/failure.h"
#include "kernel/thread.h"

void failure_arm(uint64_t n)
{
	this_cpu()->current->fail_after = n;
}

bool failure_disarm(void)
{
	struct thread *thread = this_cpu()->current;
	bool delivered = thread->fail_after == 0;

	thread->fail_after = 0;
	return delivered;
}

bool failure_due(void)
{
	const struct cpu *cpu = this_cpu();
	struct thread *thread = cpu->current;

	if (likely(thread == NULL || thread->fail_after == 0) || cpu->interrupt_depth != 0)
		return false;
	return --thread->fail_after == 0;
}

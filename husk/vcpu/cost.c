/* SPDX-License-Identifier: MIT */
#include "arch/cpu.h"
#include "arch/insn.h"
#include "husk/machine.h"
#include "vcpu/cost.h"

/*
 * Husk's instructions between the readings of the TSC and the guest, both ways: saving and loading
 * registers around VMRUN. Found by measurement: 1000 exits less the guest's own instructions, with
 * -icount shift=0 (one tick per instruction).
 */
#define UNSEEN_TICKS 99

static void exclude_until_now(struct cpu *cpu)
{
	uint64_t now = rdtsc();

	if (cpu->cost_left_at)
		cpu->cost_excluded += now - cpu->cost_left_at;
	cpu->cost_left_at = now;
}

void cost_enter(struct vmcb *vmcb)
{
	if (!machine.cost_mode)
		return;
	exclude_until_now(this_cpu());
	this_cpu()->cost_excluded += UNSEEN_TICKS;
	vmcb->control.tsc_offset = 0 - this_cpu()->cost_excluded;
}

void cost_leave(void)
{
	if (machine.cost_mode)
		this_cpu()->cost_left_at = rdtsc();
}

void cost_sleep(void)
{
	if (machine.cost_mode)
		exclude_until_now(this_cpu());
}

uint64_t cost_guest_tsc(void)
{
	uint64_t now = rdtsc();

	if (!machine.cost_mode || !this_cpu()->cost_left_at)
		return now;
	return this_cpu()->cost_left_at - this_cpu()->cost_excluded;
}

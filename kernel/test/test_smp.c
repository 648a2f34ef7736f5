/* SPDX-License-Identifier: MIT */
/* Messages between CPUs, TLB shootdown, bring-up. With one CPU there is little to see. */
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/vm.h"
#include "kernel/window.h"

#define ROUNDS 50

static struct cpu_set seen;
static uint32_t calls;

static void note_cpu(void *argument)
{
	(void)argument;
	cpu_set_add(&seen, this_cpu()->index); /* one receiver at a time */
	calls++;
}

KTEST(smp_call_reaches_every_cpu, 0)
{
	seen = (struct cpu_set){{0}};
	calls = 0;
	for (unsigned int i = 0; i < ROUNDS; i++)
		smp_call_others(note_cpu, NULL);
	KTEST_CHECK(calls == ROUNDS * (cpu_count() - 1));
	for (uint32_t i = 0; i < cpu_count(); i++)
		KTEST_CHECK(cpu_set_has(&seen, i) == (i != this_cpu()->index));
	KTEST_CHECK(smp_call(this_cpu()->index, note_cpu, NULL) == ERR_STATE);
	KTEST_CHECK(smp_call(CPU_MAX - 1, note_cpu, NULL) == ERR_STATE);
	return OK;
}

/* What the other CPUs see at an address. */
struct probe {
	const void *address;
	uint32_t faults;
	uint32_t reads;
};

static void look(void *argument)
{
	struct probe *probe = argument;
	uint64_t word;

	if (fault_read_u64(probe->address, &word) == OK)
		probe->reads++;
	else
		probe->faults++;
}

KTEST(smp_unmapped_page_is_gone_everywhere, KTEST_SWEEP)
{
	for (unsigned int i = 0; i < 8; i++) {
		struct probe probe = {0};
		void *memory;
		enum error error = vm_alloc(PAGE_SIZE, PAGE_OWNER_TEST, &memory);

		if (error != OK)
			return error;
		probe.address = memory;
		smp_call_others(look, &probe);
		KTEST_CHECK(probe.reads == cpu_count() - 1 && probe.faults == 0);
		vm_free(memory);
		smp_call_others(look, &probe);
		KTEST_CHECK(probe.reads == cpu_count() - 1 && probe.faults == cpu_count() - 1);
	}
	return OK;
}

static void check_own_data(void *argument)
{
	const struct cpu *cpu = this_cpu();
	uint32_t *broken = argument;

	if (cpu->self != cpu || cpu_at(cpu->index) != cpu ||
	    cpu->tss.ist[CPU_STACK_NMI] != cpu->stacks[CPU_STACK_NMI].raw)
		(*broken)++;
}

KTEST(smp_per_cpu_data, 0)
{
	uint32_t broken = 0;

	check_own_data(&broken);
	smp_call_others(check_own_data, &broken);
	KTEST_CHECK(broken == 0);
	KTEST_CHECK(cpu_count() == cpu_possible());
	KTEST_CHECK(cpu_at(CPU_MAX) == NULL);
	return OK;
}

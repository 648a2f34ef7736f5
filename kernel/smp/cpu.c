/* SPDX-License-Identifier: MIT */
/* Per-CPU data and the bring-up of CPUs. */
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
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/timer.h"
#include "kernel/user.h"
#include "kernel/vm.h"

#define BOOT_STACK_SIZE      8192
#define EMERGENCY_STACK_SIZE 4096
#define START_TIMEOUT_NS     2000000000ULL

extern const char boot_stack_top[];

static struct cpu boot_cpu;
static ALIGNED(16) uint8_t boot_emergency[EMERGENCY_STACK_SIZE];
static struct cpu *cpus[CPU_MAX];
static uint32_t possible = 1;
static uint32_t online;

struct cpu *cpu_at(uint32_t index)
{
	return index < CPU_MAX ? __atomic_load_n(&cpus[index], __ATOMIC_ACQUIRE) : NULL;
}

uint32_t cpu_count(void)
{
	return __atomic_load_n(&online, __ATOMIC_ACQUIRE);
}

uint32_t cpu_possible(void)
{
	return __atomic_load_n(&possible, __ATOMIC_ACQUIRE);
}

/* All emergencies share one small stack until there is an allocator. */
void cpu_init_boot(void)
{
	boot_cpu.self = &boot_cpu;
	boot_cpu.boot_stack = VADDR((uint64_t)boot_stack_top);
	for (unsigned int i = 0; i < CPU_STACKS; i++)
		boot_cpu.stacks[i] = VADDR((uint64_t)boot_emergency + EMERGENCY_STACK_SIZE);
	boot_cpu.online = true;
	cpus[0] = &boot_cpu;
	online = 1;
	descriptors_load(&boot_cpu);
}

/* Stacks with guard pages for NMI, #DF, #MC, #HV, #VC. */
static enum error make_emergency_stacks(struct cpu *cpu)
{
	for (unsigned int i = 0; i < CPU_STACKS; i++) {
		vaddr_t base, top;
		enum error error = stack_alloc(EMERGENCY_STACK_SIZE, &base, &top);

		if (error != OK)
			return error;
		cpu->stacks[i] = top;
	}
	return OK;
}

enum error cpu_init_boot_memory(void)
{
	enum error error = make_emergency_stacks(&boot_cpu);

	for (unsigned int i = 0; i < CPU_STACKS && error == OK; i++)
		boot_cpu.tss.ist[i] = boot_cpu.stacks[i].raw;
	if (error == OK)
		error = window_prepare(&boot_cpu);
	return error;
}

/* What a secondary CPU needs before it runs. A failure here ends the boot: nothing is taken back.
 */
static enum error cpu_create(uint32_t index, uint32_t apic_id)
{
	struct cpu *cpu;
	vaddr_t base, top;
	enum error error;

	_Static_assert(sizeof(struct cpu) <= PAGE_SIZE, "struct cpu fits a page");
	cpu = page_alloc_virtual(PAGE_OWNER_CPU);
	if (cpu == NULL)
		return ERR_NO_MEMORY;
	cpu->self = cpu;
	cpu->index = index;
	cpu->apic_id = apic_id;
	error = make_emergency_stacks(cpu);
	if (error == OK)
		error = stack_alloc(BOOT_STACK_SIZE, &base, &top);
	if (error != OK)
		return error;
	cpu->boot_stack = top;
	error = window_prepare(cpu);
	if (error == OK)
		error = platform->cpu_prepare(cpu);
	if (error == OK)
		__atomic_store_n(&cpus[index], cpu, __ATOMIC_RELEASE);
	return error;
}

static void await_online(const struct cpu *cpu)
{
	uint64_t deadline = clock_ns() + START_TIMEOUT_NS;

	while (!__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE)) {
		if (clock_ns() > deadline) {
			log_warn("cpu %u (apic %u) did not start", cpu->index, cpu->apic_id);
			return;
		}
		smp_poll();
		insn_pause();
	}
}

static enum error start_one(uint32_t index, uint32_t apic_id)
{
	enum error error = cpu_create(index, apic_id);

	if (error != OK)
		return error;
	__atomic_store_n(&possible, index + 1, __ATOMIC_RELEASE);
	error = platform->cpu_start(cpu_at(index));
	if (error == OK)
		await_online(cpu_at(index));
	return error;
}

enum error cpu_start_all(void)
{
	static uint32_t apic_ids[CPU_MAX];
	uint32_t count = 0, index = 1;
	enum error error = platform->cpus(apic_ids, &count);

	if (error != OK)
		return error;
	boot_cpu.apic_id = apic_ids[0];
	for (uint32_t i = 1; i < count; i++) {
		error = start_one(index, apic_ids[i]);
		if (error == ERR_NO_MEMORY)
			return error;
		if (error != OK)
			log_warn("cpu with apic %u: %s", apic_ids[i], error_name(error));
		index = cpu_at(index) != NULL ? index + 1 : index;
	}
	log_info("%u of %u cpus online", cpu_count(), count);
	return OK;
}

void cpu_setup_this(struct cpu *cpu)
{
	enum error error = platform->cpu_setup(cpu);

	if (error == OK)
		error = timer_init_cpu();
	if (error == OK)
		error = sched_init_cpu();
	if (error != OK) {
		log_error("cpu %u: %s", cpu->index, error_name(error));
		stop(STOP_CPU_START);
	}
	user_init_cpu();
}

void cpu_secondary_entry(struct cpu *cpu)
{
	features_enable();
	insn_write_cr3(paging_kernel_root().raw | boot_info.cbit);
	descriptors_load(cpu);
	if (cpu->online)
		stop(STOP_CPU_START);
	cpu_setup_this(cpu);
	__atomic_fetch_add(&online, 1, __ATOMIC_ACQ_REL);
	__atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
	sched_idle();
}

void cpu_idle(void)
{
	tlb_enter_lazy();
	platform->idle();
	irq_disable();
	if (this_cpu()->tlb_lazy)
		tlb_leave_lazy();
	irq_enable();
}

/* --- Interrupts of this CPU ------------------------------------------------------------------- */

irq_flags_t irq_save(void)
{
	irq_flags_t flags = insn_read_flags() & RFLAGS_IF;

	if (flags != 0)
		insn_cli();
	return flags;
}

void irq_restore(irq_flags_t flags)
{
	if (flags != 0)
		irq_enable();
}

void irq_enable(void)
{
	insn_sti();
	platform->deliver_pending();
}

void irq_disable(void)
{
	insn_cli();
}

bool irq_enabled(void)
{
	return (insn_read_flags() & RFLAGS_IF) != 0;
}

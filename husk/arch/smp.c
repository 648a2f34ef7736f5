/* SPDX-License-Identifier: MIT */
/* The machine's other CPUs are woken one by one; each takes the vCPU of its number. */
#include "arch/cpu.h"
#include "arch/insn.h"
#include "boot/layout.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "husk/port.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"
#include "vcpu/run.h"

#define LAPIC_ICR_LOW  0x300
#define LAPIC_ICR_HIGH 0x310
#define ICR_INIT       0x4500
#define ICR_STARTUP    0x4600
#define ICR_BUSY       0x1000
#define INIT_DELAY_NS  1000000ULL
#define ONLINE_WAIT_NS 5000000000ULL

extern uint8_t trampoline_start[], trampoline_end[], trampoline_cr3[], trampoline_cr4[],
	trampoline_stack[];
void smp_entry(void);

static struct cpu *starting;

static void wait_ns(uint64_t ns)
{
	uint64_t end = machine_time_ns() + ns;

	while (machine_time_ns() < end)
		cpu_pause();
}

static void send(uint32_t apic_id, uint32_t command)
{
	while (lapic_read(LAPIC_ICR_LOW) & ICR_BUSY)
		cpu_pause();
	lapic_write(LAPIC_ICR_HIGH, apic_id << 24);
	lapic_write(LAPIC_ICR_LOW, command);
}

static void set_field(const uint8_t *field, uint64_t value)
{
	uint8_t *low = machine_map(PADDR(HUSK_TRAMPOLINE));

	memcpy(low + (field - trampoline_start), &value, sizeof(value));
}

static void start_one(struct cpu *cpu)
{
	uint8_t *stack = pages_reserve(CPU_STACK_PAGES);
	uint64_t deadline;

	if (!stack)
		machine_end(HUSK_EXIT_BAD_MACHINE, "out of memory for CPU %u", cpu->index);
	set_field(trampoline_stack, (uint64_t)stack + CPU_STACK_PAGES * PAGE_SIZE);
	WRITE_ONCE(starting, cpu);
	send(cpu->apic_id, ICR_INIT);
	wait_ns(INIT_DELAY_NS);
	send(cpu->apic_id, ICR_STARTUP | HUSK_TRAMPOLINE >> PAGE_SHIFT);
	deadline = machine_time_ns() + ONLINE_WAIT_NS;
	while (!READ_ONCE(cpu->online)) {
		if (machine_time_ns() > deadline)
			machine_end(HUSK_EXIT_BAD_MACHINE, "CPU %u does not start", cpu->index);
		cpu_pause();
	}
}

void smp_entry(void)
{
	struct cpu *cpu = READ_ONCE(starting);

	cpu_start(cpu);
	vcpu_loop(cpu->vcpu);
}

void smp_start(void)
{
	void *low = machine_map(PADDR(HUSK_TRAMPOLINE));
	size_t size = (size_t)(trampoline_end - trampoline_start);

	memcpy(low, trampoline_start, size);
	set_field(trampoline_cr3, read_cr3());
	set_field(trampoline_cr4, read_cr4());
	for (uint32_t i = 1; i < vcpu_count; i++) {
		cpus[i].index = i;
		cpus[i].apic_id = vcpus[i].apic_id;
		cpus[i].vcpu = &vcpus[i];
		vcpus[i].cpu = &cpus[i];
		start_one(&cpus[i]);
	}
	memset(low, 0, size);
}

/* SPDX-License-Identifier: MIT */
/* The local APIC, in x2APIC mode where the CPU has it, else through its registers in memory. */
#include "kernel/cpu.h"
#include "kernel/trap.h"
#include "kernel/vm.h"
#include "native.h"

#define XAPIC_BASE         0xfee00000
#define SVR_ENABLE         0x100
#define LVT_MASKED         0x10000
#define XAPIC_ICR_PENDING  0x1000
#define XAPIC_PENDING_SPIN 100000

static volatile uint32_t *registers; /* NULL: x2APIC */

enum error apic_init(void)
{
	void *memory;
	enum error error;

	if (cpu_features.x2apic)
		return OK;
	error = vm_map_physical(PADDR(XAPIC_BASE), PAGE_SIZE, MAP_WRITE | MAP_UNCACHED, &memory);
	if (error == OK)
		registers = memory;
	return error;
}

/* Register n of x2APIC (MSR 0x800 + n) is at n * 16 in memory (APM2 16.3.2, 16.11). */
static volatile uint32_t *xapic_register(uint32_t msr)
{
	return registers + (msr & 0xff) * 4;
}

uint64_t apic_read(uint32_t msr)
{
	if (registers == NULL)
		return insn_rdmsr(msr);
	if (msr == APIC_ID)
		return *xapic_register(msr) >> 24;
	return *xapic_register(msr);
}

/* The two halves of the ICR: destination first, the low half sends. Interrupts are off. */
static void xapic_send(uint64_t value)
{
	for (unsigned int i = 0; i < XAPIC_PENDING_SPIN; i++) {
		if ((*xapic_register(APIC_ICR) & XAPIC_ICR_PENDING) == 0)
			break;
		insn_pause();
	}
	*xapic_register(APIC_ICR + 1) = (uint32_t)(value >> 32) << 24;
	*xapic_register(APIC_ICR) = (uint32_t)value;
}

void apic_write(uint32_t msr, uint64_t value)
{
	if (registers == NULL)
		insn_wrmsr(msr, value);
	else if (msr == APIC_ICR)
		xapic_send(value);
	else
		*xapic_register(msr) = (uint32_t)value;
}

void apic_send(uint32_t destination, uint32_t command)
{
	irq_flags_t irq = irq_save();

	apic_write(APIC_ICR, ((uint64_t)destination << 32) | command);
	irq_restore(irq);
}

uint32_t apic_id(void)
{
	return (uint32_t)apic_read(APIC_ID);
}

void apic_enable(void)
{
	uint64_t base = insn_rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	insn_wrmsr(MSR_APIC_BASE, base);
	if (registers == NULL)
		insn_wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_MASKED);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_TIMER_DIV, 0xb); /* divide by 1 */
}

/* SPDX-License-Identifier: MIT */
/* Interrupts on and off, CPU features, bring-up and idle. Per-CPU data: percpu.h. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include "base/types.h"
#include "kernel/error.h"
#include "kernel/percpu.h"
#include "kernel/spinlock.h"

/* --- Interrupts of this CPU ------------------------------------------------------------- */
irq_flags_t irq_save(void) MUST_CHECK;
void irq_restore(irq_flags_t flags);
void irq_enable(void);
void irq_disable(void);
bool irq_enabled(void);

/* Interrupts are off, nothing is to do: wait for an interrupt, return with interrupts on. */
void cpu_idle(void);

/* --- Features --------------------------------------------------------------------------- */
/* Read once at boot through the platform's CPUID, the same on every CPU. */
struct cpu_features {
	char vendor[13];
	uint32_t family, model, stepping;
	uint32_t physical_bits;
	uint32_t xsave_size; /* bytes for all of xcr0; 512 without XSAVE */
	uint64_t xcr0;       /* what the kernel enables; 0 without XSAVE */
	bool nx, pages_1g, smep, smap, umip, pcid, invpcid, pge, la57;
	bool xsave, xsaveopt, fsgsbase, x2apic, tsc_deadline, invariant_tsc, rdtscp;
	bool rdrand, rdseed, aes, pclmul, avx, avx2, sha;
	bool cet_ss, cet_ibt, pku;
	bool hypervisor;
};
extern struct cpu_features cpu_features;

/* --- Bring-up --------------------------------------------------------------------------- */
/*
 * Start every CPU that the platform reports and wait (bounded) until they are online. One that
 * does not come is logged and left out. ERR_NO_MEMORY.
 */
MUST_CHECK enum error cpu_start_all(void);

/* Where an application processor enters C, on its own stack, GS not yet set. */
NORETURN void cpu_secondary_entry(struct cpu *cpu);

#endif

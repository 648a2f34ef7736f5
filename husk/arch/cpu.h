/* SPDX-License-Identifier: MIT */
/* The machine's CPUs, as Husk uses them. */
#ifndef HUSK_ARCH_CPU_H
#define HUSK_ARCH_CPU_H

#include "base/compiler.h"
#include "base/types.h"
#include "husk/svm.h"
#include "husk/vcpu.h"

/* Husk's own interrupt vectors: above all that guests use for devices. */
#define HUSK_VECTOR_TIMER    0xfd
#define HUSK_VECTOR_KICK     0xfe
#define HUSK_VECTOR_SPURIOUS 0xff

#define CPU_STACK_PAGES 8

struct cpu {
	struct cpu *self; /* first: GS:0 */
	uint32_t index;
	uint32_t apic_id;
	struct vcpu *vcpu;
	struct vmcb *host_vmcb; /* Husk's FS, GS, TR, ... around a VMRUN */
	uint64_t pending[4];    /* device interrupts that arrived, by vector */
	uint64_t cost_left_at;  /* cost mode: TSC when the guest last stopped */
	uint64_t cost_excluded; /* cost mode: TSC ticks that were Husk's */
	bool in_guest;          /* written by its own CPU, read by any */
	bool online;
};

extern struct cpu cpus[VCPU_MAX];

static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;

	__asm__("movq %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

/* Fill `cpu` for the CPU that runs here: GS, IDT, local APIC, SVM. Ends the machine if SVM is
 * missing. */
void cpu_start(struct cpu *cpu);
/* Wake all other CPUs; each ends up in vcpu_loop(). Returns when all are online. */
void smp_start(void);

/*
 * Run the guest until it exits (APM2 15.5). RAX, RSP and everything in the save area live in the
 * VMCB, the other registers in `gpr` (enum gpr). Interrupts are off before and after.
 */
void vmrun(uint64_t *gpr, paddr_t vmcb, paddr_t host_vmcb);

/* Take the machine's interrupts that are pending now: they land in cpu->pending. */
void cpu_collect_interrupts(void);
/* Sleep until an interrupt, at most until `deadline` (machine_time_ns() scale; UINT64_MAX: none).
 */
void cpu_sleep(uint64_t deadline);
/* Let the timer interrupt this CPU at `deadline`; UINT64_MAX: no timer. */
void cpu_set_timer(uint64_t deadline);
/* Interrupt another CPU: it leaves the guest, or its sleep. */
void cpu_kick(const struct cpu *cpu);

#endif

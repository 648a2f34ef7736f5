/* SPDX-License-Identifier: MIT */
/*
 * Messages between CPUs and TLB shootdown. A CPU that is idle or runs the guest is `lazy`: nobody
 * waits for it, it flushes when it comes back. So no shootdown waits for a CPU that the host has
 * put to sleep outside the kernel.
 */
#ifndef KERNEL_SMP_H
#define KERNEL_SMP_H

#include "base/types.h"
#include "kernel/percpu.h"
#include "kernel/error.h"

struct address_space;

struct cpu_set {
	uint64_t bits[CPU_MAX / 64];
};
static inline void cpu_set_add(struct cpu_set *set, uint32_t cpu)
{
	set->bits[cpu / 64] |= BIT(cpu % 64);
}
static inline bool cpu_set_has(const struct cpu_set *set, uint32_t cpu)
{
	return (set->bits[cpu / 64] >> (cpu % 64)) & 1;
}

/* Make `cpu` look at its run queue. Never waits. */
void smp_reschedule(uint32_t cpu);

/*
 * Run `function` on one other online CPU, in interrupt context with interrupts off, and wait for
 * it. ERR_STATE when that CPU is this one or not online. No lock above RANK_SMP may be held.
 */
MUST_CHECK enum error smp_call(uint32_t cpu, void (*function)(void *argument), void *argument);
/* The same on every other online CPU. */
void smp_call_others(void (*function)(void *argument), void *argument);

/*
 * Flush [address, address + pages) from every TLB: of the kernel (space NULL) or of one space.
 * More than TLB_RANGE_MAX pages: everything.
 */
#define TLB_RANGE_MAX 32
void tlb_flush(const struct address_space *space, vaddr_t address, size_t pages);

/* Around idle and around running the guest; interrupts off. leave() flushes when it must. */
void tlb_enter_lazy(void);
void tlb_leave_lazy(void);

/* Serve what other CPUs wait for; called by every spin loop. */
void smp_poll(void);

/* Interrupt the others and leave them halted (panic path); never waits for long. */
void smp_stop_others(void);

#endif

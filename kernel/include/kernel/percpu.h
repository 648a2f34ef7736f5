/* SPDX-License-Identifier: MIT */
/* Per-CPU data, reached through GS. */
#ifndef KERNEL_PERCPU_H
#define KERNEL_PERCPU_H

/* Offsets for assembly; checked below. */
#define CPU_SELF          0
#define CPU_CURRENT       8
#define CPU_KERNEL_STACK  16
#define CPU_USER_RSP      24
#define CPU_PREEMPT_COUNT 40

#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA   0x1b /* SYSRET wants data before code */
#define SELECTOR_USER_CODE   0x23
#define SELECTOR_TSS         0x28

#ifndef __ASSEMBLER__

#include "base/types.h"
#include "kernel/cache.h"
#include "kernel/error.h"
#include "kernel/layout.h"
#include "arch/insn.h"

struct thread;
struct address_space;
struct runqueue;
struct platform_cpu;

enum cpu_stack {
	CPU_STACK_NMI,
	CPU_STACK_DF,
	CPU_STACK_MC,
	CPU_STACK_HV,
	CPU_STACK_VC,
	CPU_STACKS
};

struct PACKED tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7]; /* ist[n - 1] is IST n */
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
};
LAYOUT_SIZE(struct tss, 104);

struct magazine {
	uint32_t count;
	void *objects[CACHE_MAGAZINE];
};

#define CPU_PAGE_STACK 16
#define CPU_LOCKS_HELD 12

struct cpu {
	struct cpu *self;
	struct thread *current; /* the scheduler's */
	uint64_t kernel_stack;  /* top of the current thread's kernel stack (system-call entry) */
	uint64_t user_rsp_scratch; /* system-call entry keeps the user's RSP here */
	uint32_t index;            /* 0 is the boot CPU */
	uint32_t apic_id;
	uint32_t preempt_count;   /* > 0: the current thread stays on this CPU */
	uint32_t interrupt_depth; /* > 0: in an interrupt or exception handler */
	bool need_resched;
	bool online;
	volatile bool tlb_lazy; /* not running kernel code that needs fresh translations */
	uint64_t tlb_seen;      /* generation of the last full flush */
	uint64_t mailbox;       /* MAILBOX_* bits, atomic */

	struct tss tss ALIGNED(16);
	uint64_t gdt[8];
	struct magazine magazines[CACHE_MAX];
	struct {
		uint32_t count;
		uint32_t pages[CPU_PAGE_STACK]; /* page numbers */
	} free_pages;
	struct {
		uint32_t count;
		const void *held[CPU_LOCKS_HELD];
		uint16_t ranks[CPU_LOCKS_HELD];
	} locks;
	struct {
		uint64_t *table; /* page table of the 4 KiB windows */
		uint64_t *large; /* entry of the 2 MiB window */
		uint16_t next;   /* first free entry */
		uint16_t depth;
	} windows;
	vaddr_t stacks[CPU_STACKS]; /* tops */
	vaddr_t boot_stack;         /* top of the stack it came up on, its idle stack */

	struct address_space *space;   /* user half that is loaded; NULL: none */
	struct runqueue *runqueue;     /* the scheduler's */
	void *timers;                  /* timer.c's */
	struct platform_cpu *platform; /* the platform's data of this CPU (GHCB, doorbell, ...) */
};
LAYOUT_AT(struct cpu, self, CPU_SELF);
LAYOUT_AT(struct cpu, current, CPU_CURRENT);
LAYOUT_AT(struct cpu, kernel_stack, CPU_KERNEL_STACK);
LAYOUT_AT(struct cpu, user_rsp_scratch, CPU_USER_RSP);
LAYOUT_AT(struct cpu, preempt_count, CPU_PREEMPT_COUNT);

static inline struct cpu *this_cpu(void)
{
	return insn_read_cpu_pointer();
}

/* CPUs by index; NULL: no such CPU. cpu_count() is the number online and grows while CPUs come up.
 */
struct cpu *cpu_at(uint32_t index);
uint32_t cpu_count(void);
/* All CPUs that the platform reported, started or not. */
uint32_t cpu_possible(void);

/* The stack that this thread enters the kernel on: TSS.RSP0 and the system-call entry. */
void cpu_set_kernel_stack(vaddr_t top);

#endif
#endif

/* SPDX-License-Identifier: MIT */
/* Steps of boot that only kernel_main() and the bring-up of CPUs call. */
#ifndef KERNEL_CPU_INTERNAL_H
#define KERNEL_CPU_INTERNAL_H

#include "kernel/error.h"
#include "kernel/percpu.h"

/* The boot CPU's data, GDT, TSS, IDT, GS: the first thing that works. */
void cpu_init_boot(void);

/* Emergency stacks and windows of the boot CPU, once there is memory. */
MUST_CHECK enum error cpu_init_boot_memory(void);

/* Platform, timers, scheduler of the calling CPU. Stops when it can't. */
void cpu_setup_this(struct cpu *cpu);

/* Take the vectors of messages between CPUs and of the timer. Once. */
void smp_init(void);

/* Hand the region to the allocators (mm/memory.c). Once. Stops when there is too little. */
void memory_init(void);

/* Make the tables for a CPU's windows (mm/window.c), before that CPU opens one. */
MUST_CHECK enum error window_prepare(struct cpu *cpu);

#endif

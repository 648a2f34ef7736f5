/* SPDX-License-Identifier: MIT */
#ifndef ARCH_DESCRIPTORS_H
#define ARCH_DESCRIPTORS_H

#include "kernel/percpu.h"

/* Fill the IDT. Once, on the boot CPU. */
void descriptors_init(void);

/* Fill this CPU's GDT and TSS (cpu->stacks are set) and load them, the IDT and GS. */
void descriptors_load(struct cpu *cpu);

#endif

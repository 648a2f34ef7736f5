/* SPDX-License-Identifier: MIT */
#ifndef HUSK_ARCH_TRAP_H
#define HUSK_ARCH_TRAP_H

#include "base/types.h"

/* What trap_entry.S leaves on the stack. */
struct trap_frame {
	uint64_t rbp, rbx, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Called by trap_entry.S. */
void trap(struct trap_frame *frame);
/* Load the interrupt descriptor table on this CPU. */
void trap_load(void);

#endif

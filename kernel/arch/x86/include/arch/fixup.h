/* SPDX-License-Identifier: MIT */
/*
 * The fix-up table: an instruction listed here may fault; execution then goes on at `target` with
 * RAX holding the vector. Everything else that faults in kernel mode stops the kernel.
 */
#ifndef ARCH_FIXUP_H
#define ARCH_FIXUP_H

#ifdef __ASSEMBLER__

/* clang-format off */
.macro FIXUP instruction, target
	.pushsection .fixups, "a"
	.balign 8
	.quad \instruction
	.quad \target
	.popsection
.endm
/* clang-format on */

#else

#include "base/types.h"

struct fixup {
	uint64_t instruction;
	uint64_t target;
};

/* Where to go on after a fault at `rip`; 0: nowhere. */
uint64_t fixup_find(uint64_t rip);

#endif
#endif

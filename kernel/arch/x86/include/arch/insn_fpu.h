/* SPDX-License-Identifier: MIT */
/* Saving and loading FPU state. Areas are 64-byte aligned (XSAVE) or 16-byte aligned (FXSAVE). */
#ifndef ARCH_INSN_FPU_H
#define ARCH_INSN_FPU_H

#include "base/types.h"

static inline void insn_fxsave(void *area)
{
	__asm__ volatile("fxsaveq (%0)" : : "r"(area) : "memory");
}

static inline void insn_fxrstor(const void *area)
{
	__asm__ volatile("fxrstorq (%0)" : : "r"(area) : "memory");
}

static inline void insn_xsave(void *area, uint64_t mask)
{
	__asm__ volatile("xsaveq (%0)"
			 :
			 : "r"(area), "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32))
			 : "memory");
}

static inline void insn_xrstor(const void *area, uint64_t mask)
{
	__asm__ volatile("xrstorq (%0)"
			 :
			 : "r"(area), "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32))
			 : "memory");
}

#endif

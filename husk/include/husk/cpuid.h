/* SPDX-License-Identifier: MIT */
/* What CPUID says in the emulated machine: NAE event 0x72, MSR protocol and CPUID page. */
#ifndef HUSK_CPUID_H
#define HUSK_CPUID_H

#include "base/compiler.h"
#include "base/types.h"

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

/* CPUID as seen by the CPU with an APIC ID; unknown leaves are all zero. */
struct cpuid_regs husk_cpuid(uint32_t apic_id, uint32_t leaf, uint32_t subleaf);

#endif

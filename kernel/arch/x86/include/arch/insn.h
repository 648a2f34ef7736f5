/* SPDX-License-Identifier: MIT */
/*
 * The only place with privileged or otherwise special instructions (besides the entry code in .S
 * files). Host unit tests include kernel/test/fake/include/arch/insn.h instead, which has the same
 * functions on a modelled machine. PVALIDATE, RMPADJUST and VMGEXIT: arch/insn_snp.h.
 */
#ifndef ARCH_INSN_H
#define ARCH_INSN_H

#include "base/compiler.h"
#include "base/types.h"
#include "sevabi/msr.h"

struct cpu;

#define RFLAGS_IF BIT(9)
#define RFLAGS_DF BIT(10)
#define RFLAGS_AC BIT(18)

#define CR0_MP BIT(1)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16)

#define CR4_PAE        BIT(5)
#define CR4_MCE        BIT(6)
#define CR4_PGE        BIT(7)
#define CR4_OSFXSR     BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_UMIP       BIT(11)
#define CR4_FSGSBASE   BIT(16)
#define CR4_OSXSAVE    BIT(18)
#define CR4_SMEP       BIT(20)
#define CR4_SMAP       BIT(21)

#define MSR_FMASK MSR_SFMASK

/* Operand of LGDT and LIDT. */
struct PACKED descriptor_table {
	uint16_t limit;
	uint64_t base;
};

static inline struct cpu *insn_read_cpu_pointer(void)
{
	struct cpu *cpu;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(cpu)); /* again after each switch */
	return cpu;
}

/* Change this CPU's preemption count (CPU_PREEMPT_COUNT) in one instruction: no switch in between.
 */
static inline void insn_preempt_count_add(int32_t by)
{
	__asm__ volatile("addl %0, %%gs:40" : : "ri"(by) : "memory", "cc");
}

static inline uint64_t insn_rdmsr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return ((uint64_t)high << 32) | low;
}

static inline void insn_wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline void insn_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
			 : "a"(leaf), "c"(subleaf));
}

static inline uint64_t insn_rdtsc(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return ((uint64_t)high << 32) | low;
}

/* False: the generator had nothing to give. */
static inline bool insn_rdrand(uint64_t *out)
{
	bool ok;
	__asm__ volatile("rdrand %0" : "=r"(*out), "=@ccc"(ok));
	return ok;
}

static inline bool insn_rdseed(uint64_t *out)
{
	bool ok;
	__asm__ volatile("rdseed %0" : "=r"(*out), "=@ccc"(ok));
	return ok;
}

#define INSN_CONTROL_REGISTER(n)                                                   \
	static inline uint64_t insn_read_cr##n(void)                               \
	{                                                                          \
		uint64_t value;                                                    \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(value) : : "memory"); \
		return value;                                                      \
	}                                                                          \
	static inline void insn_write_cr##n(uint64_t value)                        \
	{                                                                          \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(value) : "memory");     \
	}

INSN_CONTROL_REGISTER(0)
INSN_CONTROL_REGISTER(2)
INSN_CONTROL_REGISTER(3)
INSN_CONTROL_REGISTER(4)

static inline void insn_xsetbv(uint32_t index, uint64_t value)
{
	__asm__ volatile("xsetbv"
			 :
			 : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static inline void insn_invlpg(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void insn_lgdt(const struct descriptor_table *table)
{
	__asm__ volatile("lgdt %0" : : "m"(*table) : "memory");
}

static inline void insn_lidt(const struct descriptor_table *table)
{
	__asm__ volatile("lidt %0" : : "m"(*table) : "memory");
}

static inline void insn_ltr(uint16_t selector)
{
	__asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}

/* Load CS and the data segments of the kernel; FS and GS become null. */
static inline void insn_load_segments(uint16_t code, uint16_t data)
{
	uint64_t scratch;
	__asm__ volatile("pushq %q1\n\t"
			 "leaq 1f(%%rip), %0\n\t"
			 "pushq %0\n\t"
			 "lretq\n"
			 "1:\tmovl %k2, %%ds\n\t"
			 "movl %k2, %%es\n\t"
			 "movl %k2, %%ss\n\t"
			 "xorl %k0, %k0\n\t"
			 "movl %k0, %%fs\n\t"
			 "movl %k0, %%gs"
			 : "=&r"(scratch)
			 : "r"((uint64_t)code), "r"((uint64_t)data)
			 : "memory");
}

static inline void insn_sti(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void insn_cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* Interrupts on and wait, without a gap between the two. */
static inline void insn_sti_hlt(void)
{
	__asm__ volatile("sti\n\thlt" : : : "memory");
}

static inline void insn_hlt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

static inline void insn_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline uint64_t insn_read_flags(void)
{
	uint64_t flags;
	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags) : : "memory");
	return flags;
}

static inline void insn_stac(void)
{
	__asm__ volatile("stac" : : : "memory");
}

static inline void insn_clac(void)
{
	__asm__ volatile("clac" : : : "memory");
}

static inline void insn_swapgs(void)
{
	__asm__ volatile("swapgs" : : : "memory");
}

static inline void insn_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void insn_out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t insn_in8(uint16_t port)
{
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t insn_in32(uint16_t port)
{
	uint32_t value;
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t insn_read_rbp(void)
{
	uint64_t value;
	__asm__ volatile("mov %%rbp, %0" : "=r"(value));
	return value;
}

#endif

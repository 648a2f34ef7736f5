/* SPDX-License-Identifier: MIT */
/*
 * The instructions of arch/insn.h on a modelled machine, for host unit tests: control registers and
 * MSRs are memory, ports answer what the test put there, and what has no visible effect is counted.
 * fake_machine.c holds the one machine; a test sets it up and looks at it.
 */
#ifndef ARCH_INSN_H
#define ARCH_INSN_H

#include "base/compiler.h"
#include "base/types.h"
#include "sevabi/msr.h"

struct cpu;

#define RFLAGS_IF BIT(9)
#define CR4_PGE   BIT(7)

#define FAKE_MSRS  16
#define FAKE_PORTS 16

struct fake_machine {
	struct cpu *cpu; /* what GS points to */
	uint64_t cr0, cr2, cr3, cr4;
	bool interrupts;
	uint64_t tsc; /* grows by one with each read */
	struct {
		uint32_t number;
		uint64_t value;
	} msrs[FAKE_MSRS];
	struct {
		uint16_t port;
		uint32_t value; /* last written, or to be read */
	} ports[FAKE_PORTS];
	uint64_t invalidated; /* INVLPGs */
	uint64_t last_invalidated;
	uint64_t pauses;
	bool random_works;
	uint64_t random;
};

extern struct fake_machine fake_machine;

uint64_t *fake_msr(uint32_t number);
uint32_t *fake_port(uint16_t port);
/* The preemption count of the CPU; struct cpu is not known here. */
void fake_preempt_count_add(int32_t by);

static inline struct cpu *insn_read_cpu_pointer(void)
{
	return fake_machine.cpu;
}

static inline void insn_preempt_count_add(int32_t by)
{
	fake_preempt_count_add(by);
}

static inline uint64_t insn_rdmsr(uint32_t msr)
{
	return *fake_msr(msr);
}

static inline void insn_wrmsr(uint32_t msr, uint64_t value)
{
	*fake_msr(msr) = value;
}

static inline uint64_t insn_rdtsc(void)
{
	return fake_machine.tsc++;
}

static inline bool insn_rdrand(uint64_t *out)
{
	*out = fake_machine.random++;
	return fake_machine.random_works;
}

static inline bool insn_rdseed(uint64_t *out)
{
	return insn_rdrand(out);
}

static inline uint64_t insn_read_cr2(void)
{
	return fake_machine.cr2;
}

static inline uint64_t insn_read_cr3(void)
{
	return fake_machine.cr3;
}

static inline void insn_write_cr3(uint64_t value)
{
	fake_machine.cr3 = value;
}

static inline uint64_t insn_read_cr4(void)
{
	return fake_machine.cr4;
}

static inline void insn_write_cr4(uint64_t value)
{
	fake_machine.cr4 = value;
}

static inline void insn_invlpg(uint64_t address)
{
	fake_machine.invalidated++;
	fake_machine.last_invalidated = address;
}

static inline void insn_sti(void)
{
	fake_machine.interrupts = true;
}

static inline void insn_cli(void)
{
	fake_machine.interrupts = false;
}

static inline void insn_pause(void)
{
	fake_machine.pauses++;
}

static inline uint64_t insn_read_flags(void)
{
	return fake_machine.interrupts ? RFLAGS_IF : 0;
}

static inline void insn_out8(uint16_t port, uint8_t value)
{
	*fake_port(port) = value;
}

static inline uint8_t insn_in8(uint16_t port)
{
	return (uint8_t)*fake_port(port);
}

static inline void insn_out32(uint16_t port, uint32_t value)
{
	*fake_port(port) = value;
}

static inline uint32_t insn_in32(uint16_t port)
{
	return *fake_port(port);
}

#endif

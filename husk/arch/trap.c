/* SPDX-License-Identifier: MIT */
/* Husk's own exceptions (all of them defects) and the machine's interrupts. */
#include "arch/cpu.h"
#include "arch/insn.h"
#include "arch/trap.h"
#include "boot/layout.h"
#include "husk/machine.h"
#include "husk/port.h"
#include "huskabi/huskabi.h"

#define VECTOR_NMI_HOST 2
#define FIRST_INTERRUPT 32
#define LAPIC_EOI       0xb0
#define GATE_INTERRUPT  0x8e

extern char trap_stubs[];

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};
LAYOUT_SIZE(struct gate, 16);

struct descriptor {
	uint16_t limit;
	uint64_t base;
} PACKED;

static struct gate idt[256];

void trap_load(void)
{
	struct descriptor d = {.limit = sizeof(idt) - 1, .base = (uint64_t)idt};

	for (unsigned i = 0; i < ARRAY_SIZE(idt); i++) {
		uint64_t stub = (uint64_t)trap_stubs + i * 16;

		idt[i] = (struct gate){
			.offset_low = (uint16_t)stub,
			.selector = HUSK_CS,
			.type = GATE_INTERRUPT,
			.offset_middle = (uint16_t)(stub >> 16),
			.offset_high = (uint32_t)(stub >> 32),
		};
	}
	cpu_lidt(&d);
}

static void NORETURN report_defect(const struct trap_frame *f)
{
	machine_end(HUSK_EXIT_INTERNAL,
		    "defect: exception %lu error %lx rip %lx rsp %lx cr2 %lx (rdi %lx rsi %lx)",
		    f->vector, f->error, f->rip, f->rsp, read_cr2(), f->rdi, f->rsi);
}

void trap(struct trap_frame *frame)
{
	uint64_t vector = frame->vector;

	if (vector == VECTOR_NMI_HOST)
		return;
	if (vector < FIRST_INTERRUPT)
		report_defect(frame);
	switch (vector) {
	case HUSK_VECTOR_SPURIOUS:
		break;
	case HUSK_VECTOR_TIMER:
	case HUSK_VECTOR_KICK:
		lapic_write(LAPIC_EOI, 0);
		break;
	default:
		/* A guest's device: husk/apic acknowledges it when the guest's APIC is through. */
		this_cpu()->pending[vector / 64] |= BIT(vector % 64);
	}
}

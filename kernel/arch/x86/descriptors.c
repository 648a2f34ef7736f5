/* SPDX-License-Identifier: MIT */
/* GDT, TSS and IDT. Each CPU has its own GDT and TSS; all share one IDT. */
#include "arch/descriptors.h"
#include "kernel/cpu.h"
#include "kernel/trap.h"

/* APM2 4.8: long-mode code and data descriptors, base and limit ignored. */
#define GDT_KERNEL_CODE 0x00af9b000000ffffULL
#define GDT_KERNEL_DATA 0x00cf93000000ffffULL
#define GDT_USER_DATA   0x00cff3000000ffffULL
#define GDT_USER_CODE   0x00affb000000ffffULL
#define TSS_AVAILABLE   0x89ULL

#define GATE_INTERRUPT 0x8e

struct idt_gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};
LAYOUT_SIZE(struct idt_gate, 16);

extern const char vector_stubs[];
#define VECTOR_STUB_SIZE 16

static ALIGNED(4096) struct idt_gate idt[256];

/* IST number of a vector; 0: the current stack (or RSP0). */
static uint8_t vector_ist(unsigned int vector)
{
	switch (vector) {
	case VECTOR_NMI:
		return CPU_STACK_NMI + 1;
	case VECTOR_DF:
		return CPU_STACK_DF + 1;
	case VECTOR_MC:
		return CPU_STACK_MC + 1;
	case VECTOR_HV:
		return CPU_STACK_HV + 1;
	case VECTOR_VC:
		return CPU_STACK_VC + 1;
	default:
		return 0;
	}
}

void descriptors_init(void)
{
	for (unsigned int vector = 0; vector < 256; vector++) {
		uint64_t stub = (uint64_t)vector_stubs + vector * VECTOR_STUB_SIZE;

		idt[vector] = (struct idt_gate){
			.offset_low = (uint16_t)stub,
			.selector = SELECTOR_KERNEL_CODE,
			.ist = vector_ist(vector),
			.type = GATE_INTERRUPT,
			.offset_middle = (uint16_t)(stub >> 16),
			.offset_high = (uint32_t)(stub >> 32),
		};
	}
}

static void gdt_fill(struct cpu *cpu)
{
	uint64_t base = (uint64_t)&cpu->tss;
	uint64_t limit = sizeof(cpu->tss) - 1;

	cpu->gdt[SELECTOR_KERNEL_CODE / 8] = GDT_KERNEL_CODE;
	cpu->gdt[SELECTOR_KERNEL_DATA / 8] = GDT_KERNEL_DATA;
	cpu->gdt[SELECTOR_USER_DATA / 8] = GDT_USER_DATA;
	cpu->gdt[SELECTOR_USER_CODE / 8] = GDT_USER_CODE;
	cpu->gdt[SELECTOR_TSS / 8] = limit | ((base & 0xffffff) << 16) | (TSS_AVAILABLE << 40) |
				     ((base >> 24 & 0xff) << 56);
	cpu->gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
}

void descriptors_load(struct cpu *cpu)
{
	struct descriptor_table gdt = {sizeof(cpu->gdt) - 1, (uint64_t)cpu->gdt};
	struct descriptor_table table = {sizeof(idt) - 1, (uint64_t)idt};

	gdt_fill(cpu);
	for (unsigned int i = 0; i < CPU_STACKS; i++)
		cpu->tss.ist[i] = cpu->stacks[i].raw;
	cpu->tss.io_map = sizeof(cpu->tss);
	insn_lgdt(&gdt);
	insn_load_segments(SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA);
	insn_wrmsr(MSR_GS_BASE, (uint64_t)cpu);
	insn_wrmsr(MSR_KERNEL_GS_BASE, 0);
	insn_lidt(&table);
	insn_ltr(SELECTOR_TSS);
}

void cpu_set_kernel_stack(vaddr_t top)
{
	struct cpu *cpu = this_cpu();

	cpu->tss.rsp[0] = top.raw;
	cpu->kernel_stack = top.raw;
}

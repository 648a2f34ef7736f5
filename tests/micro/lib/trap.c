/* SPDX-License-Identifier: MIT */
/* Exceptions as data: each plane has a stack whose lowest bytes hold where a trap returns to. */
#include "internal.h"

struct idt_entry {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};
LAYOUT_SIZE(struct idt_entry, 16);

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} PACKED;
LAYOUT_SIZE(struct tss, 104);

#define STACK_SIZE 16384
#define GDT_TSS    5 /* index; one for each VMPL, two entries each */

static struct idt_entry idt[256] ALIGNED(16);
static uint64_t gdt[GDT_TSS + 2 * VMPL_COUNT] ALIGNED(16);
static struct tss tss[VMPL_COUNT];
static trap_hook hooks[256];
uint8_t ist_stack[4096] ALIGNED(16);
static uint8_t user_stack[4096] ALIGNED(16);

struct context {
	uint64_t saved_rsp;
	struct trap last;
};

/* IST stacks lie elsewhere: then the interrupted stack pointer tells the plane. */
static struct context *context_at(uint64_t rsp)
{
	uint64_t base = (uint64_t)stacks;

	if (rsp < base || rsp > base + (uint64_t)VMPL_COUNT * STACK_SIZE)
		rsp = base + 1;
	return (struct context *)ALIGN_DOWN(rsp - 1, STACK_SIZE);
}

static struct context *context_of(const struct frame *frame)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0);
	uint64_t base = (uint64_t)stacks;

	if (here >= base && here <= base + (uint64_t)VMPL_COUNT * STACK_SIZE)
		return context_at(here);
	return context_at(frame->rsp);
}

void trap_dispatch(struct frame *frame)
{
	struct context *context = context_of(frame);
	struct trap trap = {.vector = (uint8_t)frame->vector,
			    .taken = true,
			    .error = frame->error,
			    .rip = frame->rip,
			    .cs = frame->cs,
			    .rflags = frame->rflags,
			    .rsp = frame->rsp};

	if (hooks[frame->vector & 0xff] && hooks[frame->vector & 0xff](frame))
		return;
	__asm__ volatile("mov %%cr2, %0" : "=r"(trap.cr2));
	context->last = trap;
	if (!context->saved_rsp)
		trap_fatal(&trap);
	trap_leave(context->saved_rsp);
}

struct trap trap_run(void (*fn)(void *), void *arg)
{
	struct context *context = context_at((uint64_t)__builtin_frame_address(0));

	context->last = (struct trap){0};
	if (trap_enter(fn, arg, &context->saved_rsp) == 0)
		context->last.taken = false;
	return context->last;
}

struct user_call {
	void (*fn)(void *);
	void *arg;
};

static void run_user(void *arg)
{
	const struct user_call *call = arg;

	user_enter(call->fn, call->arg, (uint64_t)(user_stack + sizeof(user_stack)));
}

struct trap trap_run_user(void (*fn)(void *), void *arg)
{
	struct user_call call = {fn, arg};
	struct trap trap;
	uint64_t here = (uint64_t)__builtin_frame_address(0);

	/* Traps of the user code arrive below everything that is in use now. */
	tss[0].rsp[0] = ALIGN_DOWN(here - 4096, 16);
	trap = trap_run(run_user, &call);
	if (trap.vector == 0x80)
		trap.taken = false;
	return trap;
}

void trap_set_hook(uint8_t vector, trap_hook hook)
{
	hooks[vector] = hook;
}

void trap_set_ist(uint8_t vector, unsigned ist)
{
	idt[vector].ist = (uint8_t)ist;
}

static void gdt_init(void)
{
	gdt[1] = 0x00af9b000000ffff; /* 0x08 kernel code */
	gdt[2] = 0x00cf93000000ffff; /* 0x10 kernel data */
	gdt[3] = 0x00cff3000000ffff; /* 0x18 user data */
	gdt[4] = 0x00affb000000ffff; /* 0x20 user code */
	for (unsigned i = 0; i < VMPL_COUNT; i++) {
		uint64_t base = (uint64_t)&tss[i];

		gdt[GDT_TSS + 2 * i] = 0x0000890000000067 | ((base & 0xffffff) << 16) |
				       ((base & 0xff000000) << 32);
		gdt[GDT_TSS + 2 * i + 1] = base >> 32;
		tss[i].rsp[0] = (uint64_t)stacks + (i + 1UL) * STACK_SIZE - 8192;
		tss[i].ist[0] = (uint64_t)(ist_stack + sizeof(ist_stack));
		tss[i].io_map = sizeof(struct tss);
	}
}

static void idt_init(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t entry = (uint64_t)trap_vectors + 16UL * i;

		idt[i] = (struct idt_entry){.offset_low = (uint16_t)entry,
					    .selector = 0x08,
					    .type = i == 0x80 || i == 3 ? 0xee : 0x8e,
					    .offset_middle = (uint16_t)(entry >> 16),
					    .offset_high = (uint32_t)(entry >> 32)};
	}
}

struct table_register trap_gdt(void)
{
	return (struct table_register){sizeof(gdt) - 1, (uint64_t)gdt};
}

struct table_register trap_idt(void)
{
	return (struct table_register){sizeof(idt) - 1, (uint64_t)idt};
}

/* Selector and base of a plane's TSS, for its VMSA. */
uint16_t trap_tss_selector(unsigned vmpl)
{
	return (uint16_t)((GDT_TSS + 2 * vmpl) * 8);
}

uint64_t trap_tss_base(unsigned vmpl)
{
	return (uint64_t)&tss[vmpl];
}

void trap_init(void)
{
	struct table_register gdtr, idtr;

	gdt_init();
	idt_init();
	gdtr = trap_gdt();
	idtr = trap_idt();
	__asm__ volatile("lgdt %0\n\t"
			 "lidt %1\n\t"
			 "pushq $0x08\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmovl $0x10, %%eax\n\t"
			 "movl %%eax, %%ds\n\t"
			 "movl %%eax, %%es\n\t"
			 "movl %%eax, %%ss\n\t"
			 "ltr %w2"
			 :
			 : "m"(gdtr), "m"(idtr), "r"(trap_tss_selector(0))
			 : "rax", "memory");
}

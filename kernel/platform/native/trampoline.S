/* SPDX-License-Identifier: MIT */
/*
 * Where a secondary CPU starts after SIPI: 16-bit code, copied to BOOT_SIPI_PAGE. The words at its end
 * are filled in by start.c (struct trampoline_data).
 */
#include "bootabi/bootabi.h"
#include "arch/msr.h"

#define AT(label) (BOOT_SIPI_PAGE + (label) - trampoline_start)
#define OFFSET(label) ((label) - trampoline_start)

	.section .rodata.trampoline, "a"
	.code16
	.globl trampoline_start
trampoline_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl OFFSET(trampoline_gdt_pointer)
	movl %cr0, %eax
	orl $1, %eax			/* PE */
	movl %eax, %cr0
	ljmpl $0x08, $AT(trampoline_32)

	.code32
trampoline_32:
	movw $0x10, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl $0x20, %eax		/* PAE */
	movl %eax, %cr4
	movl AT(trampoline_root), %eax
	movl %eax, %cr3
	movl $MSR_EFER_NUMBER, %ecx
	rdmsr
	orl $0x900, %eax		/* LME, NXE */
	wrmsr
	movl $0x80010001, %eax		/* PG, WP, PE */
	movl %eax, %cr0
	ljmpl $0x18, $AT(trampoline_64)

	.code64
trampoline_64:
	movq AT(trampoline_stack), %rsp
	movq AT(trampoline_cpu), %rdi
	movq AT(trampoline_entry), %rax
	jmp *%rax

	.balign 8
trampoline_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff	/* 32-bit code */
	.quad 0x00cf93000000ffff	/* data */
	.quad 0x00af9b000000ffff	/* 64-bit code */
trampoline_gdt_pointer:
	.word . - trampoline_gdt - 1
	.long AT(trampoline_gdt)

	.balign 8
	.globl trampoline_data
trampoline_data:
trampoline_root:
	.quad 0
trampoline_stack:
	.quad 0
trampoline_cpu:
	.quad 0
trampoline_entry:
	.quad 0
	.globl trampoline_end
trampoline_end:

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: MIT */
/*
 * Where the machine's other CPUs start: copied to HUSK_TRAMPOLINE, real mode to long mode, then
 * smp_entry() on the stack that smp.c put into trampoline_stack.
 */
#include "boot/layout.h"

#define LOW(symbol) ((symbol) - trampoline_start + HUSK_TRAMPOLINE)

	.section .rodata
	.balign 16
	.globl trampoline_start, trampoline_end, trampoline_cr3, trampoline_cr4, trampoline_stack
	.code16
trampoline_start:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	LOW(trampoline_gdtr)
	movl	LOW(trampoline_cr4), %eax
	movl	%eax, %cr4
	movl	LOW(trampoline_cr3), %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x900, %eax
	wrmsr
	movl	%cr0, %eax
	andl	$0x9fffffff, %eax
	orl	$0x80010023, %eax
	movl	%eax, %cr0
	ljmpl	$HUSK_CS, $LOW(trampoline_64)
	.code64
trampoline_64:
	movl	$HUSK_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movq	LOW(trampoline_stack), %rsp
	movabsq	$smp_entry_64, %rax
	jmp	*%rax
	.balign 8
trampoline_gdt:
	.quad 0
	.quad 0x00af9a000000ffff
	.quad 0x00cf92000000ffff
trampoline_gdtr:
	.word . - trampoline_gdt - 1
	.long LOW(trampoline_gdt)
	.balign 8
trampoline_cr3:
	.quad 0
trampoline_cr4:
	.quad 0
trampoline_stack:
	.quad 0
trampoline_end:

	.text
smp_entry_64:
	lgdt	husk_gdtr(%rip)
	xorl	%ebp, %ebp
	call	smp_entry
1:	hlt
	jmp	1b
	.section .note.GNU-stack, "", @progbits

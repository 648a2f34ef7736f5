/* SPDX-License-Identifier: MIT */
/*
 * void enter_native(uint64_t self, const void *gdtr, const struct native_registers *r)
 * Leaves long mode and starts the boot CPU of a NATIVE image: 32-bit, paging off.
 * `self` is the physical address of enter_native (identity mapped, below 4 GiB); gdtr and r
 * are physical too. native_jump's operand was written before (loader/native.c).
 */
#include "boot/layout.h"

/* Offsets in struct native_registers. */
#define R_EAX  0x00
#define R_ECX  0x04
#define R_EDX  0x08
#define R_EBX  0x0c
#define R_ESP  0x10
#define R_EBP  0x14
#define R_ESI  0x18
#define R_EDI  0x1c
#define R_CR0  0x20
#define R_CR4  0x24
#define R_DATA 0x28
#define R_CODE 0x2c
#define R_GDTR 0x30
#define R_IDTR 0x38

	.text
	.code64
	.globl enter_native
enter_native:
	lgdt	(%rsi)
	movl	%edx, %ebx
	movl	R_CODE(%rdx), %eax
	leaq	(enter_native_32 - enter_native)(%rdi), %rcx
	movl	%edx, %esp		/* never used: a far return through Husk's own stack needs it below 4 GiB */
	addl	$0x100, %esp
	pushq	%rax
	pushq	%rcx
	lretq

	.code32
enter_native_32:
	movl	R_DATA(%ebx), %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%cr0, %eax
	andl	$0x7fffffff, %eax
	movl	%eax, %cr0
	movl	$0xc0000080, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	movl	R_CR4(%ebx), %eax
	movl	%eax, %cr4
	movl	R_CR0(%ebx), %eax
	movl	%eax, %cr0
	xorl	%eax, %eax
	movl	%eax, %cr3
	lgdtl	R_GDTR(%ebx)
	lidtl	R_IDTR(%ebx)
	movl	R_EAX(%ebx), %eax
	movl	R_ECX(%ebx), %ecx
	movl	R_EDX(%ebx), %edx
	movl	R_ESP(%ebx), %esp
	movl	R_EBP(%ebx), %ebp
	movl	R_ESI(%ebx), %esi
	movl	R_EDI(%ebx), %edi
	movl	R_EBX(%ebx), %ebx
	.byte	0xe9			/* jmp rel32 */
	.globl native_jump
native_jump:
	.long	0
	.section .note.GNU-stack, "", @progbits

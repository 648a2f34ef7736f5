/* SPDX-License-Identifier: MIT */
/*
 * A firmware image of the smallest kind: metadata that an SVSM understands (OVMF's "ASEV" table), a reset
 * vector, and the way from real mode to 64-bit C code. It lies right below 4 GiB and is plain private memory.
 */
#include "svsm_layout.h"

	.section .low_text, "ax"
	.code16
	.globl	real_start
real_start:
	cli
	movw	$(gdt_pointer_low), %bx
	lgdtl	%cs:(%bx)
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$0x08, $protected_start

	.code32
protected_start:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss

	/* The C-bit: CPUID page, leaf 0x8000001F, EBX[5:0]. Nothing here raises #VC. */
	movl	$FW_CPUID_PAGE, %esi
	movl	(%esi), %ecx
	addl	$0x10, %esi
1:	cmpl	$0x8000001f, (%esi)
	je	2f
	addl	$48, %esi
	loop	1b
3:	hlt
	jmp	3b
2:	movl	28(%esi), %ecx
	subl	$32, %ecx
	movl	$1, %edx
	shll	%cl, %edx		/* C-bit mask, upper half */

	/* Identity map of 4 GiB in 2 MiB pages, all private. */
	movl	$FW_PAGE_TABLES, %edi
	movl	$(6 * 4096 / 4), %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$(FW_PAGE_TABLES + 0x1007), FW_PAGE_TABLES
	movl	%edx, FW_PAGE_TABLES + 4
	movl	$FW_PAGE_TABLES + 0x1000, %edi
	movl	$(FW_PAGE_TABLES + 0x2007), %eax
	movl	$4, %ecx
4:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$0x1000, %eax
	addl	$8, %edi
	loop	4b
	movl	$FW_PAGE_TABLES + 0x2000, %edi
	movl	$0x87, %eax
	movl	$2048, %ecx
5:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	5b

	movl	%cr4, %eax
	orl	$0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	movl	%eax, %cr4
	movl	$FW_PAGE_TABLES, %eax
	movl	%eax, %cr3
	movl	%edx, %ebx
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x900, %eax		/* LME, NXE */
	wrmsr
	movl	%cr0, %eax
	andl	$0x9fffffff, %eax	/* caches on */
	orl	$0x80010022, %eax	/* PG, WP, NE, MP */
	movl	%eax, %cr0
	ljmpl	$0x18, $long_start

	.code64
long_start:
	/* CR3 had no C-bit yet: page walks are private whatever it says, but keep it clean. */
	shlq	$32, %rbx
	movl	$FW_PAGE_TABLES, %eax
	orq	%rbx, %rax
	movq	%rax, %cr3
	leaq	stack0_end(%rip), %rsp
	xorl	%ebp, %ebp
	movq	%rbx, %rdi
	call	firmware_init
6:	hlt
	jmp	6b

	.balign	16
boot_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08 32-bit code */
	.quad	0x00cf93000000ffff	/* 0x10 data */
	.quad	0x00af9b000000ffff	/* 0x18 64-bit code */
gdt_pointer:
	.word	31
	.long	boot_gdt
	.set	gdt_pointer_low, gdt_pointer - FW_LOW_BASE

/* void svsm_call_raw(struct svsm_registers *): MSR protocol is set up by the caller. */
	.text
	.globl	svsm_call_raw
svsm_call_raw:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi
	movq	%rdi, %rax
	movq	8(%rax), %rcx
	movq	16(%rax), %rdx
	movq	24(%rax), %r8
	movq	32(%rax), %r9
	movq	40(%rax), %rbx
	movq	48(%rax), %rbp
	movq	56(%rax), %rsi
	movq	64(%rax), %rdi
	movq	72(%rax), %r10
	movq	80(%rax), %r11
	movq	88(%rax), %r12
	movq	96(%rax), %r13
	movq	104(%rax), %r14
	movq	112(%rax), %r15
	movq	(%rax), %rax
	rep; vmmcall
	pushq	%rax
	movq	8(%rsp), %rax
	movq	%rcx, 8(%rax)
	movq	%rdx, 16(%rax)
	movq	%r8, 24(%rax)
	movq	%r9, 32(%rax)
	movq	%rbx, 40(%rax)
	movq	%rbp, 48(%rax)
	movq	%rsi, 56(%rax)
	movq	%rdi, 64(%rax)
	movq	%r10, 72(%rax)
	movq	%r11, 80(%rax)
	movq	%r12, 88(%rax)
	movq	%r13, 96(%rax)
	movq	%r14, 104(%rax)
	movq	%r15, 112(%rax)
	popq	%rcx
	movq	%rcx, (%rax)
	popq	%rdi
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.section .metadata, "a"
	.globl	sev_metadata
sev_metadata:
	.ascii	"ASEV"
	.long	sev_metadata_end - sev_metadata
	.long	1
	.long	6
	.long	FW_PAGE_TABLES, 0x9000, 1	/* 0x809000: the GHCB, left out */
	.long	FW_RAM, 0x3000, 1
	.long	FW_SECRETS_PAGE, 0x1000, 2
	.long	FW_CPUID_PAGE, 0x1000, 3
	.long	FW_CAA, 0x1000, 4
	.long	FW_RAM2, 0x20000, 1
sev_metadata_end:

	/* GUIDed table, read from its end: 32 bytes below 4 GiB. */
	.section .guid_table, "a"
	.long	sev_metadata_offset
	.word	22
	.byte	0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98, 0x98, 0x47
	.byte	0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc
	.word	40
	.byte	0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45
	.byte	0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d

	.section .reset, "ax"
	.code16
	jmp	real_start
	.section .note.GNU-stack, "", @progbits

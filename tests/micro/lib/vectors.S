/* SPDX-License-Identifier: MIT */
/* Exception entries, ways to run code that may fault, stacks. */

	.text
/*
 * int trap_enter(void (*fn)(void *), void *arg, uint64_t *saved_rsp)
 * 0: fn returned; 1: trap_leave() cut it short. Keeps the outer *saved_rsp.
 */
	.globl trap_enter
trap_enter:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	(%rdx)
	pushq	%rdx
	pushfq
	movq	%rsp, (%rdx)
	movq	%rdi, %rax
	movq	%rsi, %rdi
	call	*%rax
	xorl	%eax, %eax
trap_leave_common:
	popfq
	popq	%rdx
	popq	(%rdx)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/* void trap_leave(uint64_t saved_rsp): back to the trap_enter that saved it. */
	.globl trap_leave
trap_leave:
	movq	%rdi, %rsp
	movl	$1, %eax
	jmp	trap_leave_common

/* void user_enter(void (*fn)(void *), void *arg, uint64_t user_rsp): never returns. */
	.globl user_enter
user_enter:
	pushq	$0x1b		/* user data */
	pushq	%rdx
	pushq	$0x202
	pushq	$0x23		/* user code */
	leaq	1f(%rip), %rax
	pushq	%rax
	movq	%rdi, %rax
	movq	%rsi, %rdi
	iretq
1:	call	*%rax
	int	$0x80

	.balign	16
	.globl trap_vectors
trap_vectors:
	.set	vector, 0
	.rept	256
	.balign	16
	.if (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
	.else
	pushq	$0		/* the hardware gives no error code */
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

trap_common:
	cld
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	trap_dispatch	/* returns only to resume */
	movq	%rbp, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

	.section .bss.stacks, "aw", @nobits
	.balign	16384
	.globl	stacks
stacks:				/* one 16 KiB stack for each VMPL; the lowest bytes: struct context */
	.skip	16384
	.globl	stack0_top
stack0_top:
	.skip	3 * 16384

	.section .note.GNU-stack, "", @progbits

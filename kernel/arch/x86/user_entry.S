/* SPDX-License-Identifier: MIT */
/*
 * Into ring 3 and, by SYSCALL, out of it. SYSCALL masks IF, DF, TF, NT and AC (MSR_SFMASK), so the
 * first instructions run with interrupts off on the user's stack pointer.
 */
#include "kernel/percpu.h"
#include "kernel/trap.h"

	.section .text, "ax"

/* void user_enter(struct trap_frame *frame): interrupts off; the frame is on the thread's stack. */
	.globl user_enter
	.type user_enter, @function
user_enter:
	movq %rdi, %rsp
	jmp trap_return
	.size user_enter, . - user_enter

/* LSTAR. RCX: return address, R11: flags, RAX: number, RDI RSI RDX R10 R8 R9: arguments. */
	.globl syscall_entry
	.type syscall_entry, @function
syscall_entry:
	swapgs
	movq %rsp, %gs:CPU_USER_RSP
	movq %gs:CPU_KERNEL_STACK, %rsp
	pushq $SELECTOR_USER_DATA
	pushq %gs:CPU_USER_RSP
	pushq %r11
	pushq $SELECTOR_USER_CODE
	pushq %rcx
	pushq $0			/* error code */
	pushq $VECTOR_SYSCALL
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rbx
	pushq %rbp
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	sti
	movq %rsp, %rdi
	xorl %ebp, %ebp
	call syscall_dispatch		/* returns with interrupts off */
	testb %al, %al
	jz trap_return			/* the frame is not what SYSRET can load (execve) */
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	addq $8, %rsp			/* R11 is loaded with the flags */
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rbp
	popq %rbx
	popq %rdx
	addq $8, %rsp			/* RCX is loaded with the return address */
	popq %rax
	addq $16, %rsp
	popq %rcx
	addq $8, %rsp
	popq %r11
	popq %rsp
	swapgs
	sysretq
	.size syscall_entry, . - syscall_entry

	.section .note.GNU-stack, "", @progbits

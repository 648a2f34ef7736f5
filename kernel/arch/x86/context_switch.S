/* SPDX-License-Identifier: MIT */
/* The switch between two threads: callee-saved registers and the stack pointer, nothing else. */

	.text

/* struct thread *context_switch(struct thread *previous, struct thread *next) */
	.globl context_switch
	.type context_switch, @function
context_switch:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)	/* thread.stack_pointer is the first member */
	movq (%rsi), %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	movq %rdi, %rax
	ret
	.size context_switch, . - context_switch

/* A new thread's first return address; context_switch() left the previous thread in RAX. */
	.globl context_first
	.type context_first, @function
context_first:
	movq %rax, %rdi
	xorl %ebp, %ebp
	call thread_begin
	ud2
	.size context_first, . - context_first

	.section .note.GNU-stack, "", @progbits

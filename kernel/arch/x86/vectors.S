/* SPDX-License-Identifier: MIT */
/*
 * Entries of the 256 vectors. Each pushes a vector number (and an error code where the CPU pushes
 * none) and goes to one of three common paths:
 *
 *   common    on the current or the thread's stack; GS belongs to us unless we come from user mode
 *   paranoid  on a stack of its own, at any instruction: GS is looked at (NMI, #DF, #MC)
 *   movable   #HV and #VC: like paranoid from kernel code that has interrupts off, else moved to the
 *             stack where an ordinary exception would be, so that it may be interrupted itself
 */
#include "kernel/percpu.h"
#include "kernel/trap.h"
#include "arch/msr.h"

#define HAS_ERROR_CODE(v)                                                                          \
	((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)

	.macro SAVE_REGISTERS
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
	cld
	.endm

	.macro RESTORE_REGISTERS
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rbp
	popq %rbx
	popq %rdx
	popq %rcx
	popq %rax
	addq $16, %rsp			/* vector and error code */
	.endm

	/* User code may have set RFLAGS.AC: kernel code runs without it. */
	.macro CLEAR_AC
	cmpb $0, cpu_clear_ac(%rip)
	je .Lno_clac\@
	clac
.Lno_clac\@:
	.endm

	/* Clears the caller-saved registers' use; RBP links the interrupted function. */
	.macro CALL_DISPATCH
	movq %rsp, %rdi
	call trap_dispatch
	.endm

	.section .text, "ax"
	.balign 16
	.globl vector_stubs
vector_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if !HAS_ERROR_CODE(vector)
	pushq $0
	.endif
	pushq $vector
	.if vector == VECTOR_NMI || vector == VECTOR_DF || vector == VECTOR_MC
	jmp paranoid
	.elseif vector == VECTOR_HV || vector == VECTOR_VC
	jmp movable
	.else
	jmp common
	.endif
	.set vector, vector + 1
	.endr

	.type common, @function
common:
	SAVE_REGISTERS
	CLEAR_AC
	testb $3, TRAP_FRAME_CS(%rsp)
	jz 1f
	swapgs
1:
	CALL_DISPATCH
	.globl trap_return
trap_return:				/* RSP: a trap frame, interrupts off, GS ours */
	testb $3, TRAP_FRAME_CS(%rsp)
	jz 2f
	swapgs
2:
	RESTORE_REGISTERS
	iretq
	.size common, . - common

	.type paranoid, @function
paranoid:
	SAVE_REGISTERS
	CLEAR_AC
paranoid_saved:
	xorl %ebx, %ebx			/* callee-saved: 1 when GS must be put back */
	movl $MSR_GS_BASE_NUMBER, %ecx
	rdmsr
	testl %edx, %edx		/* kernel pointers are negative */
	js 1f
	swapgs
	movl $1, %ebx
1:
	CALL_DISPATCH
	testl %ebx, %ebx
	jz 2f
	swapgs
2:
	RESTORE_REGISTERS
	iretq
	.size paranoid, . - paranoid

	.type movable, @function
movable:
	SAVE_REGISTERS
	CLEAR_AC
	testb $3, TRAP_FRAME_CS(%rsp)
	jnz .Lfrom_user
	testl $RFLAGS_IF_BIT, TRAP_FRAME_FLAGS(%rsp)
	jz paranoid_saved
	movq TRAP_FRAME_RSP(%rsp), %rdi	/* interrupts were on: ordinary kernel code */
	jmp .Lmove
.Lfrom_user:
	swapgs
	movq %gs:CPU_KERNEL_STACK, %rdi
.Lmove:
	andq $-16, %rdi
	subq $TRAP_FRAME_SIZE, %rdi
	movq %rsp, %rsi
	movq %rdi, %rax
	movl $(TRAP_FRAME_SIZE / 8), %ecx
	rep movsq
	movq %rax, %rsp
	CALL_DISPATCH
	jmp trap_return
	.size movable, . - movable

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: MIT */
/* Accesses that may fault (kernel/window.h). Return OK or ERR_FAULT. */
#include "arch/fixup.h"

#define RESULT_OK    0
#define RESULT_FAULT 12			/* ERR_FAULT; checked in access.c */

	.section .text, "ax"

/* enum error fault_copy(void *to, const void *from, size_t size) */
	.globl fault_copy
	.type fault_copy, @function
fault_copy:
	movq %rdx, %rcx
.Lcopy:
	rep movsb
	xorl %eax, %eax
	ret
	FIXUP .Lcopy, .Lfault
	.size fault_copy, . - fault_copy

/* enum error fault_read_u64(const void *from, uint64_t *out) */
	.globl fault_read_u64
	.type fault_read_u64, @function
fault_read_u64:
.Lread:
	movq (%rdi), %rcx
	movq %rcx, (%rsi)
	xorl %eax, %eax
	ret
	FIXUP .Lread, .Lfault
	.size fault_read_u64, . - fault_read_u64

/* enum error fault_write_u64(void *to, uint64_t value) */
	.globl fault_write_u64
	.type fault_write_u64, @function
fault_write_u64:
.Lwrite:
	movq %rsi, (%rdi)
	xorl %eax, %eax
	ret
	FIXUP .Lwrite, .Lfault
	.size fault_write_u64, . - fault_write_u64

/* enum error fault_read_msr(uint32_t msr, uint64_t *out) */
	.globl fault_read_msr
	.type fault_read_msr, @function
fault_read_msr:
	movl %edi, %ecx
.Lrdmsr:
	rdmsr
	shlq $32, %rdx
	orq %rdx, %rax
	movq %rax, (%rsi)
	xorl %eax, %eax
	ret
	FIXUP .Lrdmsr, .Lfault
	.size fault_read_msr, . - fault_read_msr

.Lfault:
	movl $RESULT_FAULT, %eax
	ret

	.section .note.GNU-stack, "", @progbits

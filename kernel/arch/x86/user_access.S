/* SPDX-License-Identifier: MIT */
/*
 * Raw access to user memory, for user_copy.c only, which has checked the range. SMAP is lifted where
 * the CPU has it; a fault that is not resolved ends in .Luser_fault (the fix-up table).
 */
#include "arch/fixup.h"

#define RESULT_FAULT 12			/* ERR_FAULT; checked in user_copy.c */

	.macro USER_ACCESS_BEGIN
	cmpb $0, cpu_clear_ac(%rip)
	je .Lbegin\@
	stac
.Lbegin\@:
	.endm

	.macro USER_ACCESS_END
	cmpb $0, cpu_clear_ac(%rip)
	je .Lend\@
	clac
.Lend\@:
	.endm

	.section .text, "ax"

/* enum error user_access_copy(void *to, const void *from, size_t size) */
	.globl user_access_copy
	.type user_access_copy, @function
user_access_copy:
	movq %rdx, %rcx
	USER_ACCESS_BEGIN
	shrq $3, %rcx
.Lcopy_words:
	rep movsq
	movl %edx, %ecx
	andl $7, %ecx
.Lcopy_bytes:
	rep movsb
	USER_ACCESS_END
	xorl %eax, %eax
	ret
	FIXUP .Lcopy_words, .Luser_fault
	FIXUP .Lcopy_bytes, .Luser_fault
	.size user_access_copy, . - user_access_copy

/* enum error user_access_zero(void *to, size_t size) */
	.globl user_access_zero
	.type user_access_zero, @function
user_access_zero:
	movq %rsi, %rcx
	xorl %eax, %eax
	USER_ACCESS_BEGIN
.Lzero_bytes:
	rep stosb
	USER_ACCESS_END
	xorl %eax, %eax
	ret
	FIXUP .Lzero_bytes, .Luser_fault
	.size user_access_zero, . - user_access_zero

/* enum error user_access_read_u32(const uint32_t *from, uint32_t *out) */
	.globl user_access_read_u32
	.type user_access_read_u32, @function
user_access_read_u32:
	USER_ACCESS_BEGIN
.Lread_word:
	movl (%rdi), %ecx
	USER_ACCESS_END
	movl %ecx, (%rsi)
	xorl %eax, %eax
	ret
	FIXUP .Lread_word, .Luser_fault
	.size user_access_read_u32, . - user_access_read_u32

.Luser_fault:
	USER_ACCESS_END
	movl $RESULT_FAULT, %eax
	ret

	.section .note.GNU-stack, "", @progbits

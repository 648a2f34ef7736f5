/* SPDX-License-Identifier: MIT */
/* void relocate_image(const void *from, void *to, size_t bytes, uint64_t cr3): moves all of Husk
 * and goes on in the copy; nothing is written between the last byte and the switch. */
	.text
	.globl relocate_image
relocate_image:
	movq	%rsi, %rax
	movq	%rdi, %rsi
	movq	%rax, %rdi
	movq	%rcx, %rax
	movq	%rdx, %rcx
	shrq	$3, %rcx
	cld
	rep movsq
	movq	%rax, %cr3
	ret
	.section .note.GNU-stack, "", @progbits

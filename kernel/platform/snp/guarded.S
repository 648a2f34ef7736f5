/* SPDX-License-Identifier: MIT */
/*
 * Leave for the host, or halt, only while no event is signalled. An event that comes between the test and the instruction
 * would be slept over; the #HV handler therefore moves RIP out of the two ranges snp_guard_* (GHCB 7).
 *
 * bool snp_guarded_vmgexit(const volatile uint16_t *pending)
 * bool snp_guarded_halt(const volatile uint16_t *pending)
 *   RDI: the doorbell's pending word; bit 15, NoFurtherSignal, is set as long as a signal is not served.
 *   Interrupts are off.
 */
	.section .text, "ax"

	.globl snp_guarded_vmgexit, snp_guard_vmgexit_begin, snp_guard_vmgexit_end
	.type snp_guarded_vmgexit, @function
snp_guarded_vmgexit:
	xorl %eax, %eax
	/* What a caller may have left in scratch registers is nobody else's. */
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
snp_guard_vmgexit_begin:
	testb $0x80, 1(%rdi)
	jnz 1f
	.byte 0xf3, 0x0f, 0x01, 0xd9	/* VMGEXIT */
snp_guard_vmgexit_end:
	movl $1, %eax
1:	ret
	.size snp_guarded_vmgexit, . - snp_guarded_vmgexit

	.globl snp_guarded_halt, snp_guard_halt_begin, snp_guard_halt_end
	.type snp_guarded_halt, @function
snp_guarded_halt:
	xorl %eax, %eax
snp_guard_halt_begin:
	testb $0x80, 1(%rdi)
	jnz 1f
	hlt
snp_guard_halt_end:
	movl $1, %eax
1:	ret
	.size snp_guarded_halt, . - snp_guarded_halt

	/* Where the #HV handler goes on: return false. */
	.globl snp_guard_out
	.type snp_guard_out, @function
snp_guard_out:
	xorl %eax, %eax
	ret
	.size snp_guard_out, . - snp_guard_out

	.section .note.GNU-stack, "", @progbits

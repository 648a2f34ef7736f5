/* SPDX-License-Identifier: MIT */
/* Where the shim (bootabi.h), and VMPL1 to 3, begin. */

	.section .text.entry, "ax"
	.globl micro_entry
micro_entry:
	leaq	stack0_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	micro_init
1:	hlt
	jmp	1b

	.text
/* Start of a lower VMPL: RDI = fn, RSI = arg; ends through plane_return(). */
	.globl plane_entry
plane_entry:
	call	plane_main
1:	hlt
	jmp	1b

	.section .note.GNU-stack, "", @progbits

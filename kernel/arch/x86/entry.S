/* SPDX-License-Identifier: MIT */
/* The kernel's first instructions (bootabi.h) and where secondary CPUs come in. */
#include "bootabi/bootabi.h"
#include "kernel/percpu.h"

	.section .text.entry, "ax"
	.globl kernel_entry
	.type kernel_entry, @function
kernel_entry:
	cli
	cld
	leaq boot_stack_top(%rip), %rsp
	xorl %ebp, %ebp
	pushq $0			/* end of the backtrace */
	call kernel_main		/* (params, platform, cbit) */
	ud2
	.size kernel_entry, . - kernel_entry

/*
 * A secondary CPU in 64-bit mode on the kernel's tables: RDI = its struct cpu, RSP = its boot stack.
 * From the SIPI trampoline, or by the VMSA that the SNP platform builds.
 */
	.globl secondary_entry
	.type secondary_entry, @function
secondary_entry:
	cli
	cld
	xorl %ebp, %ebp
	pushq $0
	call cpu_secondary_entry
	ud2
	.size secondary_entry, . - secondary_entry

	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl boot_stack_guard
boot_stack_guard:
	.skip 4096
	.globl boot_stack_bottom
boot_stack_bottom:
	.skip 16384
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits

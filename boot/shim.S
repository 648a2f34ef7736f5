/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of the image (bootabi.h). 32-bit protected mode, paging off, interrupts
 * off; EAX = platform, ESI = struct boot_params. Position independent: everything is found from
 * ESI. Raises no #VC: no CPUID, no I/O, no intercepted MSR.
 *
 * Registers from here to long mode:
 *   EBP  region_base            EDI  C-bit, the high half of every page table entry
 *   ESP  platform (there is no stack yet)
 */
#include "bootabi/bootabi.h"
#include "sevabi/cpuid_page.h"
#include "sevabi/ghcb.h"
#include "sevabi/msr.h"

/* Reasons of GHCB_TERM_SET_SHIM. */
#define SHIM_BAD_PARAMS   1
#define SHIM_NO_CBIT      2
#define SHIM_BAD_CBIT     3

/* Page tables in the scratch pages, the stack behind them. */
#define TABLE_PML4      (BOOT_SCRATCH_OFFSET + 0x0000)
#define TABLE_PDPT_LOW  (BOOT_SCRATCH_OFFSET + 0x1000)
#define TABLE_PD_LOW    (BOOT_SCRATCH_OFFSET + 0x2000)
#define TABLE_PDPT_HIGH (BOOT_SCRATCH_OFFSET + 0x3000)
#define TABLE_PD_HIGH   (BOOT_SCRATCH_OFFSET + 0x4000)
#define TABLES_END      (BOOT_SCRATCH_OFFSET + 0x5000)

#define PTE_TABLE 0x23 /* present, writable, accessed */
#define PTE_LARGE 0xe3 /* present, writable, accessed, dirty, 2 MiB */

/* BOOT_KERNEL_VBASE 0xffffffff80000000: entry 511 of the PML4, 510 of the PDPT */
#define PML4_HIGH (511 * 8)
#define PDPT_HIGH (510 * 8)

#define CR0_PG_WP 0x80010000
#define CR4_PAE   0x20

/* Offsets in struct boot_params. */
#define PARAMS_MAGIC        0
#define PARAMS_VERSION      4
#define PARAMS_REGION_BASE  8
#define PARAMS_LOADED_SIZE  24
#define PARAMS_KERNEL_ENTRY 32

	.section .text.start, "ax"
	.code32
	.globl start
start:
	cld
	cli
	movl	%eax, %esp
	leal	-BOOT_PARAMS_OFFSET(%esi), %ebp
	xorl	%edi, %edi
	cmpl	$BOOT_MAGIC, PARAMS_MAGIC(%esi)
	jne	bad_params
	cmpl	$BOOT_VERSION, PARAMS_VERSION(%esi)
	jne	bad_params
	cmpl	%ebp, PARAMS_REGION_BASE(%esi)
	jne	bad_params
	cmpl	$0, PARAMS_REGION_BASE + 4(%esi)
	jne	bad_params

	cmpl	$BOOT_PLATFORM_NATIVE, %esp
	je	build_tables
	cmpl	$BOOT_PLATFORM_SNP, %esp
	jne	halt                            /* which platform's way to stop? */

/*
 * The C-bit's position, from the CPUID page: the PSP has checked what the host put there.
 */
find_cbit:
	leal	BOOT_CPUID_OFFSET(%ebp), %ebx
	movl	(%ebx), %ecx
	addl	$CPUID_PAGE_ENTRIES_AT, %ebx
	cmpl	$CPUID_PAGE_MAX_ENTRIES, %ecx
	ja	no_cbit
1:	subl	$1, %ecx
	jb	no_cbit
	cmpl	$CPUID_LEAF_SEV, (%ebx)
	je	2f
	addl	$CPUID_PAGE_ENTRY_SIZE, %ebx
	jmp	1b
2:	movl	CPUID_LEAF_SEV_EBX_AT(%ebx), %ecx
	andl	$0x3f, %ecx
	subl	$32, %ecx
	jb	bad_cbit
	cmpl	$51 - 32, %ecx
	ja	bad_cbit
	movl	$1, %edi
	shll	%cl, %edi

/*
 * The region's first 2 MiB at their own address, for the switch; the loaded part at
 * BOOT_KERNEL_VBASE. The tables are zero: they come from the image (SNP) or the loader.
 */
build_tables:
	movl	%ebp, %ebx
	shrl	$30, %ebx                       /* GiB of the region */
	leal	TABLE_PDPT_LOW + PTE_TABLE(%ebp), %eax
	movl	%eax, TABLE_PML4(%ebp)
	movl	%edi, TABLE_PML4 + 4(%ebp)
	leal	TABLE_PDPT_HIGH + PTE_TABLE(%ebp), %eax
	movl	%eax, TABLE_PML4 + PML4_HIGH(%ebp)
	movl	%edi, TABLE_PML4 + PML4_HIGH + 4(%ebp)
	leal	TABLE_PD_LOW + PTE_TABLE(%ebp), %eax
	movl	%eax, TABLE_PDPT_LOW(%ebp, %ebx, 8)
	movl	%edi, TABLE_PDPT_LOW + 4(%ebp, %ebx, 8)
	leal	TABLE_PD_HIGH + PTE_TABLE(%ebp), %eax
	movl	%eax, TABLE_PDPT_HIGH + PDPT_HIGH(%ebp)
	movl	%edi, TABLE_PDPT_HIGH + PDPT_HIGH + 4(%ebp)

	movl	%ebp, %ebx
	shrl	$21, %ebx
	andl	$511, %ebx                      /* 2 MiB page of the region in its GiB */
	leal	PTE_LARGE(%ebp), %eax
	movl	%eax, TABLE_PD_LOW(%ebp, %ebx, 8)
	movl	%edi, TABLE_PD_LOW + 4(%ebp, %ebx, 8)

	movl	PARAMS_LOADED_SIZE(%esi), %ecx
	testl	%ecx, %ecx
	jz	bad_params
	decl	%ecx
	shrl	$21, %ecx                       /* the last 2 MiB page to map */
	cmpl	$512, %ecx
	jae	bad_params
	xorl	%ebx, %ebx
3:	movl	%eax, TABLE_PD_HIGH(%ebp, %ebx, 8)
	movl	%edi, TABLE_PD_HIGH + 4(%ebp, %ebx, 8)
	addl	$0x200000, %eax
	incl	%ebx
	cmpl	%ecx, %ebx
	jbe	3b

long_mode:
	movl	%esp, %ebx                      /* platform; EBX survives RDMSR */
	movl	%cr4, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	leal	TABLE_PML4(%ebp), %eax          /* page walks are private whatever the C-bit */
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME | EFER_NXE, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG_WP, %eax
	movl	%eax, %cr0

	/* The GDT's address and the far jump's target are built on the stack: no relocation. */
	leal	BOOT_SCRATCH_OFFSET + BOOT_SCRATCH_SIZE(%ebp), %esp
	leal	gdt - start(%ebp), %eax
	pushl	%eax
	pushw	$gdt_end - gdt - 1
	lgdt	(%esp)
	leal	start64 - start(%ebp), %eax
	pushl	$8
	pushl	%eax
	ljmp	*(%esp)

bad_params:
	movl	$SHIM_BAD_PARAMS, %edx
	jmp	stop
no_cbit:
	movl	$SHIM_NO_CBIT, %edx
	jmp	stop
bad_cbit:
	movl	$SHIM_BAD_CBIT, %edx

/* EDX = reason. SNP: tell the host by the MSR protocol. Then, anywhere: halt for ever. */
stop:
	cmpl	$BOOT_PLATFORM_SNP, %esp
	jne	halt
	movl	%edx, %eax
	shll	$GHCB_MSR_TERMINATE_CODE_SHIFT, %eax
	orl	$(GHCB_TERM_SET_SHIM << GHCB_MSR_TERMINATE_SET_SHIFT) | GHCB_MSR_TERMINATE_REQ, %eax
	xorl	%edx, %edx
	movl	$MSR_GHCB, %ecx
	wrmsr
	rep; vmmcall                            /* VMGEXIT */
halt:
	hlt
	jmp	halt

	.code64
start64:
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs

	movl	%esi, %esi                      /* clears the upper half */
	movq	PARAMS_KERNEL_ENTRY(%rsi), %rax
	movq	$BOOT_KERNEL_VBASE + BOOT_SCRATCH_OFFSET + BOOT_SCRATCH_SIZE, %rsp
	movl	%edi, %edx
	shlq	$32, %rdx                       /* C-bit mask */
	movq	$BOOT_KERNEL_VBASE + BOOT_PARAMS_OFFSET, %rdi
	movl	%ebx, %esi                      /* platform */
	xorl	%ebp, %ebp
	jmpq	*%rax

	.balign	8
gdt:
	.quad	0
	.quad	0x00af9b000000ffff              /* 0x08: 64-bit code, accessed */
	.quad	0x00cf93000000ffff              /* 0x10: data, accessed */
gdt_end:

/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of the machine: real mode at the end of the ROM, then protected mode,
 * a copy of the ROM in RAM, long mode on Husk's own page tables, husk_main().
 */
#include "boot/layout.h"

#define FIRST(symbol) ((symbol) - HUSK_VBASE + HUSK_FIRST_BASE)
#define IN_ROM(symbol) ((symbol) - HUSK_VBASE + HUSK_ROM_BASE)
/* Offset in the 64 KiB code segment that the CPU starts with. */
#define OFFSET16(symbol) ((symbol) - HUSK_VBASE - (HUSK_ROM_SIZE - 0x10000))

	.section .resetvector, "ax"
	.code16
	.globl reset_entry
reset_entry:
	cli
	cld
	.byte 0xe9			/* jmp rel16: the assembler makes no 16-bit PC-relative relocation of it */
	.word reset16 - (. + 2)

	.section .reset, "ax"
	.code16
reset16:
	lgdtl	%cs:OFFSET16(reset_gdtr)
	movl	%cr0, %eax
	andl	$0x9fffffff, %eax	/* caches on */
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$HUSK_CS32, $IN_ROM(reset32)

	.code32
reset32:
	movl	$HUSK_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	/* The ROM, copied; zero-initialised data behind it. */
	movl	$HUSK_ROM_BASE, %esi
	movl	$HUSK_FIRST_BASE, %edi
	movl	$(HUSK_ROM_SIZE / 4), %ecx
	rep movsl
	xorl	%eax, %eax
	movl	$FIRST(bss_end), %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	rep stosl
	movl	$FIRST(start32), %eax
	jmp	*%eax

	.balign 8
	.globl husk_gdt
husk_gdt:
	.quad 0
	.quad 0x00af9a000000ffff	/* HUSK_CS: 64-bit code */
	.quad 0x00cf92000000ffff	/* HUSK_DS */
	.quad 0x00cf9a000000ffff	/* HUSK_CS32 */
husk_gdt_end:
reset_gdtr:
	.word husk_gdt_end - husk_gdt - 1
	.long IN_ROM(husk_gdt)

	.text
	.code32
start32:
	/* 512 GiB in 1 GiB pages, for the identity and the direct map. */
	movl	$FIRST(boot_pdpt_direct), %edi
	xorl	%edx, %edx
	movl	$0x83, %eax
	movl	$512, %ecx
1:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$0x40000000, %eax
	adcl	$0, %edx
	addl	$8, %edi
	loop	1b
	/* Husk's image in 2 MiB pages. */
	movl	$FIRST(boot_pd_image), %edi
	movl	$(HUSK_FIRST_BASE + 0x83), %eax
	movl	$(HUSK_IMAGE_MAX >> 21), %ecx
2:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	2b
	movl	$(FIRST(boot_pd_image) + 3), FIRST(boot_pdpt_image) + 510 * 8
	movl	$(FIRST(boot_pdpt_direct) + 3), FIRST(boot_pml4)
	movl	$(FIRST(boot_pdpt_direct) + 3), FIRST(boot_pml4) + 256 * 8
	movl	$(FIRST(boot_pdpt_image) + 3), FIRST(boot_pml4) + 511 * 8
	/* With LA57 one more level; the same table serves both ends of the address space. */
	movl	$(FIRST(boot_pml4) + 3), FIRST(boot_pml5)
	movl	$(FIRST(boot_pml4) + 3), FIRST(boot_pml5) + 511 * 8
	movl	$FIRST(boot_pml4), %esi
	movl	$0x20, %edi		/* CR4.PAE */
	movl	$7, %eax
	xorl	%ecx, %ecx
	cpuid
	btl	$16, %ecx
	jnc	3f
	movl	$FIRST(boot_pml5), %esi
	orl	$0x1000, %edi
3:	movl	%edi, %cr4
	movl	%esi, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x900, %eax		/* LME, NXE */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80010023, %eax	/* PG, WP, NE, MP, PE */
	movl	%eax, %cr0
	ljmpl	$HUSK_CS, $FIRST(start64_low)

	.code64
start64_low:
	movabsq	$start64, %rax
	jmp	*%rax
start64:
	lgdt	husk_gdtr(%rip)
	leaq	boot_stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	husk_main
1:	hlt
	jmp	1b

	.data
	.globl husk_gdtr
husk_gdtr:
	.word husk_gdt_end - husk_gdt - 1
	.quad husk_gdt

	.bss
	.balign 4096
	
boot_pml5:
	.skip 4096
boot_pml4:
	.skip 4096
boot_pdpt_direct:
	.skip 4096
boot_pdpt_image:
	.skip 4096
boot_pd_image:
	.skip 4096
	.globl boot_stack
boot_stack:
	.skip HUSK_BOOT_STACK_SIZE
boot_stack_top:
	.section .note.GNU-stack, "", @progbits

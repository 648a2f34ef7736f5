/* SPDX-License-Identifier: MIT */
/* Where Husk lies: shared by assembler, C and the linker script (husk.ld repeats two of them). */
#ifndef HUSK_BOOT_LAYOUT_H
#define HUSK_BOOT_LAYOUT_H

/* Virtual address that Husk is linked at; physically it may be anywhere (boot/relocate.c). */
#define HUSK_VBASE 0xffffffff80000000
/* Size of the ROM image; its last 16 bytes are the reset vector. */
#define HUSK_ROM_SIZE 0x80000
#define HUSK_ROM_BASE 0xfff80000
/* Where the ROM copies itself first, before it knows how much memory there is. */
#define HUSK_FIRST_BASE 0x1000000
/* Bytes that the boot page tables map at HUSK_VBASE: image and zero-initialised data. */
#define HUSK_IMAGE_MAX 0x1000000
/* All of the machine's address space, as Husk sees it. */
#define HUSK_DIRECT_MAP 0xffff800000000000
/* The page below 1 MiB that application processors start in. */
#define HUSK_TRAMPOLINE 0x7000

#define HUSK_BOOT_STACK_SIZE 0x8000

#define HUSK_CS   0x08
#define HUSK_DS   0x10
#define HUSK_CS32 0x18

#endif

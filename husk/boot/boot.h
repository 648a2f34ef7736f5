/* SPDX-License-Identifier: MIT */
/* Steps of Husk's own start, in the order of husk_main(). */
#ifndef HUSK_BOOT_BOOT_H
#define HUSK_BOOT_BOOT_H

#include "base/compiler.h"
#include "base/types.h"

/* One range of machine memory as QEMU's e820 file has it. */
struct e820_range {
	uint64_t base;
	uint64_t size;
	uint32_t type; /* 1: RAM */
} PACKED;
LAYOUT_SIZE(struct e820_range, 20);

#define E820_RAM 1
#define E820_MAX 64

/* QEMU's memory map; filled by machine_discover(). */
extern struct e820_range e820[E820_MAX];
extern size_t e820_count;

/* Read the memory map and the options; ends the machine if it can't carry Husk. */
void machine_discover(void);
/* Move Husk to the top of memory below 4 GiB and switch to page tables for it. */
void relocate(void);
/* Bytes from husk_base on that image and page tables take; the rest is the allocator's. */
uint64_t boot_memory_used(void);

#endif

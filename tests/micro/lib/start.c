/* SPDX-License-Identifier: MIT */
/* The start of a guest that the shim enters at VMPL0. */
#include "internal.h"

const struct boot_params *boot;
uint64_t c_bit;
uint64_t image_size;

/* OSFXSR and OSXMMEXCPT: a test may look at XMM registers. */
static void enable_sse(void)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0; or $0x600, %0; mov %0, %%cr4" : "=r"(cr4));
}

void micro_init(const struct boot_params *params, uint64_t platform, uint64_t c_bit_mask)
{
	boot = params;
	c_bit = c_bit_mask;
	image_size = (uint64_t)image_end - BOOT_KERNEL_VBASE;
	enable_sse();
	trap_init();
	memory_init();
	ghcb_init();
	note("platform %u, C-bit mask 0x%lx", (unsigned)platform, c_bit);
	micro_main();
	micro_end();
}

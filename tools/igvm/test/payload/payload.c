/* SPDX-License-Identifier: MIT */
/*
 * The smallest kernel: says on the serial port how the shim started it, and ends the machine
 * through isa-debug-exit. For tests of builder, shim and loaders without Copra's kernel.
 */
#include "bootabi/bootabi.h"

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static void say(const char *text)
{
	while (*text != '\0')
		out8(0x3f8, (uint8_t)*text++);
}

static char zeros[8192]; /* the builder must have cleared it */
static volatile char ones[16] = {1, 1};

NORETURN void payload_main(const struct boot_params *params, enum boot_platform platform,
			   uint64_t cbit_mask);

NORETURN void payload_main(const struct boot_params *params, enum boot_platform platform,
			   uint64_t cbit_mask)
{
	bool ok = params->magic == BOOT_MAGIC && params->region_base == 0x08000000 &&
		  platform == boot_platform_native && cbit_mask == 0 && ones[1] == 1;

	for (size_t i = 0; i < sizeof(zeros); i++)
		ok = ok && ((volatile char *)zeros)[i] == 0;
	if (params->archive_size != 0) {
		const char *archive = (const char *)params - BOOT_PARAMS_OFFSET;

		say(archive[params->archive_offset] == '0' ? "archive found\n" : "no archive\n");
	}
	say(ok ? "ok - payload started by the shim\n" : "not ok - payload\n");
	out8(0xf4, ok ? 0x10 : 0x11);
	for (;;)
		__asm__ volatile("hlt");
}

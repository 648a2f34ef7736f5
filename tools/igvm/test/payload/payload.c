/* SPDX-License-Identifier: MIT */
/*
 * The smallest kernel: says how the shim started it, on the serial port and through
 * isa-debug-exit, on SNP by a termination request. For tests of builder, shim and loaders without
 * Copra's kernel.
 */
#include "bootabi/bootabi.h"
#include "sevabi/ghcb.h"
#include "sevabi/msr.h"

#define PAYLOAD_TERMINATION_SET 7

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

static bool started_well(const struct boot_params *params, enum boot_platform platform,
			 uint64_t cbit_mask)
{
	bool ok = params->magic == BOOT_MAGIC && params->region_base == 0x08000000 && ones[1] == 1;

	for (size_t i = 0; i < sizeof(zeros); i++)
		ok = ok && ((volatile char *)zeros)[i] == 0;
	if (platform == boot_platform_native)
		return ok && cbit_mask == 0;
	return ok && platform == boot_platform_snp && (cbit_mask & (cbit_mask - 1)) == 0 &&
	       cbit_mask >= BIT(32);
}

/* No #VC handler here, so no I/O: the reason code of a termination request is the answer. */
static void end_snp(bool ok)
{
	uint64_t request = GHCB_MSR_TERMINATE_VALUE(PAYLOAD_TERMINATION_SET, ok ? 1 : 2);

	__asm__ volatile("wrmsr; rep; vmmcall" ::"c"(MSR_GHCB), "a"((uint32_t)request),
			 "d"((uint32_t)(request >> 32))
			 : "memory");
}

static void end_native(const struct boot_params *params, bool ok)
{
	const char *archive = (const char *)params - BOOT_PARAMS_OFFSET + params->archive_offset;

	if (params->archive_size != 0)
		say(*archive == '0' ? "archive found\n" : "no archive\n");
	say(ok ? "ok - payload started by the shim\n" : "not ok - payload\n");
	out8(0xf4, ok ? 0x10 : 0x11);
}

NORETURN void payload_main(const struct boot_params *params, enum boot_platform platform,
			   uint64_t cbit_mask);

NORETURN void payload_main(const struct boot_params *params, enum boot_platform platform,
			   uint64_t cbit_mask)
{
	bool ok = started_well(params, platform, cbit_mask);

	if (platform == boot_platform_snp)
		end_snp(ok);
	else
		end_native(params, ok);
	for (;;)
		__asm__ volatile("hlt");
}

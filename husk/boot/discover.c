/* SPDX-License-Identifier: MIT */
/* What machine QEMU gave us: memory, CPUs, options; and where Husk is to lie. */
#include "arch/insn.h"
#include "boot/boot.h"
#include "boot/console.h"
#include "boot/layout.h"
#include "husk/fwcfg.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/malice.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"

struct machine machine;
struct e820_range e820[E820_MAX];
size_t e820_count;

static void read_options(void)
{
	char text[16];

	console_set_port((uint16_t)fwcfg_option_number(HUSK_OPTION_CONSOLE, 0x3f8));
	log_limit = (enum log_level)fwcfg_option_number(HUSK_OPTION_LOG, LOG_INFO);
	machine.cost_mode = fwcfg_option_number(HUSK_OPTION_COST, 0) != 0;
	machine.throttle = (unsigned)fwcfg_option_number(HUSK_OPTION_THROTTLE, 0);
	machine.violation_switch = fwcfg_option(HUSK_OPTION_VIOLATION, text, sizeof(text)) &&
				   strcmp(text, "switch") == 0;
	machine.native =
		fwcfg_option(HUSK_OPTION_MODE, text, sizeof(text)) && strcmp(text, "native") == 0;
	malice_init();
}

static void read_memory_map(void)
{
	struct fwcfg_file file;

	if (!fwcfg_find("etc/e820", &file))
		machine_end(HUSK_EXIT_BAD_MACHINE, "no memory map: this isn't QEMU's fw_cfg");
	e820_count = file.size / sizeof(e820[0]);
	if (e820_count > E820_MAX)
		e820_count = E820_MAX;
	fwcfg_read(&file, e820, (uint32_t)(e820_count * sizeof(e820[0])));
	for (size_t i = 0; i < e820_count; i++) {
		if (e820[i].type != E820_RAM)
			continue;
		if (e820[i].base == 0)
			machine.ram_below_4g = e820[i].size;
		if (e820[i].base == GIB(4))
			machine.ram_above_4g = e820[i].size;
	}
}

/* The RMP takes 1/256 of memory, nested tables for four VMPLs some 1/128, the rest is fixed. */
static uint64_t memory_wanted(void)
{
	uint64_t ram = machine.ram_below_4g + machine.ram_above_4g;

	return ALIGN_UP(HUSK_IMAGE_MAX + MIB(16) + ram / 48, PAGE_2M_SIZE);
}

void machine_discover(void)
{
	read_options();
	read_memory_map();
	machine.cpu_count = fwcfg_cpu_count();
	machine.husk_size = memory_wanted();
	if (machine.ram_below_4g < MIB(128) + machine.husk_size)
		machine_end(HUSK_EXIT_BAD_MACHINE, "%lu MiB of memory below 4 GiB is too little",
			    machine.ram_below_4g >> 20);
	machine.husk_base =
		PADDR(ALIGN_DOWN(machine.ram_below_4g, PAGE_2M_SIZE) - machine.husk_size);
}

/* SPDX-License-Identifier: MIT */
/* Husk's start, top down. */
#include "boot/boot.h"
#include "boot/console.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "huskabi/huskabi.h"
#include "loader/loader.h"
#include "mem/mem.h"

void husk_main(void);

static void start_allocator(void)
{
	uint64_t used = boot_memory_used();

	pages_init(PADDR(machine.husk_base.raw + used), machine.husk_size - used);
}

void husk_main(void)
{
	machine_discover();
	relocate();
	start_allocator();
	log_detail("%lu CPUs, %lu MiB; Husk takes %lu MiB at %lx", machine.cpu_count,
		   (machine.ram_below_4g + machine.ram_above_4g) >> 20, machine.husk_size >> 20,
		   machine.husk_base.raw);
	if (machine.native)
		native_run();
	snp_run();
}

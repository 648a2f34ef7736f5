/* SPDX-License-Identifier: MIT */
/* Which guest addresses are memory, and where they lie in the machine. */
#include "boot/layout.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "mem/mem.h"

/* The guest has memory of its own where Husk's ROM lies, for its firmware. */
static paddr_t window;
static uint64_t window_size;

bool guest_ram_add_window(uint64_t size)
{
	void *pages = pages_reserve(size / PAGE_SIZE);

	if (!pages)
		return false;
	window = page_physical(pages);
	window_size = size;
	return true;
}

static bool in_window(uint64_t gpa)
{
	return gpa >= GIB(4) - window_size && gpa < GIB(4);
}

static bool is_husk(uint64_t gpa)
{
	return gpa >= machine.husk_base.raw && gpa < machine.husk_base.raw + machine.husk_size;
}

bool machine_is_guest_ram(gpa_t gpa)
{
	if (in_window(gpa.raw))
		return true;
	if (is_husk(gpa.raw))
		return false;
	return gpa.raw < machine.ram_below_4g ||
	       (gpa.raw >= GIB(4) && gpa.raw - GIB(4) < machine.ram_above_4g);
}

paddr_t machine_translate(gpa_t gpa)
{
	if (in_window(gpa.raw))
		return PADDR(window.raw + gpa.raw - (GIB(4) - window_size));
	return PADDR(gpa.raw);
}

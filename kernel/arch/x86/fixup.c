/* SPDX-License-Identifier: MIT */
#include "arch/fixup.h"
#include "kernel/error.h"

extern const struct fixup fixups_start[], fixups_end[];

_Static_assert(OK == 0 && ERR_FAULT == 12, "access.S returns these numbers");

uint64_t fixup_find(uint64_t rip)
{
	for (const struct fixup *f = fixups_start; f < fixups_end; f++)
		if (f->instruction == rip)
			return f->target;
	return 0;
}

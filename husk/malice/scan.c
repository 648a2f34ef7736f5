/* SPDX-License-Identifier: MIT */
/* The oracle of VMPCK0's lifetime (A22): what a terminated guest has left in its memory. */
#include <string.h>

#include "husk/guest_memory.h"
#include "husk/machine.h"
#include "husk/malice.h"
#include "psp/state.h"

/* A page, behind the end of the one before: a key may lie across two. */
static struct {
	uint8_t tail[VMPCK_SIZE];
	uint8_t page[PAGE_SIZE];
} scanned;

static bool holds_key(void)
{
	const uint8_t *bytes = scanned.tail;

	/* Keys and the key schedules that begin with them are word aligned. */
	for (size_t at = 0; at + VMPCK_SIZE <= sizeof(scanned); at += sizeof(uint32_t))
		if (bytes[at] == psp_state.vmpck[0][0] &&
		    memcmp(bytes + at, psp_state.vmpck[0], VMPCK_SIZE) == 0)
			return true;
	return false;
}

bool malice_scan(gpa_t *where)
{
	memset(&scanned, 0, sizeof(scanned));
	for (uint64_t at = 0; at < machine.ram_below_4g; at += PAGE_SIZE) {
		memcpy(scanned.tail, scanned.page + PAGE_SIZE - VMPCK_SIZE, VMPCK_SIZE);
		if (!machine_is_guest_ram(GPA(at)) ||
		    !guest_private_read(GPA(at), scanned.page, PAGE_SIZE))
			memset(scanned.page, 0, PAGE_SIZE);
		if (holds_key()) {
			*where = GPA(at);
			return true;
		}
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
/*
 * For every 64-bit entry and every header: what the decoder lets through is a page inside the
 * format of SVSM 4.2, and a list that is accepted lies within one page, so no index into it leaves
 * the page.
 */
#include <assert.h>
#include "kernel/protocol.h"

uint64_t nondet_u64(void);
uint16_t nondet_u16(void);

static void entries(void)
{
	uint64_t raw = nondet_u64();
	struct svsm_page_entry out = {.gpa = GPA(1), .size = PAGE_4K};

	if (svsm_decode_pvalidate(raw, &out) != SVSM_SUCCESS) {
		/* Outputs are untouched on error. */
		assert(out.gpa.raw == 1 && out.size == PAGE_4K && !out.validate && !out.ignore_cf);
		return;
	}
	assert((raw & 0xff0) == 0 && (raw & 3) <= 1);
	assert(out.gpa.raw == (raw & ~0xfffULL));
	assert(out.size == ((raw & 1) ? PAGE_2M : PAGE_4K));
	assert(out.size == PAGE_4K || out.gpa.raw % PAGE_2M_SIZE == 0);
	assert(out.validate == ((raw >> 2) & 1) && out.ignore_cf == ((raw >> 3) & 1));
}

static void deposits(void)
{
	uint64_t raw = nondet_u64();
	struct svsm_page_entry out = {.gpa = GPA(1)};

	if (svsm_decode_deposit(raw, &out) != SVSM_SUCCESS) {
		assert(out.gpa.raw == 1);
		return;
	}
	assert((raw & 0xffe) == 0);
	assert(out.size == PAGE_4K || out.gpa.raw % PAGE_2M_SIZE == 0);
}

static void lists(void)
{
	struct svsm_page_list header = {.count = nondet_u16(), .next = nondet_u16()};
	gpa_t at = GPA(nondet_u64());

	if (svsm_check_list(at, &header) != SVSM_SUCCESS)
		return;
	assert(header.next < header.count);
	/* The last entry's last byte is in the page where the list starts. */
	assert(at.raw % PAGE_SIZE + 8 + 8ULL * header.count <= PAGE_SIZE);
}

int main(void)
{
	entries();
	deposits();
	lists();
	return 0;
}

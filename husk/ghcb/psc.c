/* SPDX-License-Identifier: MIT */
/* Page state change (GHCB 4.1.6): the host gives a page to the guest or takes it back. */
#include <string.h>

#include "husk/machine.h"
#include "husk/lies.h"
#include "husk/rmp.h"
#include "request.h"

#define HEADER_SIZE offsetof(struct ghcb_psc_buffer, entries)

#define LINE_WORDS 8

/*
 * A page's key differs by what it is, so its content does not survive a change of ownership. One
 * word of each cache line is enough to show that, and to be quick.
 */
static void make_foreign(gpa_t page)
{
	uint64_t *words = machine_map(machine_translate(page));
	uint64_t mask = 0x9e3779b97f4a7c15ULL ^ (page.raw * 0xff51afd7ed558ccdULL);

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(*words); i += LINE_WORDS)
		words[i] ^= mask;
}

static bool set_one(gpa_t page, bool private)
{
	enum rmp_status status;

	if (rmp_lookup(page, 0).assigned == private)
		return true;
	status = rmp_update(page, private, false, false);
	if (status == RMP_FAIL_OVERLAP) {
		if (rmp_psmash(GPA(ALIGN_DOWN(page.raw, PAGE_2M_SIZE))) != RMP_OK)
			return false;
		status = rmp_update(page, private, false, false);
	}
	if (status != RMP_OK)
		return false;
	make_foreign(page);
	return true;
}

/* 512 pages in one entry where all of them are free to go together. */
static bool set_together(gpa_t page, bool private)
{
	for (uint64_t i = 0; i < RMP_2M_PAGES; i++) {
		if (rmp_lookup(GPA(page.raw + i * PAGE_SIZE), 0).assigned == private)
			return false;
	}
	if (rmp_update(page, private, true, false) != RMP_OK)
		return false;
	for (uint64_t i = 0; i < RMP_2M_PAGES; i++)
		make_foreign(GPA(page.raw + i * PAGE_SIZE));
	return true;
}

bool page_state_set(gpa_t gpa, bool private, bool huge)
{
	uint64_t size = huge ? PAGE_2M_SIZE : PAGE_SIZE;

	for (uint64_t i = 0; i < size; i += PAGE_SIZE) {
		if (!machine_is_guest_ram(GPA(gpa.raw + i)))
			return false;
	}
	if (huge && set_together(gpa, private))
		return true;
	for (uint64_t i = 0; i < size; i += PAGE_SIZE) {
		if (!set_one(GPA(gpa.raw + i), private))
			return false;
	}
	return true;
}

/* One entry; on success it counts all its pages as done. Returns SW_EXITINFO2. */
static uint64_t do_entry(uint64_t *entry)
{
	bool huge = (*entry & GHCB_PSC_ENTRY_2M) != 0;
	uint64_t pages = huge ? RMP_2M_PAGES : 1, done = *entry & GHCB_PSC_ENTRY_CUR_MASK;
	gpa_t gpa = GPA(*entry & GHCB_PSC_ENTRY_GPA_MASK);
	uint32_t op = GHCB_PSC_ENTRY_OP(*entry);

	if (done > pages || (huge && !IS_ALIGNED(gpa.raw, PAGE_2M_SIZE)))
		return GHCB_PSC_ERROR_INVALID_ENTRY;
	if (op == GHCB_PSC_PRIVATE || op == GHCB_PSC_SHARED) {
		bool private = op == GHCB_PSC_PRIVATE;

		if (done == 0 && !page_state_set(gpa, private, huge))
			return GHCB_PSC_ERROR_GENERIC;
		for (uint64_t i = done; done != 0 && i < pages; i++) {
			if (!page_state_set(GPA(gpa.raw + i * PAGE_SIZE), private, false))
				return GHCB_PSC_ERROR_GENERIC;
		}
	}
	*entry = (*entry & ~GHCB_PSC_ENTRY_CUR_MASK) | pages;
	return GHCB_PSC_OK;
}

static bool write_progress(struct request *r, struct ghcb_psc_buffer *list, unsigned index)
{
	uint64_t at = HEADER_SIZE + index * sizeof(list->entries[0]);

	return scratch_write(r, at, &list->entries[index], sizeof(list->entries[0])) &&
	       scratch_write(r, 0, &list->cur_entry, sizeof(list->cur_entry));
}

void event_page_state_change(struct request *r)
{
	struct ghcb_psc_buffer list;
	uint64_t lie;
	size_t count;

	if (!scratch_read(r, 0, &list, HEADER_SIZE))
		return;
	if (list.end_entry >= GHCB_PSC_MAX_ENTRIES) {
		r->result2 = GHCB_PSC_ERROR_INVALID_HEADER;
		return;
	}
	count = (size_t)list.end_entry + 1;
	if (!scratch_read(r, HEADER_SIZE, list.entries, count * sizeof(list.entries[0])))
		return;
	r->result2 = GHCB_PSC_OK;
	if (lie_now(LIE_PSC, r->plane->vmpl, 0, &lie)) {
		list.cur_entry = (uint16_t)(list.end_entry + 1);
		(void)!write_progress(r, &list, list.end_entry);
		return;
	}
	while (list.cur_entry <= list.end_entry) {
		unsigned index = list.cur_entry;

		r->result2 = do_entry(&list.entries[index]);
		if (r->result2 != GHCB_PSC_OK)
			return;
		list.cur_entry++;
		if (!write_progress(r, &list, index))
			return;
	}
}

/* SPDX-License-Identifier: MIT */
/* Core protocol, PVALIDATE (SVSM 4.2). */
#include "kernel/boot.h"
#include "kernel/platform.h"
#include "kernel/protocol.h"

/*
 * Work per entry into Copra, in 4 KiB pages: two 2 MiB pages or 1024 small ones, so that a vCPU is
 * away from its guest for some milliseconds at most.
 */
#define BUDGET_PAGES 1024U
#define BATCH        32U /* entries read at a time */

struct pvalidate_work {
	gpa_t list;
	uint32_t next;
	uint32_t count;
	uint32_t budget;
	bool withdrawn; /* a permission was taken away: flush before the guest goes on */
};

static uint32_t result_of_claim(enum page_result result)
{
	if (result == PAGE_NO_MEMORY)
		return SVSM_NEED_MEMORY | 1;
	/* Busy, or changed since we looked: the guest's own siblings are at work here. */
	return SVSM_ERR_BUSY;
}

static uint32_t result_of_status(uint32_t status)
{
	if (status > GUEST_PAGE_UNCHANGED)
		return SVSM_ERR_PVALIDATE_UNKNOWN;
	return SVSM_ERR_PVALIDATE_BASE + status;
}

/*
 * What the record says before anything is done: `wanted` is the state to start from, `done` are
 * states in which there is nothing left to do.
 */
static uint32_t check_states(const struct svsm_page_entry *entry, enum page_state wanted,
			     uint32_t done)
{
	uint32_t states = page_states_in(&vm_pages, entry->gpa, entry->size);

	if (states & ~(PAGE_STATE_BIT(wanted) | done))
		return SVSM_ERR_INVALID_ADDRESS;
	if (!(states & PAGE_STATE_BIT(wanted)))
		return SVSM_ERR_PVALIDATE_NO_CHANGE;
	if (states & done)
		return SVSM_ERR_PVALIDATE_SIZE_MISMATCH;
	return SVSM_SUCCESS;
}

static uint32_t validate(const struct svsm_page_entry *entry)
{
	uint32_t result = check_states(entry, PAGE_UNVALIDATED, PAGE_STATES_GUEST);
	struct page_claim claim;
	enum page_result claimed;
	uint32_t status;

	if (result != SVSM_SUCCESS)
		return result;
	claimed = page_claim(&vm_pages, entry->gpa, entry->size, PAGE_STATE_BIT(PAGE_UNVALIDATED),
			     &claim);
	if (claimed != PAGE_OK)
		return result_of_claim(claimed);
	status = platform->guest->page_accept(entry->gpa, entry->size, boot_info.params.guest_vmpl);
	if (status) {
		page_release(&vm_pages, &claim);
		return result_of_status(status);
	}
	page_commit(&vm_pages, &claim, PAGE_GUEST);
	return SVSM_SUCCESS;
}

static uint32_t rescind(const struct svsm_page_entry *entry, bool *withdrawn)
{
	uint32_t result = check_states(entry, PAGE_GUEST, PAGE_STATE_BIT(PAGE_UNVALIDATED));
	struct page_claim claim;
	enum page_result claimed;
	uint32_t status;

	if (result != SVSM_SUCCESS)
		return result;
	claimed =
		page_claim(&vm_pages, entry->gpa, entry->size, PAGE_STATE_BIT(PAGE_GUEST), &claim);
	if (claimed != PAGE_OK)
		return result_of_claim(claimed);
	*withdrawn = true;
	status =
		platform->guest->page_rescind(entry->gpa, entry->size, boot_info.params.guest_vmpl);
	if (status) {
		page_release(&vm_pages, &claim);
		return result_of_status(status);
	}
	page_commit(&vm_pages, &claim, PAGE_UNVALIDATED);
	return SVSM_SUCCESS;
}

/* One entry; its cost is taken off the budget. */
static uint32_t process_entry(struct pvalidate_work *work, uint64_t raw)
{
	struct svsm_page_entry entry;
	uint32_t result = svsm_decode_pvalidate(raw, &entry);
	uint32_t cost;

	if (result != SVSM_SUCCESS)
		return result;
	cost = entry.size == PAGE_2M ? PAGE_2M_SIZE / PAGE_SIZE : 1;
	work->budget = work->budget > cost ? work->budget - cost : 0;
	result = entry.validate ? validate(&entry) : rescind(&entry, &work->withdrawn);
	if (result == SVSM_ERR_PVALIDATE_NO_CHANGE && entry.ignore_cf)
		return SVSM_SUCCESS;
	return result;
}

/* Entries until the end, an error, or the budget's end. Each entry is read once. */
static uint32_t process_list(struct pvalidate_work *work)
{
	uint64_t batch[BATCH];
	uint32_t have = 0, at = 0;

	for (; work->next < work->count; work->next++, at++) {
		uint32_t result = SVSM_SUCCESS;

		if (!work->budget)
			return SVSM_ERR_INCOMPLETE;
		if (at == have) {
			at = 0;
			have = work->count - work->next < BATCH ? work->count - work->next : BATCH;
			result = svsm_result_of(guest_read(
				batch, GPA(work->list.raw + 8 + 8ULL * work->next), 8ULL * have));
		}
		if (result == SVSM_SUCCESS)
			result = process_entry(work, batch[at]);
		if (result != SVSM_SUCCESS)
			return result;
	}
	return SVSM_SUCCESS;
}

/* Tell the guest how far we came. */
static uint32_t write_next(const struct pvalidate_work *work)
{
	gpa_t at = GPA(work->list.raw + offsetof(struct svsm_page_list, next));
	uint16_t next = (uint16_t)work->next;

	return svsm_result_of(guest_write(at, &next, sizeof(next)));
}

uint32_t svsm_core_pvalidate(struct svsm_call *call)
{
	struct pvalidate_work work = {.list = GPA(call->rcx), .budget = BUDGET_PAGES};
	struct svsm_page_list header;
	uint32_t result, written;

	if (!IS_ALIGNED(call->rcx, 8))
		return SVSM_ERR_INVALID_PARAMETER;
	result = svsm_result_of(guest_read(&header, work.list, sizeof(header)));
	if (result != SVSM_SUCCESS)
		return result;
	if (svsm_check_list(work.list, &header) != SVSM_SUCCESS)
		return SVSM_ERR_INVALID_PARAMETER;
	work.next = header.next;
	work.count = header.count;
	result = process_list(&work);
	if (work.withdrawn)
		platform->guest->flush();
	/* Progress was made: the guest must not start over. */
	if (result == SVSM_ERR_BUSY && work.next != header.next)
		result = SVSM_ERR_INCOMPLETE;
	written = write_next(&work);
	return written == SVSM_SUCCESS ? result : written;
}

/* SPDX-License-Identifier: MIT */
/*
 * Core protocol, DEPOSIT_MEM and WITHDRAW_MEM (SVSM 4.5). Deposited pages are out of the guest's
 * reach; the page record is the only list of them, so that a deposit needs no memory itself.
 */
#include "kernel/boot.h"
#include "kernel/platform.h"
#include "kernel/protocol.h"

#define BUDGET_PAGES 1024U

/* Number of deposited 4 KiB pages. */
static uint64_t deposited;

static void count_deposit(int64_t pages)
{
	uint64_t now = __atomic_add_fetch(&deposited, (uint64_t)pages, __ATOMIC_RELAXED);

	vcpu_set_memory_available(now != 0);
}

static uint32_t deposit_page(gpa_t gpa)
{
	struct page_claim claim;
	enum page_result result;
	uint32_t status;

	result = page_claim(&vm_pages, gpa, PAGE_4K, PAGE_STATE_BIT(PAGE_GUEST), &claim);
	if (result == PAGE_WRONG_STATE)
		return SVSM_ERR_INVALID_ADDRESS;
	if (result == PAGE_NO_MEMORY)
		return SVSM_NEED_MEMORY | 1;
	if (result != PAGE_OK)
		return SVSM_ERR_BUSY;
	status = platform->guest->page_protect(gpa, boot_info.params.guest_vmpl);
	if (status) {
		page_release(&vm_pages, &claim);
		return SVSM_ERR_PROTOCOL_BASE + status;
	}
	page_commit(&vm_pages, &claim, PAGE_DEPOSITED);
	count_deposit(1);
	return SVSM_SUCCESS;
}

/* A 2 MiB entry is 512 pages; those of an interrupted one that are done are simply still ours. */
static uint32_t deposit_entry(uint64_t raw, uint32_t *budget)
{
	struct svsm_page_entry entry;
	uint32_t result = svsm_decode_deposit(raw, &entry);
	uint64_t size = PAGE_SIZE;

	if (result != SVSM_SUCCESS)
		return result;
	if (entry.size == PAGE_2M)
		size = PAGE_2M_SIZE;
	if (page_span(&vm_pages, entry.gpa, size,
		      PAGE_STATE_BIT(PAGE_GUEST) | PAGE_STATE_BIT(PAGE_DEPOSITED)) != size)
		return SVSM_ERR_INVALID_ADDRESS;
	for (uint64_t done = 0; done < size; done += PAGE_SIZE) {
		gpa_t gpa = GPA(entry.gpa.raw + done);

		if (size == PAGE_2M_SIZE && page_query(&vm_pages, gpa) == PAGE_DEPOSITED)
			continue;
		if (!*budget)
			return SVSM_ERR_INCOMPLETE;
		--*budget;
		result = deposit_page(gpa);
		if (result != SVSM_SUCCESS)
			return result;
	}
	return SVSM_SUCCESS;
}

uint32_t svsm_core_deposit(struct svsm_call *call)
{
	gpa_t list = GPA(call->rcx);
	struct svsm_page_list header;
	uint32_t budget = BUDGET_PAGES, result;
	uint64_t entry;

	if (!IS_ALIGNED(call->rcx, 8))
		return SVSM_ERR_INVALID_PARAMETER;
	result = svsm_result_of(guest_read(&header, list, sizeof(header)));
	if (result == SVSM_SUCCESS)
		result = svsm_check_list(list, &header);
	if (result != SVSM_SUCCESS)
		return result;
	do {
		result = svsm_result_of(
			guest_read(&entry, GPA(list.raw + 8 + 8ULL * header.next), sizeof(entry)));
		if (result == SVSM_SUCCESS)
			result = deposit_entry(entry, &budget);
	} while (result == SVSM_SUCCESS && ++header.next < header.count);
	platform->guest->flush();
	if (guest_write(GPA(list.raw + 2), &header.next, sizeof(header.next)) != OK)
		return SVSM_ERR_INVALID_ADDRESS;
	return result;
}

/* Give one deposited page back; false: there is none, or it can't be given now. */
static bool withdraw_page(gpa_t *from)
{
	struct page_claim claim;

	if (!page_find(&vm_pages, PAGE_DEPOSITED, from))
		return false;
	if (page_claim(&vm_pages, *from, PAGE_4K, PAGE_STATE_BIT(PAGE_DEPOSITED), &claim) !=
	    PAGE_OK)
		return false;
	if (platform->guest->page_grant(*from, boot_info.params.guest_vmpl)) {
		page_release(&vm_pages, &claim);
		return false;
	}
	page_commit(&vm_pages, &claim, PAGE_GUEST);
	count_deposit(-1);
	return true;
}

uint32_t svsm_core_withdraw(struct svsm_call *call)
{
	uint64_t room = (PAGE_SIZE - call->rcx % PAGE_SIZE) / 8;
	gpa_t list = GPA(call->rcx), page = GPA(0);
	uint64_t header = 0;
	uint32_t result;

	if (!IS_ALIGNED(call->rcx, 8) || room < 2)
		return SVSM_ERR_INVALID_PARAMETER;
	/* A list that can't be written must cost no page. */
	result = svsm_result_of(guest_write(list, &header, sizeof(header)));
	while (result == SVSM_SUCCESS && header < room - 1 && withdraw_page(&page)) {
		result = svsm_result_of(
			guest_write(GPA(list.raw + 8 + 8 * header), &page.raw, sizeof(page.raw)));
		header++;
	}
	if (result == SVSM_SUCCESS)
		result = svsm_result_of(guest_write(list, &header, sizeof(header)));
	return result;
}

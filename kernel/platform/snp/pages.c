/* SPDX-License-Identifier: MIT */
/* Copra's own pages: validated once, shared when the host must see them, never believed to be what
 * the host says. */
#include "arch/insn_snp.h"
#include "kernel/boot.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "sevabi/rmp.h"
#include "snp.h"

#define ENVIRONMENT_SHARED 0x1U /* IGVM environment info: memory starts shared */

/* Unmeasured, so it only says whether the host wants to be asked first. */
static bool memory_starts_shared(void)
{
	const uint32_t *general =
		boot_region_pointer(BOOT_INPUT_OFFSET + BOOT_INPUT_GENERAL, PAGE_SIZE);

	return general[1] & ENVIRONMENT_SHARED;
}

/* CVE-2025-38560: stale cache lines of a page that changed hands; a read of each end of it evicts
 * them. */
static void evict_page(const volatile uint8_t *page)
{
	(void)page[0];
	(void)page[PAGE_SIZE - 1];
}

static void page_validate(paddr_t page)
{
	uint64_t address = (uint64_t)phys_to_virt(page);
	bool unchanged;

	/* Validated already means that the host put a page of its choice there (attack A01). */
	if (insn_pvalidate(address, RMP_PAGE_4K, true, &unchanged) != RMP_SUCCESS || unchanged)
		stop(STOP_PAGE_STATE);
	evict_page(phys_to_virt(page));
}

/* False: the host backs the range with small pages; nothing was changed. */
static bool large_page_validate(paddr_t page)
{
	uint64_t address = (uint64_t)phys_to_virt(page);
	bool unchanged;
	uint32_t status = insn_pvalidate(address, RMP_PAGE_2M, true, &unchanged);

	if (status == RMP_FAIL_SIZEMISMATCH)
		return false;
	if (status != RMP_SUCCESS || unchanged)
		stop(STOP_PAGE_STATE);
	for (uint64_t at = 0; at < PAGE_2M_SIZE; at += PAGE_SIZE)
		evict_page((const uint8_t *)phys_to_virt(page) + at);
	return true;
}

enum error snp_pages_validate(paddr_t first, size_t pages)
{
	paddr_t end = PADDR(first.raw + pages * PAGE_SIZE);

	if (memory_starts_shared())
		for (paddr_t at = first; at.raw < end.raw; at.raw += PAGE_SIZE)
			ghcb_msr_page_state(GPA(at.raw), GHCB_PSC_PRIVATE);
	while (first.raw < end.raw) {
		uint64_t size = PAGE_SIZE;

		if (IS_ALIGNED(first.raw, PAGE_2M_SIZE) && end.raw - first.raw >= PAGE_2M_SIZE &&
		    large_page_validate(first))
			size = PAGE_2M_SIZE;
		else
			page_validate(first);
		first.raw += size;
	}
	return OK;
}

/* Whatever was in the pages must not be left for the host: wiped before they lose their protection.
 */
enum error snp_pages_invalidate(paddr_t first, size_t pages)
{
	for (size_t i = 0; i < pages; i++) {
		paddr_t page = PADDR(first.raw + i * PAGE_SIZE);
		bool unchanged;

		memset(phys_to_virt(page), 0, PAGE_SIZE);
		if (insn_pvalidate((uint64_t)phys_to_virt(page), RMP_PAGE_4K, false, &unchanged) !=
			    RMP_SUCCESS ||
		    unchanged)
			stop(STOP_PAGE_STATE);
	}
	return OK;
}

/* Keep the record in step; before the record is seeded there is nothing to keep. */
static void record(paddr_t page, enum page_state from, enum page_state to)
{
	struct page_claim claim;

	if (page_claim(&vm_pages, GPA(page.raw), PAGE_4K, PAGE_STATE_BIT(from), &claim) == PAGE_OK)
		page_commit(&vm_pages, &claim, to);
}

enum error snp_make_shared(paddr_t first, size_t pages)
{
	enum error error = snp_pages_invalidate(first, pages);

	if (error != OK)
		return error;
	for (size_t i = 0; i < pages; i++) {
		paddr_t page = PADDR(first.raw + i * PAGE_SIZE);

		ghcb_msr_page_state(GPA(page.raw), GHCB_PSC_SHARED);
		record(page, PAGE_COPRA, PAGE_COPRA_SHARED);
	}
	error = paging_direct_set_shared(first, pages, true);
	if (error == OK)
		memset(phys_to_virt(first), 0, pages * PAGE_SIZE);
	return error;
}

enum error snp_make_private(paddr_t first, size_t pages)
{
	enum error error = paging_direct_set_shared(first, pages, false);

	if (error != OK)
		return error;
	for (size_t i = 0; i < pages; i++) {
		paddr_t page = PADDR(first.raw + i * PAGE_SIZE);

		ghcb_msr_page_state(GPA(page.raw), GHCB_PSC_PRIVATE);
		page_validate(page);
		memset(phys_to_virt(page), 0, PAGE_SIZE);
		record(page, PAGE_COPRA_SHARED, PAGE_COPRA);
	}
	return OK;
}

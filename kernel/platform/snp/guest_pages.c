/* SPDX-License-Identifier: MIT */
/* What PVALIDATE and RMPADJUST do to the guest's pages, seen through windows. */
#include "arch/insn.h"
#include "arch/insn_snp.h"
#include "kernel/boot.h"
#include "kernel/page.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "kernel/window.h"
#include "sevabi/rmp.h"
#include "sevabi/vmsa.h"
#include "snp.h"

_Static_assert(INSN_SNP_FAULTED == GUEST_PAGE_FAULTED, "one code for a fault");

/* No window: a failure of our own that the guest sees as FAIL_INPUT. */
static enum error open_page(gpa_t gpa, enum page_size size, struct window *window)
{
	if (size == PAGE_2M)
		return window_open_2m(gpa, MAP_WRITE, window);
	return window_open(gpa, PAGE_SIZE, MAP_WRITE, window);
}

static uint32_t pvalidate(const struct window *window, enum page_size size, bool validate)
{
	bool unchanged;
	uint32_t status =
		insn_pvalidate((uint64_t)window->address,
			       size == PAGE_2M ? RMP_PAGE_2M : RMP_PAGE_4K, validate, &unchanged);

	if (status == RMP_SUCCESS && unchanged)
		return GUEST_PAGE_UNCHANGED;
	return status;
}

static uint32_t adjust(const struct window *window, enum page_size size, uint64_t attributes)
{
	return insn_rmpadjust((uint64_t)window->address,
			      size == PAGE_2M ? RMP_PAGE_2M : RMP_PAGE_4K, attributes);
}

/*
 * The page is validated, and its contents are whatever the host put there: nothing of it reaches
 * the guest (attack A02). Zeroing touches every cache line, which also evicts stale ones (A26).
 */
static uint32_t accept_validated(const struct window *window, enum page_size size, uint8_t vmpl)
{
	uint32_t status;

	memset(window->address, 0, size == PAGE_2M ? PAGE_2M_SIZE : PAGE_SIZE);
	status = adjust(window, size, vmpl | RMP_PERM_RWX);
	if (status)
		(void)pvalidate(window, size, false);
	return status;
}

static uint32_t page_accept(gpa_t gpa, enum page_size size, uint8_t vmpl)
{
	struct window window;
	uint32_t status;

	if (open_page(gpa, size, &window) != OK)
		return RMP_FAIL_INPUT;
	status = pvalidate(&window, size, true);
	if (status == RMP_SUCCESS)
		status = accept_validated(&window, size, vmpl);
	else if (status == GUEST_PAGE_UNCHANGED)
		/* The host validated it behind our back: undo that (attack A01). */
		(void)pvalidate(&window, size, false);
	window_close(&window);
	return status;
}

static uint32_t page_rescind(gpa_t gpa, enum page_size size, uint8_t vmpl)
{
	struct window window;
	uint32_t status;

	if (open_page(gpa, size, &window) != OK)
		return RMP_FAIL_INPUT;
	status = adjust(&window, size, vmpl | RMP_PERM_NONE);
	if (status == RMP_SUCCESS) {
		status = pvalidate(&window, size, false);
		if (status)
			(void)adjust(&window, size, vmpl | RMP_PERM_RWX);
	}
	window_close(&window);
	return status;
}

/* RMPADJUST of one 4 KiB page of the guest, or of a VMSA of our own. */
static uint32_t adjust_page(gpa_t gpa, uint64_t attributes)
{
	const struct boot_params *params = &boot_info.params;
	struct window window;
	uint32_t status;

	if (gpa.raw - params->region_base < params->region_size)
		return insn_rmpadjust((uint64_t)phys_to_virt(PADDR(gpa.raw)), RMP_PAGE_4K,
				      attributes);
	if (open_page(gpa, PAGE_4K, &window) != OK)
		return RMP_FAIL_INPUT;
	status = adjust(&window, PAGE_4K, attributes);
	window_close(&window);
	return status;
}

static uint32_t page_protect(gpa_t gpa, uint8_t vmpl)
{
	return adjust_page(gpa, vmpl | RMP_PERM_NONE);
}

static uint32_t page_grant(gpa_t gpa, uint8_t vmpl)
{
	return adjust_page(gpa, vmpl | RMP_PERM_RWX);
}

/*
 * OVMF reads its APs' VMSAs again after CREATE_VCPU, so the guest may read those that it made
 * (SVSM 4.3). The boot vCPU's is Copra's own page: no access.
 */
static uint32_t page_make_vmsa(gpa_t gpa, uint8_t vmpl)
{
	bool own = gpa.raw - boot_info.params.region_base < boot_info.params.region_size;

	return adjust_page(gpa, vmpl | (own ? RMP_PERM_NONE : RMP_PERM_READ) | RMP_ADJUST_VMSA);
}

static uint32_t page_unmake_vmsa(gpa_t gpa, uint8_t vmpl)
{
	return adjust_page(gpa, vmpl | RMP_PERM_NONE);
}

static void flush_one(void *unused)
{
	(void)unused;
	/* Leaving for the host and back with a new TLB is the host's part; ours is our own windows.
	 */
	insn_write_cr3(insn_read_cr3());
}

static void flush(void)
{
	smp_call_others(flush_one, NULL);
}

static enum error register_vmsa(uint32_t apic_id, gpa_t vmsa, uint8_t vmpl, uint64_t features)
{
	return snp_ap_creation(apic_id, vmsa, vmpl, features, GHCB_AP_CREATE_ON_INIT);
}

/* The MSR protocol is enough here, and leaves the GHCB page alone. */
static enum error enter(uint8_t vmpl)
{
	uint64_t page = insn_rdmsr(MSR_GHCB);
	uint64_t answer;
	bool ran;

	insn_wrmsr(MSR_GHCB, GHCB_MSR_RUN_VMPL_REQ_VALUE(vmpl));
	ran = snp_guarded_vmgexit(snp_pending_word());
	answer = insn_rdmsr(MSR_GHCB);
	insn_wrmsr(MSR_GHCB, page);
	if (!ran)
		return ERR_BUSY;
	if (GHCB_MSR_INFO(answer) != GHCB_MSR_RUN_VMPL_RESP)
		stop(STOP_GHCB_PROTOCOL);
	return GHCB_MSR_RUN_VMPL_RESP_ERROR(answer) ? ERR_STATE : OK;
}

const struct guest_machine snp_guest_machine = {
	.page_accept = page_accept,
	.page_rescind = page_rescind,
	.page_protect = page_protect,
	.page_grant = page_grant,
	.page_make_vmsa = page_make_vmsa,
	.page_unmake_vmsa = page_unmake_vmsa,
	.flush = flush,
	.register_vmsa = register_vmsa,
	.enter = enter,
};

/* SPDX-License-Identifier: MIT */
/*
 * vCPUs and their VMSAs. vcpu_lock covers every list and state here; it is held for short changes,
 * never while an RMP instruction, a mapping or the guest runs. Pages under change are claimed in
 * the page record.
 */
#include "arch/insn.h"
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/log.h"
#include "kernel/percpu.h"
#include "kernel/platform.h"
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "kernel/service.h"
#include "kernel/vcpu.h"
#include "kernel/vm.h"
#include "kernel/window.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

/*
 * A vCPU that must leave the guest before its VMSA is deleted: how long one call waits for it
 * before the guest is asked to call again, and when it is given up.
 */
#define STOP_SLICE_NS  20000000ULL
#define STOP_BUDGET_NS 5000000000ULL

static struct spinlock vcpu_lock = SPINLOCK_INIT(LOCK_RANK_GUEST);
static struct guest_vcpu *vcpus[CPU_MAX];

enum error vcpu_init(void)
{
	for (uint32_t i = 0; i < cpu_count(); i++) {
		struct guest_vcpu *vcpu = kalloc(sizeof(*vcpu));
		enum error error;

		if (!vcpu)
			return ERR_NO_MEMORY;
		vcpu->index = i;
		vcpu->apic_id = cpu_at(i)->apic_id;
		wait_queue_init(&vcpu->wake);
		error = service_slot_create(&vcpu->slot, i);
		if (error != OK) {
			kfree(vcpu);
			return error;
		}
		vcpus[i] = vcpu;
	}
	return OK;
}

struct guest_vcpu *vcpu_at(uint32_t index)
{
	return index < CPU_MAX ? vcpus[index] : NULL;
}

struct guest_vcpu *vcpu_by_apic_id(uint32_t apic_id)
{
	for (uint32_t i = 0; i < CPU_MAX && vcpus[i]; i++)
		if (vcpus[i]->apic_id == apic_id)
			return vcpus[i];
	return NULL;
}

void vcpu_wake(struct guest_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->poll_wanted, true);
	wait_wake_all(&vcpu->wake);
}

/* --- Lists. Lock held. ------------------------------------------------------------------ */

static struct guest_vmsa *find_vmsa(gpa_t gpa)
{
	for (uint32_t i = 0; i < CPU_MAX && vcpus[i]; i++)
		for (struct guest_vmsa *v = vcpus[i]->newest; v; v = v->next)
			if (v->gpa.raw == gpa.raw)
				return v;
	return NULL;
}

static unsigned int count_vmsas(const struct guest_vcpu *vcpu)
{
	unsigned int count = 0;

	for (const struct guest_vmsa *v = vcpu->newest; v; v = v->next)
		count++;
	return count;
}

/* Users of a calling area; `only` counts those of one vCPU. */
static unsigned int area_users(gpa_t area, const struct guest_vcpu *only)
{
	unsigned int users = 0;

	for (uint32_t i = 0; i < CPU_MAX && vcpus[i]; i++)
		for (struct guest_vmsa *v = vcpus[i]->newest; v; v = v->next)
			if (v->calling_area.raw == area.raw && (!only || vcpus[i] == only))
				users++;
	return users;
}

static void unlink_vmsa(struct guest_vmsa *vmsa)
{
	struct guest_vmsa **at = &vmsa->vcpu->newest;

	while (*at != vmsa)
		at = &(*at)->next;
	*at = vmsa->next;
	if (!vmsa->vcpu->newest && vmsa->vcpu->state == VCPU_READY)
		vmsa->vcpu->state = VCPU_ABSENT;
}

/* --- Calling areas ---------------------------------------------------------------------- */

static enum vcpu_result result_of_page(enum page_result result)
{
	switch (result) {
	case PAGE_OK:
		return VCPU_OK;
	case PAGE_WRONG_STATE:
		return VCPU_BAD_ADDRESS;
	case PAGE_BUSY:
		return VCPU_TRY_AGAIN;
	case PAGE_NO_MEMORY:
		break;
	}
	return VCPU_NO_MEMORY;
}

/*
 * Make `area` a calling area of `vcpu`. One that already is may be used again by the same vCPU
 * only: Linux brings a CPU back with the area that it had.
 */
static enum vcpu_result area_register(gpa_t area, struct guest_vcpu *vcpu)
{
	struct page_claim claim;
	enum page_result result;

	result = page_claim(&vm_pages, area, PAGE_4K, PAGE_STATE_BIT(PAGE_GUEST), &claim);
	if (result == PAGE_OK) {
		page_commit(&vm_pages, &claim, PAGE_CALLING_AREA);
		return VCPU_OK;
	}
	if (result == PAGE_WRONG_STATE && page_query(&vm_pages, area) == PAGE_CALLING_AREA) {
		irq_flags_t flags = spin_lock_irq(&vcpu_lock);
		bool own = area_users(area, vcpu) > 0;

		spin_unlock_irq(&vcpu_lock, flags);
		return own ? VCPU_OK : VCPU_BAD_ADDRESS;
	}
	return result_of_page(result);
}

/* Undo area_register() when nobody uses the area any more. */
static void area_release(gpa_t area)
{
	struct page_claim claim;
	irq_flags_t flags = spin_lock_irq(&vcpu_lock);
	bool unused = area_users(area, NULL) == 0;

	spin_unlock_irq(&vcpu_lock, flags);
	if (!unused)
		return;
	/* A copy to or from the area holds it for a moment only. */
	while (page_claim(&vm_pages, area, PAGE_4K, PAGE_STATE_BIT(PAGE_CALLING_AREA), &claim) ==
	       PAGE_BUSY)
		insn_pause();
	if (claim.from == PAGE_CALLING_AREA)
		page_commit(&vm_pages, &claim, PAGE_GUEST);
}

static struct svsm_caa *area_map(gpa_t area)
{
	void *address;

	if (vm_map_physical(PADDR(area.raw), PAGE_SIZE, MAP_WRITE, &address) != OK)
		return NULL;
	return address;
}

/* --- Create ----------------------------------------------------------------------------- */

static void free_vmsa(struct guest_vmsa *vmsa)
{
	if (vmsa->caa)
		vm_unmap_physical(vmsa->caa);
	if (vmsa->page)
		vm_unmap_physical(vmsa->page);
	kfree(vmsa);
}

/* The object for a VMSA with its two mappings; NULL: no memory. */
static struct guest_vmsa *new_vmsa(struct guest_vcpu *vcpu, gpa_t gpa, gpa_t calling_area)
{
	struct guest_vmsa *vmsa = kalloc(sizeof(*vmsa));
	void *page;

	if (!vmsa)
		return NULL;
	vmsa->vcpu = vcpu;
	vmsa->gpa = gpa;
	vmsa->calling_area = calling_area;
	if (vm_map_physical(PADDR(gpa.raw), PAGE_SIZE, MAP_WRITE, &page) == OK)
		vmsa->page = page;
	vmsa->caa = area_map(calling_area);
	if (!vmsa->page || !vmsa->caa) {
		free_vmsa(vmsa);
		return NULL;
	}
	return vmsa;
}

static enum vcpu_result link_vmsa(struct guest_vmsa *vmsa)
{
	struct guest_vcpu *vcpu = vmsa->vcpu;
	irq_flags_t flags = spin_lock_irq(&vcpu_lock);
	enum vcpu_result result = VCPU_BAD_PARAMETER;

	if (count_vmsas(vcpu) < VCPU_VMSA_MAX) {
		vmsa->next = vcpu->newest;
		if (vmsa->next)
			vmsa->next->retired = true;
		vcpu->newest = vmsa;
		if (vcpu->state == VCPU_ABSENT)
			vcpu->state = VCPU_READY;
		result = VCPU_OK;
	}
	spin_unlock_irq(&vcpu_lock, flags);
	return result;
}

/* The page is out of the guest's reach: check it, make it a VMSA, and put it into the list. */
static enum vcpu_result adopt_vmsa(struct guest_vmsa *vmsa, uint32_t *status)
{
	uint8_t vmpl = boot_info.params.guest_vmpl;
	enum vcpu_result result;

	if (!vmsa_acceptable(vmsa->page, vmpl, boot_info.params.guest_sev_features))
		return VCPU_BAD_PARAMETER;
	/* What the guest left there is no exit of this vCPU. */
	vmsa->page->guest_exitcode = 0;
	*status = platform->guest->page_make_vmsa(vmsa->gpa, vmpl);
	if (*status)
		return VCPU_RMP_ERROR;
	result = link_vmsa(vmsa);
	if (result != VCPU_OK)
		*status = platform->guest->page_unmake_vmsa(vmsa->gpa, vmpl);
	return result;
}

/* With the VMSA page claimed and the calling area registered. */
static enum vcpu_result create_claimed(struct guest_vcpu *vcpu, gpa_t gpa, gpa_t calling_area,
				       uint32_t *status)
{
	uint8_t vmpl = boot_info.params.guest_vmpl;
	struct guest_vmsa *vmsa = new_vmsa(vcpu, gpa, calling_area);
	enum vcpu_result result;

	if (!vmsa)
		return VCPU_NO_MEMORY;
	*status = platform->guest->page_protect(gpa, vmpl);
	if (*status) {
		free_vmsa(vmsa);
		return VCPU_RMP_ERROR;
	}
	platform->guest->flush();
	result = adopt_vmsa(vmsa, status);
	if (result != VCPU_OK) {
		free_vmsa(vmsa);
		/* Failing to give the page back hurts the guest alone. */
		(void)platform->guest->page_grant(gpa, vmpl);
	}
	return result;
}

enum vcpu_result vcpu_create(gpa_t gpa, gpa_t calling_area, uint32_t apic_id, uint32_t *status)
{
	struct guest_vcpu *vcpu = vcpu_by_apic_id(apic_id);
	struct page_claim claim;
	enum vcpu_result result;

	result = result_of_page(
		page_claim(&vm_pages, gpa, PAGE_4K, PAGE_STATE_BIT(PAGE_GUEST), &claim));
	if (result != VCPU_OK)
		return result;
	if (!(PAGE_STATE_BIT(page_query(&vm_pages, calling_area)) & PAGE_STATES_GUEST))
		result = VCPU_BAD_ADDRESS;
	else if (!vcpu)
		result = VCPU_BAD_PARAMETER;
	else
		result = area_register(calling_area, vcpu);
	if (result == VCPU_OK) {
		result = create_claimed(vcpu, gpa, calling_area, status);
		if (result != VCPU_OK)
			area_release(calling_area);
	}
	if (result != VCPU_OK) {
		page_release(&vm_pages, &claim);
		return result;
	}
	page_commit(&vm_pages, &claim, PAGE_VMSA);
	vcpu_wake(vcpu);
	return VCPU_OK;
}

enum vcpu_result vcpu_create_boot(struct guest_vcpu *vcpu, gpa_t gpa, gpa_t calling_area)
{
	enum vcpu_result result = area_register(calling_area, vcpu);
	struct guest_vmsa *vmsa;

	if (result != VCPU_OK)
		return result;
	vmsa = kalloc(sizeof(*vmsa));
	if (!vmsa)
		return VCPU_NO_MEMORY;
	vmsa->vcpu = vcpu;
	vmsa->gpa = gpa;
	vmsa->calling_area = calling_area;
	vmsa->page = phys_to_virt(PADDR(gpa.raw));
	vmsa->caa = area_map(calling_area);
	vmsa->boot = true;
	if (!vmsa->caa)
		return VCPU_NO_MEMORY;
	return link_vmsa(vmsa);
}

/* --- Delete ----------------------------------------------------------------------------- */

/* May the VMSA be taken out of use at this moment? Lock held. */
static bool deletable_now(const struct guest_vmsa *vmsa, const struct guest_vcpu *caller)
{
	const struct guest_vcpu *vcpu = vmsa->vcpu;

	if (vcpu == caller)
		return true;
	if (vcpu->handling == vmsa)
		return false;
	/* Where nothing can bring the CPU here, a VMSA whose place a newer one took is taken to be
	 * stopped. */
	return vcpu->state == VCPU_READY || (vmsa->retired && !platform->timer_available());
}

/* Note that the vCPU shall stop, and look whether it has. */
static bool want_stop(struct guest_vmsa *vmsa, struct guest_vcpu *caller, uint64_t now)
{
	irq_flags_t flags = spin_lock_irq(&vcpu_lock);
	bool stopped = deletable_now(vmsa, caller);

	if (!vmsa->vcpu->stop_since)
		vmsa->vcpu->stop_since = now;
	spin_unlock_irq(&vcpu_lock, flags);
	return stopped;
}

/* Make another vCPU leave the guest: an event for VMPL0 brings it here, and it stays while it is
 * wanted. */
static enum vcpu_result stop_vcpu(struct guest_vmsa *vmsa, struct guest_vcpu *caller)
{
	struct guest_vcpu *vcpu = vmsa->vcpu;
	uint64_t start = clock_ns(), now = start;

	while (!want_stop(vmsa, caller, now)) {
		if (now - vcpu->stop_since > STOP_BUDGET_NS)
			return VCPU_IN_USE;
		if (now - start > STOP_SLICE_NS)
			return VCPU_TRY_AGAIN;
		smp_reschedule(vcpu->index);
		sched_yield();
		insn_pause();
		now = clock_ns();
	}
	return VCPU_OK;
}

static enum vcpu_result find_deletable(gpa_t gpa, struct guest_vmsa **out)
{
	irq_flags_t flags = spin_lock_irq(&vcpu_lock);
	struct guest_vmsa *vmsa = find_vmsa(gpa);

	spin_unlock_irq(&vcpu_lock, flags);
	if (!vmsa || vmsa->boot)
		return VCPU_BAD_PARAMETER;
	*out = vmsa;
	return VCPU_OK;
}

/* Take a VMSA, whose page is claimed, out of the list if it can't run. */
static enum vcpu_result detach(struct guest_vmsa *vmsa, struct guest_vcpu *caller)
{
	enum vcpu_result result = stop_vcpu(vmsa, caller);
	irq_flags_t flags;

	/* It is called again, and the vCPU waits for that. */
	if (result == VCPU_TRY_AGAIN)
		return result;
	flags = spin_lock_irq(&vcpu_lock);
	if (result == VCPU_OK && deletable_now(vmsa, caller)) {
		vmsa->page->efer &= ~(uint64_t)EFER_SVME;
		if (caller->handling == vmsa)
			caller->handling = NULL;
		unlink_vmsa(vmsa);
	} else {
		result = VCPU_IN_USE;
	}
	vmsa->vcpu->stop_since = 0;
	spin_unlock_irq(&vcpu_lock, flags);
	return result;
}

enum vcpu_result vcpu_delete(struct guest_vcpu *caller, gpa_t gpa, uint32_t *status)
{
	uint8_t vmpl = boot_info.params.guest_vmpl;
	struct guest_vmsa *vmsa = NULL;
	struct guest_vcpu *vcpu;
	struct page_claim claim;
	enum vcpu_result result;

	/* The claim keeps two vCPUs from deleting the same VMSA. */
	result = result_of_page(
		page_claim(&vm_pages, gpa, PAGE_4K, PAGE_STATE_BIT(PAGE_VMSA), &claim));
	if (result != VCPU_OK)
		return result == VCPU_BAD_ADDRESS ? VCPU_BAD_PARAMETER : result;
	result = find_deletable(gpa, &vmsa);
	if (result == VCPU_OK)
		result = detach(vmsa, caller);
	if (result != VCPU_OK) {
		page_release(&vm_pages, &claim);
		return result;
	}
	vcpu = vmsa->vcpu;
	*status = platform->guest->page_unmake_vmsa(gpa, vmpl);
	if (!*status)
		*status = platform->guest->page_grant(gpa, vmpl);
	area_release(vmsa->calling_area);
	free_vmsa(vmsa);
	vcpu_wake(vcpu);
	if (*status) {
		/* It will never run again, but its page is lost for the guest. */
		page_release(&vm_pages, &claim);
		return VCPU_RMP_ERROR;
	}
	page_commit(&vm_pages, &claim, PAGE_GUEST);
	return VCPU_OK;
}

/* --- Remap ------------------------------------------------------------------------------ */

enum vcpu_result vcpu_remap(struct guest_vcpu *caller, gpa_t calling_area)
{
	struct guest_vmsa *vmsa = caller->handling; /* nobody else deletes it meanwhile */
	gpa_t old_area = vmsa->calling_area;
	struct svsm_caa *old_map = vmsa->caa, *map;
	enum vcpu_result result;
	irq_flags_t flags;

	if (calling_area.raw == old_area.raw)
		return VCPU_OK;
	result = area_register(calling_area, caller);
	if (result != VCPU_OK)
		return result;
	map = area_map(calling_area);
	if (!map) {
		area_release(calling_area);
		return VCPU_NO_MEMORY;
	}
	WRITE_ONCE(map->call_pending, 0);
	WRITE_ONCE(map->mem_available, READ_ONCE(old_map->mem_available));
	flags = spin_lock_irq(&vcpu_lock);
	vmsa->calling_area = calling_area;
	vmsa->caa = map;
	spin_unlock_irq(&vcpu_lock, flags);
	vm_unmap_physical(old_map);
	area_release(old_area);
	return VCPU_OK;
}

void vcpu_set_memory_available(bool available)
{
	irq_flags_t flags = spin_lock_irq(&vcpu_lock);

	for (struct guest_vmsa *v = vcpus[0] ? vcpus[0]->newest : NULL; v; v = v->next)
		WRITE_ONCE(v->caa->mem_available, available);
	spin_unlock_irq(&vcpu_lock, flags);
}

/* --- Running ---------------------------------------------------------------------------- */

/* EFER.SVME of all VMSAs: which of them runs is the guest's agreement with the host. Lock held. */
static void set_runnable(struct guest_vcpu *vcpu, bool runnable)
{
	for (struct guest_vmsa *v = vcpu->newest; v; v = v->next) {
		uint64_t efer = v->page->efer & ~(uint64_t)EFER_SVME;

		WRITE_ONCE(v->page->efer, runnable ? efer | EFER_SVME : efer);
	}
}

bool vcpu_enter_begin(struct guest_vcpu *vcpu)
{
	irq_flags_t flags = spin_lock_irq(&vcpu_lock);
	bool runnable;

	/* Whoever wanted it stopped has lost interest. */
	if (vcpu->stop_since && clock_ns() - vcpu->stop_since > 2 * STOP_BUDGET_NS)
		vcpu->stop_since = 0;
	runnable = vcpu->state == VCPU_READY && !vcpu->stop_since;
	if (runnable) {
		vcpu->state = VCPU_ENTERED;
		/* Last of all (SVSM 2.4): from here on the host may run it. */
		set_runnable(vcpu, true);
	}
	spin_unlock_irq(&vcpu_lock, flags);
	return runnable;
}

/* The VMSA that did VMGEXIT since the last look, else the newest. Lock held. */
static struct guest_vmsa *find_caller(struct guest_vcpu *vcpu)
{
	for (struct guest_vmsa *v = vcpu->newest; v; v = v->next)
		if (v->page->guest_exitcode == SVM_EXIT_VMGEXIT)
			return v;
	return vcpu->newest;
}

struct guest_vmsa *vcpu_enter_end(struct guest_vcpu *vcpu)
{
	irq_flags_t flags = spin_lock_irq(&vcpu_lock);
	struct guest_vmsa *vmsa = find_caller(vcpu);

	set_runnable(vcpu, false);
	vcpu->handling = vmsa;
	vcpu->state = vmsa ? VCPU_HANDLING : VCPU_ABSENT;
	spin_unlock_irq(&vcpu_lock, flags);
	return vmsa;
}

void vcpu_handled(struct guest_vcpu *vcpu)
{
	irq_flags_t flags = spin_lock_irq(&vcpu_lock);

	vcpu->handling = NULL;
	vcpu->state = vcpu->newest ? VCPU_READY : VCPU_ABSENT;
	spin_unlock_irq(&vcpu_lock, flags);
}

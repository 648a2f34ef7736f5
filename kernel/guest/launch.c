/* SPDX-License-Identifier: MIT */
/* From a measured firmware image to a running boot vCPU. */
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/percpu.h"
#include "kernel/platform.h"
#include "kernel/string.h"
#include "kernel/thread.h"
#include "guest_internal.h"
#include "sevabi/cpuid_page.h"

/* Give one firmware page, measured or validated, to the guest. */
static enum error grant_range(uint64_t start, uint64_t size)
{
	for (uint64_t at = start; at < start + size; at += PAGE_SIZE)
		if (platform->guest->page_grant(GPA(at), boot_info.params.guest_vmpl))
			return ERR_PLATFORM;
	return OK;
}

static enum error accept_page(gpa_t gpa)
{
	struct page_claim claim;
	enum page_result result;

	/* Areas may share pages: what is the guest's already stays. */
	if (page_query(&vm_pages, gpa) == PAGE_GUEST)
		return OK;
	result = page_claim(&vm_pages, gpa, PAGE_4K, PAGE_STATE_BIT(PAGE_UNVALIDATED), &claim);
	if (result != PAGE_OK)
		return result == PAGE_NO_MEMORY ? ERR_NO_MEMORY : ERR_RANGE;
	if (platform->guest->page_accept(gpa, PAGE_4K, boot_info.params.guest_vmpl)) {
		page_release(&vm_pages, &claim);
		return ERR_PLATFORM;
	}
	page_commit(&vm_pages, &claim, PAGE_GUEST);
	return OK;
}

static enum error accept_range(uint64_t start, uint64_t size)
{
	uint64_t end = ALIGN_UP(start + size, PAGE_SIZE);

	for (uint64_t at = ALIGN_DOWN(start, PAGE_SIZE); at < end; at += PAGE_SIZE) {
		enum error error = accept_page(GPA(at));

		if (error != OK)
			return error;
	}
	return OK;
}

static gpa_t find_area(enum boot_firmware_area_kind kind)
{
	const struct boot_params *params = &boot_info.params;

	for (uint32_t i = 0; i < params->firmware_area_count; i++)
		if (params->firmware_areas[i].kind == (uint32_t)kind)
			return GPA(params->firmware_areas[i].gpa);
	return GPA(0);
}

static enum error fill_secrets(gpa_t gpa)
{
	const struct boot_params *params = &boot_info.params;
	const struct svsm_location location = {
		.base = params->region_base,
		.size = params->region_size,
		.calling_area = find_area(BOOT_FIRMWARE_CAA).raw,
		.guest_vmpl = params->guest_vmpl,
	};
	struct secrets_page *page = kalloc(sizeof(*page));
	enum error error;

	if (!page)
		return ERR_NO_MEMORY;
	memcpy(page, boot_region_pointer(BOOT_SECRETS_OFFSET, PAGE_SIZE), sizeof(*page));
	guest_secrets(page, &location);
	error = guest_write(gpa, page, sizeof(*page));
	kfree_secret(page);
	return error;
}

static enum error fill_cpuid(gpa_t gpa)
{
	struct cpuid_page *page = kalloc(sizeof(*page));
	enum error error;

	if (!page)
		return ERR_NO_MEMORY;
	memcpy(page, boot_region_pointer(BOOT_CPUID_OFFSET, PAGE_SIZE), sizeof(*page));
	for (uint32_t i = 0; i < page->count && i < CPUID_PAGE_MAX_ENTRIES; i++)
		if (page->entries[i].eax_in == CPUID_LEAF_SEV)
			page->entries[i].eax |= CPUID_SEV_SVSM_PRESENT;
	error = guest_write(gpa, page, sizeof(*page));
	kfree(page);
	return error;
}

static enum error fill_memory_map(const struct boot_firmware_area *area)
{
	const struct memory_range hole = {
		.start = boot_info.params.region_base,
		.end = boot_info.params.region_base + boot_info.params.region_size,
	};
	uint8_t *map = kalloc(PAGE_SIZE);
	enum error error = ERR_LIMIT;
	size_t used;

	if (!map)
		return ERR_NO_MEMORY;
	used = guest_memory_map(&guest_memory, &hole, map,
				area->size < PAGE_SIZE ? area->size : PAGE_SIZE);
	if (used)
		error = guest_write(GPA(area->gpa), map, used);
	kfree(map);
	return error;
}

/* Everything is zeroed and granted by now; some areas get contents. */
static enum error fill_area(const struct boot_firmware_area *area)
{
	uint32_t vcpu_count;

	switch (area->kind) {
	case BOOT_FIRMWARE_SECRETS:
		return fill_secrets(GPA(area->gpa));
	case BOOT_FIRMWARE_CPUID:
		return fill_cpuid(GPA(area->gpa));
	case BOOT_FIRMWARE_MEMORY_MAP:
		return fill_memory_map(area);
	case BOOT_FIRMWARE_VP_COUNT:
		vcpu_count = cpu_count();
		return guest_write(GPA(area->gpa), &vcpu_count, sizeof(vcpu_count));
	default:
		return OK;
	}
}

static enum error prepare_firmware(void)
{
	const struct boot_params *params = &boot_info.params;
	enum error error = OK;

	for (uint32_t i = 0; i < params->range_count && error == OK; i++)
		if (params->ranges[i].kind == BOOT_RANGE_FIRMWARE)
			error = grant_range(params->ranges[i].gpa, params->ranges[i].size);
	for (uint32_t i = 0; i < params->firmware_area_count && error == OK; i++)
		error = accept_range(params->firmware_areas[i].gpa, params->firmware_areas[i].size);
	for (uint32_t i = 0; i < params->firmware_area_count && error == OK; i++)
		error = fill_area(&params->firmware_areas[i]);
	return error;
}

/* The boot vCPU's VMSA lies in Copra's memory. Not 2 MiB aligned: some hosts' CPUs can't take that
 * (snp-arch 2). */
static enum error boot_vmsa_page(paddr_t *out)
{
	paddr_t spare;
	enum error error = page_alloc(0, PAGE_OWNER_GUEST, PAGE_ZERO, out);

	if (error != OK || !IS_ALIGNED(out->raw, PAGE_2M_SIZE))
		return error;
	spare = *out;
	error = page_alloc(0, PAGE_OWNER_GUEST, PAGE_ZERO, out);
	page_free(spare, 0);
	return error;
}

static enum error start_boot_vcpu(void)
{
	const struct boot_params *params = &boot_info.params;
	struct guest_vcpu *vcpu = vcpu_at(0);
	paddr_t page;
	enum error error = boot_vmsa_page(&page);

	if (error != OK)
		return error;
	vmsa_reset(phys_to_virt(page), params->guest_vmpl, params->guest_sev_features);
	if (platform->guest->page_make_vmsa(GPA(page.raw), params->guest_vmpl))
		return ERR_PLATFORM;
	error = platform->guest->register_vmsa(vcpu->apic_id, GPA(page.raw), params->guest_vmpl,
					       params->guest_sev_features);
	if (error != OK)
		return error;
	if (vcpu_create_boot(vcpu, GPA(page.raw), find_area(BOOT_FIRMWARE_CAA)) != VCPU_OK)
		return ERR_NO_MEMORY;
	vcpu_wake(vcpu);
	return OK;
}

static enum error start_threads(void)
{
	for (uint32_t i = 0; i < cpu_count(); i++) {
		struct thread_options options = {
			.name = "vcpu",
			.priority = THREAD_PRIO_USER,
			.affinity = i,
		};
		struct guest_vcpu *vcpu = vcpu_at(i);
		struct thread *thread;
		enum error error = thread_create(&thread, &options, vcpu_thread, vcpu);

		if (error != OK)
			return error;
		thread_start(thread);
		thread_put(thread);
	}
	return OK;
}

enum error guest_start(void)
{
	enum error error;

	if (!platform->guest || !(boot_info.params.flags & BOOT_FLAG_HAVE_FIRMWARE))
		return ERR_NOT_FOUND;
	error = vcpu_init();
	if (error == OK)
		error = prepare_firmware();
	/* Nobody needs the launch's copy of the keys any more (attack A22). */
	if (error == OK)
		memory_wipe(boot_region_pointer(BOOT_SECRETS_OFFSET, PAGE_SIZE), PAGE_SIZE);
	if (error == OK)
		error = start_threads();
	if (error == OK)
		error = start_boot_vcpu();
	if (error == OK)
		log_info("guest: started at VMPL%u with %u vCPUs", boot_info.params.guest_vmpl,
			 cpu_count());
	return error;
}

/* SPDX-License-Identifier: MIT */
/* The host's half of an SNP launch, with the PSP as its other half. */
#include "husk/cpuid.h"
#include "husk/fwcfg.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "husk/psp.h"
#include "husk/rmp.h"
#include "husk/vcpu.h"
#include "huskabi/huskabi.h"
#include "loader/launch.h"
#include "mem/mem.h"

#define RANGES_MAX     64
#define HOST_DATA_SIZE 32

static const uint8_t no_permissions[RMP_VMPLS];

static struct {
	gpa_t gpa;
	uint64_t size;
} ranges[RANGES_MAX];
static unsigned range_count;

static void check(enum psp_status status, const char *what)
{
	if (status != PSP_OK)
		machine_end(HUSK_EXIT_REFUSED, "launch refused: %s: firmware status 0x%x", what,
			    (unsigned)status);
}

void launch_start(uint64_t policy)
{
	check(psp_launch_start(policy), "policy");
}

static void *page_at(gpa_t gpa)
{
	return machine_map(machine_translate(gpa));
}

void launch_shared_page(gpa_t gpa, const uint8_t *contents)
{
	if (contents)
		memcpy(page_at(gpa), contents, PAGE_SIZE);
	else
		memset(page_at(gpa), 0, PAGE_SIZE);
}

struct cpuid_leaf {
	uint32_t leaf;
	uint32_t subleaf;
};

/* What KVM's list has and this machine knows. */
static const struct cpuid_leaf cpuid_leaves[] = {
	{0, 0},          {1, 0},          {6, 0},          {7, 0},          {0xb, 0},
	{0xb, 1},        {0xb, 2},        {0x80000000, 0}, {0x80000001, 0}, {0x80000002, 0},
	{0x80000003, 0}, {0x80000004, 0}, {0x80000005, 0}, {0x80000006, 0}, {0x80000007, 0},
	{0x80000008, 0}, {0x8000001e, 0}, {0x8000001f, 0},
};

/* As QEMU does, the host's own list replaces what the image has there. */
static void fill_cpuid(struct cpuid_page *page)
{
	memset(page, 0, sizeof(*page));
	for (size_t i = 0; i < ARRAY_SIZE(cpuid_leaves); i++) {
		const struct cpuid_leaf *l = &cpuid_leaves[i];
		struct cpuid_regs r = husk_cpuid(vcpus[0].apic_id, l->leaf, l->subleaf);

		page->entries[page->count++] = (struct cpuid_entry){
			.eax_in = l->leaf,
			.ecx_in = l->subleaf,
			.eax = r.eax,
			.ebx = r.ebx,
			.ecx = r.ecx,
			.edx = r.edx,
		};
	}
	check(psp_check_cpuid_page(page), "CPUID page");
}

void launch_page(enum launch_page_type type, gpa_t gpa, const uint8_t *contents)
{
	void *page = page_at(gpa);

	launch_shared_page(gpa, contents);
	if (type == LAUNCH_PAGE_SECRETS)
		psp_fill_secrets(page);
	else if (type == LAUNCH_PAGE_CPUID)
		fill_cpuid(page);
	check(psp_launch_page(type, gpa, contents), "page");
	rmp_launch_page(gpa, false, no_permissions);
}

void launch_private_range(gpa_t gpa, uint64_t size)
{
	if (range_count == RANGES_MAX)
		machine_end(HUSK_EXIT_BAD_IMAGE, "more than %u ranges of required memory",
			    RANGES_MAX);
	ranges[range_count].gpa = gpa;
	ranges[range_count++].size = size;
}

/* The initial VMSAs lie in Husk's own memory, where no guest address leads (as KVM has them). */
void launch_vcpu(uint32_t index, const struct vmsa *vmsa)
{
	struct plane *p = &vcpus[index].planes[0];
	struct vmsa *page = pages_reserve(1);

	if (!page)
		machine_end(HUSK_EXIT_BAD_MACHINE, "out of memory for VMSAs");
	memcpy(page, vmsa, sizeof(*page));
	check(psp_launch_vmsa(page), "VMSA");
	p->vmsa = GPA(page_physical(page).raw);
	p->vmsa_is_initial = true;
	p->sev_features = vmsa->sev_features;
	p->state = index == 0 ? PLANE_RUNNABLE : PLANE_WAIT_INIT;
	rmp_launch_page(p->vmsa, true, no_permissions);
}

static bool range_unassigned(gpa_t gpa, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
		if (rmp_lookup(GPA(gpa.raw + at), 0).assigned)
			return false;
	}
	return true;
}

/* What was not launched of a required range is assigned, in 2 MiB pages where they fit. */
static void assign_range(gpa_t gpa, uint64_t size)
{
	uint64_t end = gpa.raw + size;
	uint64_t at = gpa.raw;

	while (at < end) {
		bool huge = IS_ALIGNED(at, PAGE_2M_SIZE) && end - at >= PAGE_2M_SIZE &&
			    range_unassigned(GPA(at), PAGE_2M_SIZE);

		if (!rmp_lookup(GPA(at), 0).assigned &&
		    rmp_update(GPA(at), true, huge, false) != RMP_OK)
			machine_end(HUSK_EXIT_BAD_IMAGE, "required memory at %lx is not there", at);
		at += huge ? PAGE_2M_SIZE : PAGE_SIZE;
	}
}

void launch_finish(const struct id_block *block, const struct id_auth *auth)
{
	uint8_t host_data[HOST_DATA_SIZE] = {0};
	const uint8_t *digest;
	struct fwcfg_file file;

	if (fwcfg_find(HUSK_FWCFG_HOSTDATA, &file) && file.size == HOST_DATA_SIZE)
		fwcfg_read(&file, host_data, HOST_DATA_SIZE);
	check(psp_launch_finish(block, auth, host_data), "ID block");
	for (unsigned i = 0; i < range_count; i++)
		assign_range(ranges[i].gpa, ranges[i].size);
	digest = psp_launch_digest();
	log_detail("launch digest %02x%02x%02x%02x%02x%02x%02x%02x...", digest[0], digest[1],
		   digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]);
}

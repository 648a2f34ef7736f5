/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "launch/measure.h"
#include "sevabi/msr.h"

/* The file's VP_CONTEXT for one vCPU on SNP; NULL: none. */
static const uint8_t *find_vmsa(const struct igvm_file *file, uint32_t vp_index)
{
	uint32_t mask = igvm_platform_mask(file, IGVM_PLATFORM_SNP);
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;

	while (igvm_next(file, &cursor, &header))
		if (header.type == IGVM_VP_CONTEXT && (header.mask & mask) != 0 &&
		    header.content.vp.vp_index == vp_index)
			return igvm_vp_bytes(file, &header.content.vp);
	return NULL;
}

enum launch_error launch_vmsa_count(const struct igvm_file *file, uint32_t *count)
{
	uint32_t mask = igvm_platform_mask(file, IGVM_PLATFORM_SNP);
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;
	uint32_t found = 0;
	uint32_t highest = 0;

	*count = 0;
	if (mask == 0)
		return LAUNCH_ERR_NO_SNP;
	while (igvm_next(file, &cursor, &header)) {
		if (header.type != IGVM_VP_CONTEXT || (header.mask & mask) == 0)
			continue;
		found++;
		if (header.content.vp.vp_index > highest)
			highest = header.content.vp.vp_index;
	}
	if (found == 0)
		return LAUNCH_ERR_NO_VMSA;
	if (found != highest + 1)
		return LAUNCH_ERR_VP_ORDER;
	for (uint32_t i = 0; i < found; i++)
		if (find_vmsa(file, i) == NULL)
			return LAUNCH_ERR_VP_ORDER;
	*count = found;
	return LAUNCH_OK;
}

static struct vmsa_segment segment(uint16_t selector, uint16_t attributes, uint64_t base)
{
	return (struct vmsa_segment){.selector = selector,
				     .attributes = attributes,
				     .limit = VMSA_INIT_LIMIT,
				     .base = base};
}

void launch_vmsa_reset(struct vmsa *vmsa, uint64_t sev_features, uint32_t signature)
{
	struct vmsa_segment data = segment(0, VMSA_ATTR_DATA16, 0);

	memset(vmsa, 0, sizeof(*vmsa));
	vmsa->es = data;
	vmsa->ss = data;
	vmsa->ds = data;
	vmsa->fs = data;
	vmsa->gs = data;
	vmsa->cs = segment(VMSA_RESET_CS_SEL, VMSA_ATTR_CODE16, VMSA_RESET_CS_BASE);
	vmsa->gdtr = segment(0, 0, 0);
	vmsa->idtr = segment(0, 0, 0);
	vmsa->ldtr = segment(0, VMSA_ATTR_LDTR, 0);
	vmsa->tr = segment(0, VMSA_ATTR_TR, 0);
	vmsa->efer = EFER_SVME;
	vmsa->cr0 = VMSA_INIT_CR0;
	vmsa->dr6 = VMSA_INIT_DR6;
	vmsa->dr7 = VMSA_INIT_DR7;
	vmsa->rflags = VMSA_INIT_RFLAGS;
	vmsa->rip = VMSA_RESET_RIP;
	vmsa->rdx = signature;
	vmsa->g_pat = VMSA_INIT_PAT;
	vmsa->xcr0 = VMSA_INIT_XCR0;
	vmsa->mxcsr = VMSA_INIT_MXCSR;
	vmsa->x87_ftw = VMSA_INIT_X87_FTW;
	vmsa->x87_fcw = VMSA_INIT_X87_FCW;
	vmsa->sev_features = sev_features;
}

enum launch_error launch_vmsa(const struct igvm_file *file, uint32_t vp_index,
			      const struct launch_options *options, struct vmsa *vmsa)
{
	const uint8_t *own = find_vmsa(file, vp_index);
	const uint8_t *boot;
	struct vmsa boot_vmsa;

	if (own != NULL) {
		memcpy(vmsa, own, sizeof(*vmsa));
		return LAUNCH_OK;
	}
	boot = find_vmsa(file, 0);
	if (boot == NULL)
		return LAUNCH_ERR_NO_VMSA;
	memcpy(&boot_vmsa, boot, sizeof(boot_vmsa));
	launch_vmsa_reset(vmsa, boot_vmsa.sev_features, options->signature);
	return LAUNCH_OK;
}

enum launch_page_type launch_page_type_of(const struct igvm_page_data *page)
{
	switch (page->data_type) {
	case IGVM_DATA_SECRETS:
		return LAUNCH_PAGE_SECRETS;
	case IGVM_DATA_CPUID:
	case IGVM_DATA_CPUID_XF:
		return LAUNCH_PAGE_CPUID;
	default:
		break;
	}
	return (page->flags & IGVM_PAGE_FLAG_UNMEASURED) != 0 ? LAUNCH_PAGE_UNMEASURED
							      : LAUNCH_PAGE_NORMAL;
}

static bool measure_page(const struct igvm_file *file, const struct igvm_page_data *page,
			 struct launch_digest *digest)
{
	uint64_t size = (page->flags & IGVM_PAGE_FLAG_2M) != 0 ? PAGE_2M_SIZE : PAGE_SIZE;
	const uint8_t *bytes = igvm_page_bytes(file, page);

	if ((page->flags & IGVM_PAGE_FLAG_SHARED) != 0)
		return true;
	for (uint64_t at = 0; at < size; at += PAGE_SIZE)
		if (!launch_digest_page(digest, launch_page_type_of(page), GPA(page->gpa + at),
					bytes != NULL ? bytes + at : NULL))
			return false;
	return true;
}

static bool measure_insert(const struct igvm_file *file, const struct igvm_parameter_insert *insert,
			   struct launch_digest *digest)
{
	const struct igvm_area *area = igvm_area(file, insert->area_index);

	for (uint64_t at = 0; at < area->size; at += PAGE_SIZE)
		if (!launch_digest_page(digest, LAUNCH_PAGE_UNMEASURED, GPA(insert->gpa + at),
					NULL))
			return false;
	return true;
}

static bool measure_directives(const struct igvm_file *file, struct launch_digest *digest)
{
	uint32_t mask = igvm_platform_mask(file, IGVM_PLATFORM_SNP);
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;
	bool ok = true;

	while (ok && igvm_next(file, &cursor, &header)) {
		if ((header.mask & mask) == 0)
			continue;
		if (header.type == IGVM_PAGE_DATA)
			ok = measure_page(file, &header.content.page, digest);
		else if (header.type == IGVM_PARAMETER_INSERT)
			ok = measure_insert(file, &header.content.insert, digest);
	}
	return ok;
}

enum launch_error launch_measure(const struct igvm_file *file, const struct launch_options *options,
				 struct launch_digest *digest)
{
	uint32_t count;
	enum launch_error error = launch_vmsa_count(file, &count);

	launch_digest_start(digest);
	if (error != LAUNCH_OK)
		return error;
	if (options->vcpus != 0 && options->vcpus < count)
		return LAUNCH_ERR_VCPUS;
	if (options->vcpus != 0)
		count = options->vcpus;
	if (!measure_directives(file, digest))
		return LAUNCH_ERR_CRYPTO;
	for (uint32_t i = 0; i < count; i++) {
		struct vmsa vmsa;

		error = launch_vmsa(file, i, options, &vmsa);
		if (error != LAUNCH_OK)
			return error;
		if (!launch_digest_page(digest, LAUNCH_PAGE_VMSA, GPA(VMSA_LAUNCH_GPA), &vmsa))
			return LAUNCH_ERR_CRYPTO;
	}
	return LAUNCH_OK;
}

const char *launch_error_text(enum launch_error error)
{
	switch (error) {
	case LAUNCH_OK:
		return "no error";
	case LAUNCH_ERR_NO_SNP:
		return "the file has no platform SEV_SNP";
	case LAUNCH_ERR_NO_VMSA:
		return "the file has no VP_CONTEXT for vCPU 0";
	case LAUNCH_ERR_VP_ORDER:
		return "VP_CONTEXT headers repeat or leave out a vCPU";
	case LAUNCH_ERR_VCPUS:
		return "the file has more VMSAs than vCPUs were asked for";
	case LAUNCH_ERR_CRYPTO:
		return "SHA-384 failed";
	}
	return "unknown error";
}

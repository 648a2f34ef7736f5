/* SPDX-License-Identifier: MIT */
/* CPUID out of the page that the PSP filled and checked (snp-arch 10), and from nowhere else. */
#include "kernel/boot.h"
#include "kernel/stop.h"
#include "snp.h"

#define LEAF_XSAVE         0xdU
#define XSAVE_HEADER_END   0x240U
#define XSAVE_LAST_SUBLEAF 63U

/* The page moves when the kernel's own tables are loaded. */
static const struct cpuid_page *the_page(void)
{
	return boot_region_pointer(BOOT_CPUID_OFFSET, PAGE_SIZE);
}

void snp_cpuid_init(void)
{
	if (the_page()->count == 0 || the_page()->count > CPUID_PAGE_MAX_ENTRIES)
		stop(STOP_CPUID_PAGE);
}

static bool has_subleaves(uint32_t leaf)
{
	return leaf == 4 || leaf == 7 || leaf == 0xb || leaf == LEAF_XSAVE || leaf == 0x8000001d;
}

static const struct cpuid_entry *find(uint32_t leaf, uint32_t subleaf)
{
	const struct cpuid_page *page = the_page();

	for (uint32_t i = 0; i < page->count; i++) {
		const struct cpuid_entry *entry = &page->entries[i];

		if (entry->eax_in == leaf && (!has_subleaves(leaf) || entry->ecx_in == subleaf))
			return entry;
	}
	return NULL;
}

/* Size of the standard-format area for the states in `xcr0`; the page's own figure is for one value
 * only. */
static uint32_t xsave_size(uint64_t xcr0)
{
	uint32_t size = XSAVE_HEADER_END;

	for (uint32_t i = 2; i <= XSAVE_LAST_SUBLEAF; i++) {
		const struct cpuid_entry *entry = xcr0 & BIT(i) ? find(LEAF_XSAVE, i) : NULL;

		if (entry && entry->eax < PAGE_SIZE && entry->ebx < 4 * PAGE_SIZE &&
		    entry->eax + entry->ebx > size)
			size = entry->eax + entry->ebx;
	}
	return size;
}

struct cpuid_result snp_cpuid(uint32_t leaf, uint32_t subleaf)
{
	const struct cpuid_entry *entry = find(leaf, subleaf);
	struct cpuid_result result = {0};

	if (!entry)
		return result;
	result = (struct cpuid_result){entry->eax, entry->ebx, entry->ecx, entry->edx};
	if (leaf == LEAF_XSAVE && subleaf == 0) {
		uint64_t supported = ((uint64_t)entry->edx << 32) | entry->eax;

		result.ebx = result.ecx = xsave_size(supported);
	}
	return result;
}

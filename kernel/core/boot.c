/* SPDX-License-Identifier: MIT */
#include "kernel/boot.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

RO_AFTER_INIT struct boot_info boot_info;

/* The direct map is built of one table of 2 MiB pages. */
#define REGION_SIZE_MAX GIB(1)
#define REGION_SIZE_MIN MIB(4)

/* [offset, offset + size) lies in [0, limit); size may be 0. */
static bool range_fits(uint64_t offset, uint64_t size, uint64_t limit)
{
	return offset <= limit && size <= limit - offset;
}

static bool region_valid(const struct boot_params *p)
{
	return IS_ALIGNED(p->region_base, PAGE_2M_SIZE) &&
	       IS_ALIGNED(p->region_size, PAGE_2M_SIZE) && p->region_size >= REGION_SIZE_MIN &&
	       p->region_size <= REGION_SIZE_MAX && p->region_base >= MIB(1) &&
	       p->region_base + p->region_size <= GIB(4) &&
	       p->region_base + p->region_size > p->region_base &&
	       IS_ALIGNED(p->loaded_size, PAGE_SIZE) && p->loaded_size > BOOT_LOAD_OFFSET &&
	       p->loaded_size <= p->region_size;
}

static bool ranges_valid(const struct boot_params *p)
{
	if (p->range_count > BOOT_MAX_RANGES || p->firmware_area_count > BOOT_MAX_FIRMWARE_AREAS)
		return false;
	for (uint32_t i = 0; i < p->range_count; i++) {
		const struct boot_range *r = &p->ranges[i];

		if (!IS_ALIGNED(r->gpa, PAGE_SIZE) || !IS_ALIGNED(r->size, PAGE_SIZE) ||
		    r->gpa + r->size < r->gpa)
			return false;
		if (r->kind == BOOT_RANGE_FIRMWARE)
			continue;
		if (r->gpa < p->region_base ||
		    !range_fits(r->gpa - p->region_base, r->size, p->region_size))
			return false;
	}
	return true;
}

enum error boot_info_init(const struct boot_params *params, uint32_t which, uint64_t cbit)
{
	if (params->magic != BOOT_MAGIC || params->version != BOOT_VERSION)
		return ERR_FORMAT;
	if (which != BOOT_PLATFORM_NATIVE && which != BOOT_PLATFORM_SNP)
		return ERR_FORMAT;
	if ((which == BOOT_PLATFORM_SNP) != (cbit != 0) || (cbit & (cbit - 1)) != 0)
		return ERR_FORMAT;
	if (!region_valid(params) || !ranges_valid(params))
		return ERR_FORMAT;
	if (!range_fits(params->archive_offset, params->archive_size, params->loaded_size))
		return ERR_FORMAT;
	boot_info.params = *params;
	boot_info.platform = (enum boot_platform)which;
	boot_info.cbit = cbit;
	return OK;
}

void *boot_region_pointer(uint64_t offset, uint64_t size)
{
	if (!range_fits(offset, size, boot_info.params.region_size))
		return NULL;
	return (void *)(paging_direct_ready() ? LAYOUT_DIRECT_BASE + offset
					      : LAYOUT_IMAGE_BASE + offset);
}

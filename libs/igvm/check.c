/* SPDX-License-Identifier: MIT */
/* What the reader demands of each header beyond its framing (spec/igvm.md 3 to 5). */
#include "igvm_internal.h"

#define GPA_LIMIT (1ULL << 52)

static bool single_bit(uint32_t mask)
{
	return mask != 0 && (mask & (mask - 1)) == 0;
}

static enum igvm_error check_range(uint64_t gpa, uint64_t size, uint64_t alignment)
{
	if (!IS_ALIGNED(gpa, alignment) || !IS_ALIGNED(size, (uint64_t)IGVM_PAGE_SIZE))
		return IGVM_ERR_ALIGNMENT;
	if (gpa >= GPA_LIMIT || size > GPA_LIMIT - gpa)
		return IGVM_ERR_RANGE;
	return IGVM_OK;
}

/* File data lies between the headers and the end. */
static enum igvm_error check_data(const struct igvm_file *file, uint32_t offset, uint64_t size)
{
	if (offset < file->headers_end || size > file->size || offset > file->size - size)
		return IGVM_ERR_DATA;
	return IGVM_OK;
}

static enum igvm_error check_platform(struct igvm_file *file,
				      const struct igvm_supported_platform *platform)
{
	if (!single_bit(platform->mask) || (file->masks & platform->mask) != 0)
		return IGVM_ERR_PLATFORM;
	if (platform->platform_version != 1)
		return IGVM_ERR_PLATFORM;
	if (file->platform_count == IGVM_MAX_PLATFORMS)
		return IGVM_ERR_LIMIT;
	file->platforms[file->platform_count++] = *platform;
	file->masks |= platform->mask;
	return IGVM_OK;
}

static enum igvm_error check_page(const struct igvm_file *file, const struct igvm_page_data *page)
{
	uint64_t size = (page->flags & IGVM_PAGE_FLAG_2M) != 0 ? PAGE_2M_SIZE : PAGE_SIZE;
	enum igvm_error error = check_range(page->gpa, size, size);

	if (error != IGVM_OK)
		return error;
	if ((page->flags & ~IGVM_PAGE_FLAGS) != 0 || page->reserved != 0 ||
	    page->data_type > IGVM_DATA_CPUID_XF)
		return IGVM_ERR_RESERVED;
	return page->file_offset == 0 ? IGVM_OK : check_data(file, page->file_offset, size);
}

static struct igvm_area *find_area(struct igvm_file *file, uint32_t index)
{
	for (uint32_t i = 0; i < file->area_count; i++)
		if (file->areas[i].index == index)
			return &file->areas[i];
	return NULL;
}

static enum igvm_error check_area(struct igvm_file *file, const struct igvm_parameter_area *area)
{
	if (area->size == 0 || !IS_ALIGNED(area->size, (uint64_t)IGVM_PAGE_SIZE))
		return IGVM_ERR_ALIGNMENT;
	if (find_area(file, area->index) != NULL)
		return IGVM_ERR_AREA;
	if (file->area_count == IGVM_MAX_AREAS || area->size > IGVM_MAX_AREA_SIZE)
		return IGVM_ERR_LIMIT;
	file->areas[file->area_count++] = (struct igvm_area){
		.index = area->index,
		.file_offset = area->file_offset,
		.size = area->size,
	};
	return area->file_offset == 0 ? IGVM_OK : check_data(file, area->file_offset, area->size);
}

static enum igvm_error check_insert(struct igvm_file *file,
				    const struct igvm_parameter_insert *insert)
{
	struct igvm_area *area = find_area(file, insert->area_index);

	if (area == NULL)
		return IGVM_ERR_AREA;
	if (area->inserted)
		return IGVM_ERR_ORDER;
	area->inserted = true;
	return check_range(insert->gpa, area->size, PAGE_SIZE);
}

static enum igvm_error check_parameter(struct igvm_file *file,
				       const struct igvm_parameter *parameter)
{
	const struct igvm_area *area = find_area(file, parameter->area_index);

	if (area == NULL || parameter->byte_offset > area->size - sizeof(uint32_t))
		return IGVM_ERR_AREA;
	return area->inserted ? IGVM_ERR_ORDER : IGVM_OK;
}

static uint64_t vp_payload_size(const struct igvm_file *file, uint32_t mask)
{
	for (uint32_t i = 0; i < file->platform_count; i++) {
		if (file->platforms[i].mask != mask)
			continue;
		switch (file->platforms[i].platform_type) {
		case IGVM_PLATFORM_NATIVE:
			return sizeof(struct igvm_native_context);
		case IGVM_PLATFORM_SNP:
		case IGVM_PLATFORM_SEV_ES:
			return PAGE_SIZE;
		default:
			return sizeof(uint32_t);
		}
	}
	return sizeof(uint32_t);
}

/* The payload's form depends on the platform, so a context belongs to exactly one. */
static enum igvm_error check_vp(const struct igvm_file *file, const struct igvm_vp_context *vp)
{
	if (!single_bit(vp->mask))
		return IGVM_ERR_MASK;
	if (!IS_ALIGNED(vp->gpa, PAGE_SIZE))
		return IGVM_ERR_ALIGNMENT;
	if (vp->reserved != 0)
		return IGVM_ERR_RESERVED;
	return check_data(file, vp->file_offset, vp_payload_size(file, vp->mask));
}

enum igvm_error igvm_check_header(struct igvm_file *file, const struct igvm_header *header)
{
	switch (header->type) {
	case IGVM_SUPPORTED_PLATFORM:
		return check_platform(file, &header->content.platform);
	case IGVM_GUEST_POLICY:
		return header->content.policy.reserved == 0 ? IGVM_OK : IGVM_ERR_RESERVED;
	case IGVM_PARAMETER_AREA:
		return check_area(file, &header->content.area);
	case IGVM_PAGE_DATA:
		return check_page(file, &header->content.page);
	case IGVM_PARAMETER_INSERT:
		return check_insert(file, &header->content.insert);
	case IGVM_VP_CONTEXT:
		return check_vp(file, &header->content.vp);
	case IGVM_REQUIRED_MEMORY:
		return check_range(header->content.memory.gpa, header->content.memory.size,
				   PAGE_SIZE);
	case IGVM_ERROR_RANGE:
		return check_range(header->content.error_range.gpa,
				   header->content.error_range.size, PAGE_SIZE);
	default:
		if (igvm_is_parameter(header->type))
			return check_parameter(file, &header->content.parameter);
		return IGVM_OK;
	}
}

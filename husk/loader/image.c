/* SPDX-License-Identifier: MIT */
/* An IGVM file from fw_cfg: read, checked, and walked for one platform. */
#include "husk/fwcfg.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "huskabi/huskabi.h"
#include "loader/loader.h"
#include "mem/mem.h"

static struct igvm_file image;
/* [scratch, husk_base): files that were read. */
static uint64_t scratch;

struct filled_area {
	uint8_t *bytes;
	size_t size;
};

static struct filled_area areas[IGVM_MAX_AREAS];

const uint8_t *loader_read_file(const char *name, uint32_t *size)
{
	uint64_t end = scratch ? scratch : machine.husk_base.raw;
	struct fwcfg_file file;

	if (!fwcfg_find(name, &file) || !file.size)
		machine_end(HUSK_EXIT_BAD_IMAGE, "no image: pass -fw_cfg name=%s,file=...", name);
	if (file.size > end - MIB(1))
		machine_end(HUSK_EXIT_BAD_IMAGE, "%s is larger than memory", name);
	scratch = ALIGN_DOWN(end - file.size, PAGE_SIZE);
	fwcfg_read(&file, machine_map(PADDR(scratch)), file.size);
	*size = file.size;
	return machine_map(PADDR(scratch));
}

void loader_release(void)
{
	if (scratch)
		memset(machine_map(PADDR(scratch)), 0, machine.husk_base.raw - scratch);
	scratch = 0;
}

bool loader_may_fill(gpa_t gpa, uint64_t size)
{
	for (uint64_t at = gpa.raw; at < gpa.raw + size; at += PAGE_SIZE) {
		if (!machine_is_guest_ram(GPA(at)))
			return false;
		if (scratch && at >= scratch && at < machine.husk_base.raw)
			return false;
	}
	return true;
}

static void check_fill(uint64_t gpa, uint64_t size)
{
	if (!loader_may_fill(GPA(gpa), size))
		machine_end(HUSK_EXIT_BAD_IMAGE,
			    "the image wants %lx bytes at %lx, where there is no free memory (-m?)",
			    size, gpa);
}

static void load_page(const struct loader_ops *ops, const struct igvm_page_data *page)
{
	const uint8_t *bytes = igvm_page_bytes(&image, page);
	struct igvm_page_data part = *page;
	uint64_t size = page->flags & IGVM_PAGE_FLAG_2M ? PAGE_2M_SIZE : PAGE_SIZE;

	check_fill(page->gpa, size);
	for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
		part.gpa = page->gpa + at;
		ops->page(&part, bytes ? bytes + at : NULL);
	}
}

static struct filled_area *area_of(uint32_t index)
{
	for (uint32_t i = 0; i < image.area_count; i++) {
		if (image.areas[i].index == index)
			return &areas[i];
	}
	machine_end(HUSK_EXIT_INTERNAL, "parameter area %u vanished", index);
}

static void declare_area(const struct igvm_parameter_area *area)
{
	struct filled_area *filled = area_of(area->index);

	filled->bytes = pages_reserve(area->size / PAGE_SIZE);
	filled->size = area->size;
	if (!filled->bytes)
		machine_end(HUSK_EXIT_BAD_IMAGE, "parameter area %u is too large", area->index);
}

static bool fill_u32(void *to, size_t room, uint32_t value)
{
	if (room < sizeof(value))
		return false;
	memcpy(to, &value, sizeof(value));
	return true;
}

/* Values that Husk has nothing to say about stay zero. */
static void fill_parameter(uint32_t type, const struct igvm_parameter *parameter)
{
	struct filled_area *area = area_of(parameter->area_index);
	uint8_t *to = area->bytes + parameter->byte_offset;
	size_t room = area->size - parameter->byte_offset;
	bool ok = true;

	if (type == IGVM_VP_COUNT)
		ok = fill_u32(to, room, (uint32_t)machine.cpu_count);
	else if (type == IGVM_ENVIRONMENT_INFO)
		ok = fill_u32(to, room, machine.native ? 0 : IGVM_ENVIRONMENT_SHARED);
	else if (type == IGVM_MEMORY_MAP)
		ok = parameter_memory_map(to, room);
	else if (type == IGVM_MADT)
		ok = parameter_madt(to, room);
	if (!ok)
		machine_end(HUSK_EXIT_BAD_IMAGE, "%s does not fit its parameter area",
			    igvm_type_name(type));
}

static void insert_area(const struct loader_ops *ops, const struct igvm_parameter_insert *insert)
{
	struct filled_area *area = area_of(insert->area_index);

	check_fill(insert->gpa, area->size);
	for (uint64_t at = 0; at < area->size; at += PAGE_SIZE)
		ops->parameter(GPA(insert->gpa + at), area->bytes + at);
}

static void load_header(const struct loader_ops *ops, const struct igvm_header *header)
{
	switch (header->type) {
	case IGVM_GUEST_POLICY:
		ops->policy(&header->content.policy);
		break;
	case IGVM_PARAMETER_AREA:
		declare_area(&header->content.area);
		break;
	case IGVM_PAGE_DATA:
		load_page(ops, &header->content.page);
		break;
	case IGVM_PARAMETER_INSERT:
		insert_area(ops, &header->content.insert);
		break;
	case IGVM_REQUIRED_MEMORY:
		ops->required_memory(&header->content.memory);
		break;
	case IGVM_VP_CONTEXT:
		ops->context(&header->content.vp, igvm_vp_bytes(&image, &header->content.vp));
		break;
	case IGVM_SNP_ID_BLOCK:
		ops->id_block(&header->content.id_block);
		break;
	default:
		if (igvm_is_parameter(header->type))
			fill_parameter(header->type, &header->content.parameter);
	}
}

void loader_load_image(const struct loader_ops *ops)
{
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;
	struct igvm_status status;
	uint32_t mask, size;
	const uint8_t *bytes = loader_read_file(HUSK_FWCFG_IGVM, &size);

	status = igvm_open(&image, bytes, size);
	if (status.error)
		machine_end(HUSK_EXIT_BAD_IMAGE, "bad IGVM file: %s (header %u, offset 0x%lx)",
			    igvm_error_text(status.error), status.header, status.offset);
	mask = igvm_platform_mask(&image, ops->platform);
	if (!mask)
		machine_end(HUSK_EXIT_BAD_IMAGE, "the image has no %s platform",
			    ops->platform == IGVM_PLATFORM_SNP ? "SNP" : "NATIVE");
	while (igvm_next(&image, &cursor, &header)) {
		if (header.mask & mask)
			load_header(ops, &header);
	}
}

/* SPDX-License-Identifier: MIT */
/* Layout: what of the image lies where (bootabi.h). */
#include <string.h>

#include "base/types.h"
#include "image.h"

static enum tool_status add_range(struct image *image, const struct image_range *range)
{
	if (image->range_count == BOOT_MAX_RANGES) {
		complain("the image has more than %d ranges", BOOT_MAX_RANGES);
		return TOOL_INPUT;
	}
	for (uint32_t i = 0; i < image->range_count; i++) {
		const struct image_range *other = &image->ranges[i];

		if (range->gpa < other->gpa + other->size &&
		    other->gpa < range->gpa + range->size) {
			complain("ranges overlap: 0x%llx-0x%llx and 0x%llx-0x%llx",
				 (unsigned long long)other->gpa,
				 (unsigned long long)(other->gpa + other->size - 1),
				 (unsigned long long)range->gpa,
				 (unsigned long long)(range->gpa + range->size - 1));
			return TOOL_INPUT;
		}
	}
	image->ranges[image->range_count++] = *range;
	return TOOL_OK;
}

/* Shim, parameters, scratch; CPUID, secrets and input pages. */
static enum tool_status layout_head(struct image *image)
{
	uint64_t base = image->inputs->recipe.region_base;
	const struct image_range fixed[] = {
		{base, IMAGE_HEAD_SIZE, image->head, IMAGE_HEAD_SIZE, BOOT_RANGE_SHIM,
		 BOOT_RANGE_WRITE | BOOT_RANGE_EXECUTE},
		{base + BOOT_CPUID_OFFSET, PAGE_SIZE, NULL, 0, BOOT_RANGE_CPUID, 0},
		{base + BOOT_SECRETS_OFFSET, PAGE_SIZE, NULL, 0, BOOT_RANGE_SECRETS, 0},
		{base + BOOT_INPUT_OFFSET, BOOT_INPUT_SIZE, NULL, 0, BOOT_RANGE_INPUT, 0},
	};
	const struct file *shim = &image->inputs->shim;
	enum tool_status status = TOOL_OK;

	if (shim->size == 0 || shim->size > BOOT_SHIM_MAX) {
		complain("%s: the shim has %zu bytes, 1 to %d fit", shim->path, shim->size,
			 BOOT_SHIM_MAX);
		return TOOL_INPUT;
	}
	memcpy(image->head + BOOT_SHIM_OFFSET, shim->bytes, shim->size);
	for (size_t i = 0; status == TOOL_OK && i < ARRAY_SIZE(fixed); i++)
		status = add_range(image, &fixed[i]);
	return status;
}

/* Kernel segments where they are linked, the archive on the page behind them. */
static enum tool_status layout_kernel(struct image *image)
{
	const struct image_inputs *inputs = image->inputs;
	uint64_t base = inputs->recipe.region_base;
	uint64_t end = BOOT_LOAD_OFFSET;
	enum tool_status status = TOOL_OK;

	for (uint32_t i = 0; status == TOOL_OK && i < inputs->kernel.segment_count; i++) {
		const struct elf_segment *segment = &inputs->kernel.segments[i];
		const struct image_range range = {
			base + segment->offset, segment->memory_size, segment->bytes,
			segment->size,          BOOT_RANGE_KERNEL,    segment->flags,
		};

		end = segment->offset + segment->memory_size;
		status = add_range(image, &range);
	}
	if (status == TOOL_OK && inputs->archive.size != 0) {
		const struct image_range range = {
			base + end,
			ALIGN_UP(inputs->archive.size, PAGE_SIZE),
			inputs->archive.bytes,
			inputs->archive.size,
			BOOT_RANGE_ARCHIVE,
			0,
		};

		image->params.archive_offset = end;
		image->params.archive_size = inputs->archive.size;
		end += range.size;
		status = add_range(image, &range);
	}
	image->params.loaded_size = end;
	if (status == TOOL_OK && end > inputs->recipe.region_size) {
		complain("kernel and archive need 0x%llx bytes, the region has 0x%llx",
			 (unsigned long long)end, (unsigned long long)inputs->recipe.region_size);
		return TOOL_INPUT;
	}
	return status;
}

static enum tool_status layout_firmware(struct image *image)
{
	const struct recipe *recipe = &image->inputs->recipe;
	const struct firmware *firmware = &image->inputs->firmware;
	const struct image_range range = {
		firmware->base, firmware->size,      image->inputs->firmware_file.bytes,
		firmware->size, BOOT_RANGE_FIRMWARE, BOOT_RANGE_WRITE | BOOT_RANGE_EXECUTE,
	};

	if (firmware->size == 0)
		return TOOL_OK;
	if (firmware->base < recipe->region_base + recipe->region_size) {
		complain("the firmware at 0x%llx overlaps the region",
			 (unsigned long long)firmware->base);
		return TOOL_INPUT;
	}
	for (uint32_t i = 0; i < firmware->area_count; i++) {
		const struct boot_firmware_area *area = &firmware->areas[i];

		if (area->gpa < recipe->region_base + recipe->region_size &&
		    recipe->region_base < area->gpa + area->size) {
			complain("the firmware's area at 0x%llx overlaps the region",
				 (unsigned long long)area->gpa);
			return TOOL_INPUT;
		}
	}
	return add_range(image, &range);
}

static void fill_params(struct image *image)
{
	const struct image_inputs *inputs = image->inputs;
	const struct recipe *recipe = &inputs->recipe;
	struct boot_params *params = &image->params;

	params->magic = BOOT_MAGIC;
	params->version = BOOT_VERSION;
	params->region_base = recipe->region_base;
	params->region_size = recipe->region_size;
	params->kernel_entry = inputs->kernel.entry;
	params->flags = recipe->flags;
	params->console_port = recipe->console_port;
	params->guest_vmpl = recipe->guest_vmpl;
	params->guest_sev_features = recipe->guest_sev_features;
	params->log_level = recipe->log_level;
	if (inputs->firmware.size != 0)
		params->flags |= BOOT_FLAG_HAVE_FIRMWARE;
	params->firmware_base = inputs->firmware.base;
	params->firmware_size = inputs->firmware.size;
	params->firmware_area_count = inputs->firmware.area_count;
	memcpy(params->firmware_areas, inputs->firmware.areas, sizeof(params->firmware_areas));
	params->range_count = image->range_count;
	for (uint32_t i = 0; i < image->range_count; i++)
		params->ranges[i] = (struct boot_range){
			.gpa = image->ranges[i].gpa,
			.size = image->ranges[i].size,
			.kind = image->ranges[i].kind,
			.flags = image->ranges[i].flags,
		};
}

enum tool_status image_layout(struct image *image, const struct image_inputs *inputs)
{
	enum tool_status status;

	memset(image, 0, sizeof(*image));
	image->inputs = inputs;
	status = layout_head(image);
	if (status == TOOL_OK)
		status = layout_kernel(image);
	if (status == TOOL_OK)
		status = layout_firmware(image);
	if (status != TOOL_OK)
		return status;
	fill_params(image);
	memcpy(image->head + BOOT_PARAMS_OFFSET, &image->params, sizeof(image->params));
	return TOOL_OK;
}

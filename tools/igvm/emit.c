/* SPDX-License-Identifier: MIT */
/*
 * The image as IGVM headers. QEMU's loader holds back pages to merge them but launches parameter
 * pages at once (spec/igvm.md 7), so all parameters come first, then the pages in ascending
 * order, then the VMSAs: file order is launch order for every loader and measuring tool.
 */
#include <string.h>

#include "base/types.h"
#include "image.h"
#include "launch/measure.h"

#define INPUT_PAGES (BOOT_INPUT_SIZE / 0x1000)

static uint32_t all_masks(const struct recipe *recipe)
{
	return (recipe->snp ? IMAGE_MASK_SNP : 0U) | (recipe->native ? IMAGE_MASK_NATIVE : 0U);
}

static void emit_platform(struct igvm_writer *writer, uint32_t mask, uint8_t type)
{
	struct igvm_supported_platform platform = {
		.mask = mask,
		.platform_type = type,
		.platform_version = 1,
	};

	igvm_writer_add(writer, IGVM_SUPPORTED_PLATFORM, &platform, sizeof(platform), IGVM_NO_DATA);
}

static void emit_platforms(struct igvm_writer *writer, const struct recipe *recipe)
{
	struct igvm_guest_policy policy = {.policy = recipe->policy, .mask = IMAGE_MASK_SNP};

	if (recipe->snp)
		emit_platform(writer, IMAGE_MASK_SNP, IGVM_PLATFORM_SNP);
	if (recipe->native)
		emit_platform(writer, IMAGE_MASK_NATIVE, IGVM_PLATFORM_NATIVE);
	if (recipe->snp)
		igvm_writer_add(writer, IGVM_GUEST_POLICY, &policy, sizeof(policy), IGVM_NO_DATA);
}

static void emit_parameter(struct igvm_writer *writer, enum igvm_type type, uint32_t input_offset)
{
	struct igvm_parameter parameter = {
		.area_index = input_offset / (uint32_t)PAGE_SIZE,
		.byte_offset = input_offset % (uint32_t)PAGE_SIZE,
	};

	igvm_writer_add(writer, type, &parameter, sizeof(parameter), IGVM_NO_DATA);
}

/* One area per page: tools differ in how they measure larger ones (spec/igvm.md 8). */
static void emit_parameters(struct igvm_writer *writer, const struct recipe *recipe)
{
	for (uint32_t i = 0; i < INPUT_PAGES; i++) {
		struct igvm_parameter_area area = {.size = PAGE_SIZE, .index = i};

		igvm_writer_add(writer, IGVM_PARAMETER_AREA, &area, sizeof(area), IGVM_NO_DATA);
	}
	emit_parameter(writer, IGVM_VP_COUNT, BOOT_INPUT_GENERAL);
	emit_parameter(writer, IGVM_ENVIRONMENT_INFO, BOOT_INPUT_GENERAL + 4);
	emit_parameter(writer, IGVM_MEMORY_MAP, BOOT_INPUT_MEMORY_MAP);
	if (!recipe->qemu_10_2) {
		emit_parameter(writer, IGVM_MADT, BOOT_INPUT_MADT);
		emit_parameter(writer, IGVM_DEVICE_TREE, BOOT_INPUT_DEVTREE);
	}
	for (uint32_t i = 0; i < INPUT_PAGES; i++) {
		struct igvm_parameter_insert insert = {
			.gpa = recipe->region_base + BOOT_INPUT_OFFSET + i * PAGE_SIZE,
			.mask = all_masks(recipe),
			.area_index = i,
		};

		igvm_writer_add(writer, IGVM_PARAMETER_INSERT, &insert, sizeof(insert),
				IGVM_NO_DATA);
	}
}

static void emit_required(struct igvm_writer *writer, const struct recipe *recipe)
{
	struct igvm_required_memory memory = {
		.gpa = recipe->region_base,
		.mask = all_masks(recipe),
		.size = (uint32_t)recipe->region_size,
	};

	igvm_writer_add(writer, IGVM_REQUIRED_MEMORY, &memory, sizeof(memory), IGVM_NO_DATA);
}

/* The page's place in the file's data; pages of zeros need none. */
static uint32_t page_data(struct igvm_writer *writer, const struct image_range *range, uint64_t at)
{
	uint8_t page[PAGE_SIZE] = {0};
	uint64_t left = at < range->bytes_size ? range->bytes_size - at : 0;

	if (range->bytes == NULL || left == 0)
		return IGVM_NO_DATA;
	memcpy(page, range->bytes + at, left < PAGE_SIZE ? left : PAGE_SIZE);
	for (size_t i = 0; i < sizeof(page); i++)
		if (page[i] != 0)
			return igvm_writer_data(writer, page, sizeof(page));
	return IGVM_NO_DATA;
}

/* CPUID and secrets pages exist on SNP only; the guest's firmware is not started on NATIVE. */
static uint32_t range_mask(const struct recipe *recipe, uint32_t kind)
{
	switch (kind) {
	case BOOT_RANGE_CPUID:
	case BOOT_RANGE_SECRETS:
	case BOOT_RANGE_FIRMWARE:
		return all_masks(recipe) & IMAGE_MASK_SNP;
	default:
		return all_masks(recipe);
	}
}

static void emit_range(struct igvm_writer *writer, const struct recipe *recipe,
		       const struct image_range *range)
{
	struct igvm_page_data page = {
		.mask = range_mask(recipe, range->kind),
		.data_type = IGVM_DATA_NORMAL,
	};

	if (range->kind == BOOT_RANGE_CPUID)
		page.data_type = IGVM_DATA_CPUID;
	else if (range->kind == BOOT_RANGE_SECRETS)
		page.data_type = IGVM_DATA_SECRETS;
	if (range->kind == BOOT_RANGE_INPUT || page.mask == 0)
		return;
	for (uint64_t at = 0; at < range->size; at += PAGE_SIZE) {
		page.gpa = range->gpa + at;
		igvm_writer_add(writer, IGVM_PAGE_DATA, &page, sizeof(page),
				page_data(writer, range, at));
	}
}

static void emit_vmsas(struct igvm_writer *writer, const struct recipe *recipe)
{
	for (uint32_t i = 0; i < recipe->vmsa_count; i++) {
		struct igvm_vp_context vp = {
			.gpa = 0xfffffffff000, /* where QEMU and KVM want it */
			.mask = IMAGE_MASK_SNP,
			.vp_index = (uint16_t)i,
		};
		struct vmsa vmsa;

		if (i == 0)
			context_snp(&vmsa, recipe);
		else
			launch_vmsa_reset(&vmsa, recipe->sev_features, 0);
		igvm_writer_add(writer, IGVM_VP_CONTEXT, &vp, sizeof(vp),
				igvm_writer_data(writer, &vmsa, sizeof(vmsa)));
	}
}

static void emit_native(struct igvm_writer *writer, const struct recipe *recipe)
{
	struct igvm_vp_context vp = {.mask = IMAGE_MASK_NATIVE};
	struct igvm_native_context context;

	context_native(&context, recipe);
	igvm_writer_add(writer, IGVM_VP_CONTEXT, &vp, sizeof(vp),
			igvm_writer_data(writer, &context, sizeof(context)));
}

void image_emit(const struct image *image, struct igvm_writer *writer)
{
	const struct recipe *recipe = &image->inputs->recipe;

	igvm_writer_init(writer, recipe->native ? IGVM_VERSION_2 : IGVM_VERSION_1);
	emit_platforms(writer, recipe);
	emit_parameters(writer, recipe);
	emit_required(writer, recipe);
	for (uint32_t i = 0; i < image->range_count; i++)
		emit_range(writer, recipe, &image->ranges[i]);
	if (recipe->snp)
		emit_vmsas(writer, recipe);
	if (recipe->native)
		emit_native(writer, recipe);
}

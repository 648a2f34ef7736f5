/* SPDX-License-Identifier: MIT */
/* igvm dump: every header, as text or JSON. One walk, two ways to print a field. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/types.h"
#include "sevabi/vmsa.h"
#include "tool.h"

static const struct option long_options[] = {
	{"json", no_argument, NULL, 'j'},
	{NULL, 0, NULL, 0},
};

static const char usage[] = "usage: igvm dump [--json] FILE\n";

static void print_number(bool json, const char *name, uint64_t value)
{
	if (json)
		printf(", \"%s\": %" PRIu64, name, value);
	else
		printf(" %s=0x%" PRIx64, name, value);
}

static void print_text(bool json, const char *name, const char *value)
{
	printf(json ? ", \"%s\": \"%s\"" : " %s=%s", name, value);
}

static void print_bytes(bool json, const char *name, const uint8_t *bytes, size_t size)
{
	char text[2 * 72 + 1];

	hex_text(bytes, size, text);
	print_text(json, name, text);
}

static const char *platform_name(uint8_t type)
{
	static const char *const names[] = {"NATIVE", "VSM_ISOLATION", "SEV_SNP", "TDX",
					    "SEV",    "SEV_ES",        "CCA"};

	return type < ARRAY_SIZE(names) ? names[type] : "unknown";
}

static void dump_platform(bool json, const struct igvm_supported_platform *platform)
{
	print_text(json, "platform", platform_name(platform->platform_type));
	print_number(json, "highest_vtl", platform->highest_vtl);
	print_number(json, "version", platform->platform_version);
	print_number(json, "shared_gpa_boundary", platform->shared_gpa_boundary);
}

static void dump_page(bool json, const struct igvm_page_data *page)
{
	static const char *const types[] = {"NORMAL", "SECRETS", "CPUID_DATA", "CPUID_XF"};

	print_number(json, "gpa", page->gpa);
	print_text(json, "data_type", types[page->data_type]);
	print_number(json, "flags", page->flags);
	print_number(json, "file_offset", page->file_offset);
}

static void dump_vmsa(bool json, const uint8_t *bytes)
{
	struct vmsa vmsa;

	memcpy(&vmsa, bytes, sizeof(vmsa));
	print_number(json, "rip", vmsa.rip);
	print_number(json, "rax", vmsa.rax);
	print_number(json, "rsi", vmsa.rsi);
	print_number(json, "cr0", vmsa.cr0);
	print_number(json, "cr4", vmsa.cr4);
	print_number(json, "efer", vmsa.efer);
	print_number(json, "sev_features", vmsa.sev_features);
	print_number(json, "vmpl", vmsa.vmpl);
}

static void dump_native(bool json, const uint8_t *bytes)
{
	struct igvm_native_context context;

	memcpy(&context, bytes, sizeof(context));
	print_number(json, "rip", context.rip);
	print_number(json, "rax", context.rax);
	print_number(json, "rsi", context.rsi);
	print_number(json, "cr0", context.cr0);
	print_number(json, "cr4", context.cr4);
	print_number(json, "efer", context.efer);
}

static void dump_vp(bool json, const struct igvm_file *igvm, const struct igvm_vp_context *vp)
{
	print_number(json, "gpa", vp->gpa);
	print_number(json, "vp_index", vp->vp_index);
	print_number(json, "file_offset", vp->file_offset);
	if (vp->mask == igvm_platform_mask(igvm, IGVM_PLATFORM_SNP))
		dump_vmsa(json, igvm_vp_bytes(igvm, vp));
	else if (vp->mask == igvm_platform_mask(igvm, IGVM_PLATFORM_NATIVE))
		dump_native(json, igvm_vp_bytes(igvm, vp));
}

static void dump_id_block(bool json, const struct igvm_snp_id_block *block)
{
	print_number(json, "author_key_enabled", block->author_key_enabled);
	print_bytes(json, "launch_digest", block->launch_digest, sizeof(block->launch_digest));
	print_bytes(json, "family_id", block->family_id, sizeof(block->family_id));
	print_bytes(json, "image_id", block->image_id, sizeof(block->image_id));
	print_number(json, "version", block->version);
	print_number(json, "guest_svn", block->guest_svn);
	print_number(json, "id_key_algorithm", block->id_key_algorithm);
	print_number(json, "author_key_algorithm", block->author_key_algorithm);
	print_number(json, "id_key_curve", block->id_key.curve);
	print_bytes(json, "id_key_qx", block->id_key.qx, sizeof(block->id_key.qx));
	print_bytes(json, "id_key_qy", block->id_key.qy, sizeof(block->id_key.qy));
	print_bytes(json, "signature_r", block->id_key_signature.r, SNP_ECDSA_NUMBER_SIZE);
	print_bytes(json, "signature_s", block->id_key_signature.s, SNP_ECDSA_NUMBER_SIZE);
}

static void dump_memory(bool json, const struct igvm_required_memory *memory)
{
	print_number(json, "gpa", memory->gpa);
	print_number(json, "size", memory->size);
	print_number(json, "flags", memory->flags);
}

static void dump_area(bool json, const struct igvm_parameter_area *area)
{
	print_number(json, "area", area->index);
	print_number(json, "size", area->size);
	print_number(json, "file_offset", area->file_offset);
}

static void dump_parameter(bool json, const struct igvm_parameter *parameter)
{
	print_number(json, "area", parameter->area_index);
	print_number(json, "byte_offset", parameter->byte_offset);
}

static void dump_content(bool json, const struct igvm_file *igvm, const struct igvm_header *header)
{
	switch (header->type) {
	case IGVM_SUPPORTED_PLATFORM:
		dump_platform(json, &header->content.platform);
		break;
	case IGVM_GUEST_POLICY:
		print_number(json, "policy", header->content.policy.policy);
		break;
	case IGVM_PARAMETER_AREA:
		dump_area(json, &header->content.area);
		break;
	case IGVM_PAGE_DATA:
		dump_page(json, &header->content.page);
		break;
	case IGVM_PARAMETER_INSERT:
		print_number(json, "gpa", header->content.insert.gpa);
		print_number(json, "area", header->content.insert.area_index);
		break;
	case IGVM_VP_CONTEXT:
		dump_vp(json, igvm, &header->content.vp);
		break;
	case IGVM_REQUIRED_MEMORY:
		dump_memory(json, &header->content.memory);
		break;
	case IGVM_ERROR_RANGE:
		print_number(json, "gpa", header->content.error_range.gpa);
		print_number(json, "size", header->content.error_range.size);
		break;
	case IGVM_SNP_ID_BLOCK:
		dump_id_block(json, &header->content.id_block);
		break;
	default:
		if (igvm_is_parameter(header->type))
			dump_parameter(json, &header->content.parameter);
		break;
	}
}

static void dump_header(bool json, const struct igvm_file *igvm, const struct igvm_header *header)
{
	if (json)
		printf("%s\n    { \"index\": %u, \"type\": \"%s\"", header->index > 0 ? "," : "",
		       header->index, igvm_type_name(header->type));
	else
		printf("%5u  0x%06x  %-18s", header->index, header->offset,
		       igvm_type_name(header->type));
	if (header->mask != IGVM_MASK_ALL)
		print_number(json, "mask", header->mask);
	dump_content(json, igvm, header);
	fputs(json ? " }" : "\n", stdout);
}

static void dump(bool json, const struct igvm_file *igvm)
{
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;

	if (json)
		printf("{\n  \"format_version\": %u,\n  \"file_size\": %" PRIu64
		       ",\n  \"headers\": [",
		       igvm->version, igvm->size);
	else
		printf("format version %u, %" PRIu64 " bytes, %u headers\n", igvm->version,
		       igvm->size, igvm->header_count);
	while (igvm_next(igvm, &cursor, &header))
		dump_header(json, igvm, &header);
	if (json)
		puts("\n  ]\n}");
}

int command_dump(int argc, char **argv)
{
	enum tool_status status;
	struct igvm_file igvm;
	struct file file;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option != 'j') {
			fputs(usage, stderr);
			return TOOL_USAGE;
		}
		json = true;
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return TOOL_USAGE;
	}
	status = igvm_load(&file, &igvm, argv[optind]);
	if (status != TOOL_OK)
		return (int)status;
	dump(json, &igvm);
	file_free(&file);
	return TOOL_OK;
}

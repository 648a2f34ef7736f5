/* SPDX-License-Identifier: MIT */
/* Names and sizes of the header types, one table. */
#include "igvm_internal.h"

const struct igvm_type_info igvm_types[] = {
	{IGVM_SUPPORTED_PLATFORM, 16, IGVM_SECTION_PLATFORM, 0, "SUPPORTED_PLATFORM"},
	{IGVM_GUEST_POLICY, 16, IGVM_SECTION_INITIALIZATION, 8, "GUEST_POLICY"},
	{IGVM_RELOCATABLE_REGION, 48, IGVM_SECTION_INITIALIZATION, 0, "RELOCATABLE_REGION"},
	{IGVM_PAGE_TABLE_RELOCATION, 32, IGVM_SECTION_INITIALIZATION, 0,
	 "PAGE_TABLE_RELOCATION_REGION"},
	{IGVM_CORIM_DOCUMENT, 16, IGVM_SECTION_INITIALIZATION, 0, "CORIM_DOCUMENT"},
	{IGVM_CORIM_SIGNATURE, 16, IGVM_SECTION_INITIALIZATION, 0, "CORIM_SIGNATURE"},
	{IGVM_CCA_POLICY, 32, IGVM_SECTION_INITIALIZATION, IGVM_NO_MASK, "CCA_POLICY"},
	{IGVM_PARAMETER_AREA, 16, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "PARAMETER_AREA"},
	{IGVM_PAGE_DATA, 24, IGVM_SECTION_DIRECTIVE, 8, "PAGE_DATA"},
	{IGVM_PARAMETER_INSERT, 16, IGVM_SECTION_DIRECTIVE, 8, "PARAMETER_INSERT"},
	{IGVM_VP_CONTEXT, 20, IGVM_SECTION_DIRECTIVE, 8, "VP_CONTEXT"},
	{IGVM_REQUIRED_MEMORY, 24, IGVM_SECTION_DIRECTIVE, 8, "REQUIRED_MEMORY"},
	{IGVM_VP_COUNT, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "VP_COUNT_PARAMETER"},
	{IGVM_SRAT, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "SRAT"},
	{IGVM_MADT, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "MADT"},
	{IGVM_MMIO_RANGES, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "MMIO_RANGES"},
	{IGVM_SNP_ID_BLOCK, 696, IGVM_SECTION_DIRECTIVE, 0, "SNP_ID_BLOCK"},
	{IGVM_MEMORY_MAP, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "MEMORY_MAP"},
	{IGVM_ERROR_RANGE, 16, IGVM_SECTION_DIRECTIVE, 8, "ERROR_RANGE"},
	{IGVM_COMMAND_LINE, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "COMMAND_LINE"},
	{IGVM_SLIT, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "SLIT"},
	{IGVM_PPTT, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "PPTT"},
	{IGVM_VBS_MEASUREMENT, 864, IGVM_SECTION_DIRECTIVE, 0, "VBS_MEASUREMENT"},
	{IGVM_DEVICE_TREE, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "DEVICE_TREE"},
	{IGVM_ENVIRONMENT_INFO, 8, IGVM_SECTION_DIRECTIVE, IGVM_NO_MASK, "ENVIRONMENT_INFO"},
};

const struct igvm_type_info *igvm_type_info(uint32_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(igvm_types); i++)
		if (igvm_types[i].type == type)
			return &igvm_types[i];
	return NULL;
}

enum igvm_section igvm_section_of(uint32_t type)
{
	if (type >= 0x001 && type <= 0x100)
		return IGVM_SECTION_PLATFORM;
	if (type >= 0x101 && type <= 0x200)
		return IGVM_SECTION_INITIALIZATION;
	return IGVM_SECTION_DIRECTIVE;
}

const char *igvm_type_name(uint32_t type)
{
	const struct igvm_type_info *info = igvm_type_info(type);

	return info != NULL ? info->name : "unknown";
}

bool igvm_is_parameter(uint32_t type)
{
	const struct igvm_type_info *info = igvm_type_info(type);

	return info != NULL && info->size == sizeof(struct igvm_parameter);
}

const char *igvm_error_text(enum igvm_error error)
{
	switch (error) {
	case IGVM_OK:
		return "no error";
	case IGVM_ERR_TRUNCATED:
		return "headers reach behind the end of the file";
	case IGVM_ERR_MAGIC:
		return "not an IGVM file (magic)";
	case IGVM_ERR_VERSION:
		return "format version is neither 1 nor 2";
	case IGVM_ERR_MACHINE:
		return "architecture is not x64 with 4096-byte pages";
	case IGVM_ERR_FILE_SIZE:
		return "total_file_size differs from the file's size";
	case IGVM_ERR_CHECKSUM:
		return "checksum does not match";
	case IGVM_ERR_LENGTH:
		return "content length does not fit the header's type";
	case IGVM_ERR_ORDER:
		return "header comes at a wrong place in the order";
	case IGVM_ERR_TYPE:
		return "unknown header type that is not optional";
	case IGVM_ERR_MASK:
		return "compatibility mask names no declared platform";
	case IGVM_ERR_PLATFORM:
		return "malformed or repeated SUPPORTED_PLATFORM";
	case IGVM_ERR_ALIGNMENT:
		return "address or size is not page aligned";
	case IGVM_ERR_RANGE:
		return "address range exceeds 52 bits";
	case IGVM_ERR_DATA:
		return "file data lies outside the file";
	case IGVM_ERR_RESERVED:
		return "reserved field or undefined flag is set";
	case IGVM_ERR_AREA:
		return "parameter area unknown, repeated or too small";
	case IGVM_ERR_LIMIT:
		return "too many parameter areas or platforms";
	}
	return "unknown error";
}

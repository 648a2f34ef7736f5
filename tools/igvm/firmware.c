/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/types.h"
#include "firmware.h"
#include "sevabi/guid.h"

#define FIRMWARE_MAX GIB(1)
#define FOOTER_END   32 /* the table ends so many bytes before the image's end */

/* Behind each table entry: its length, all included, and its GUID. */
struct table_trailer {
	uint16_t length;
	struct guid guid;
} PACKED;
LAYOUT_SIZE(struct table_trailer, 18);

struct metadata_header {
	char signature[4];
	uint32_t length;
	uint32_t version;
	uint32_t count;
};
LAYOUT_SIZE(struct metadata_header, 16);

struct metadata_entry {
	uint32_t base;
	uint32_t size;
	uint32_t type;
};
LAYOUT_SIZE(struct metadata_entry, 12);

static const struct guid footer_guid = GUID_EFI(0x96b582de, 0x1fb2, 0x45f7, 0xbaea, 0xa366c55a082d);
static const struct guid sev_guid = GUID_EFI(0xdc886566, 0x984a, 0x4798, 0xa75e, 0x5585a7bf67cc);
static const struct guid igvm_guid = GUID_EFI(0x784fa70e, 0x3176, 0x4677, 0x8a20, 0x04b68699e374);

static enum tool_status refuse(const struct file *file, const char *reason)
{
	complain("%s: %s", file->path, reason);
	return TOOL_INPUT;
}

static bool same_guid(const struct guid *a, const struct guid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* The bounds in the file of the GUIDed table's body, which is read backwards. */
static bool find_table(const struct file *file, size_t *start, size_t *end)
{
	struct table_trailer trailer;
	size_t at;

	if (file->size < FOOTER_END + sizeof(trailer))
		return false;
	at = file->size - FOOTER_END;
	memcpy(&trailer, file->bytes + at - sizeof(trailer), sizeof(trailer));
	if (!same_guid(&trailer.guid, &footer_guid) || trailer.length < sizeof(trailer) ||
	    trailer.length > at)
		return false;
	*start = at - trailer.length;
	*end = at - sizeof(trailer);
	return true;
}

/* The u32 "offset from the image's end" in the body of a table entry; false: no such entry. */
static bool find_offset(const struct file *file, const struct guid *guid, uint32_t *offset)
{
	struct table_trailer trailer;
	size_t start, end;

	if (!find_table(file, &start, &end))
		return false;
	while (end - start >= sizeof(trailer)) {
		memcpy(&trailer, file->bytes + end - sizeof(trailer), sizeof(trailer));
		if (trailer.length < sizeof(trailer) || trailer.length > end - start)
			return false;
		if (same_guid(&trailer.guid, guid) &&
		    trailer.length >= sizeof(trailer) + sizeof(*offset)) {
			memcpy(offset, file->bytes + end - trailer.length, sizeof(*offset));
			return true;
		}
		end -= trailer.length;
	}
	return false;
}

static struct boot_firmware_area *find_area(struct firmware *firmware, uint32_t kind)
{
	for (uint32_t i = 0; i < firmware->area_count; i++)
		if (firmware->areas[i].kind == kind)
			return &firmware->areas[i];
	return NULL;
}

/* Memory map and vCPU count lie inside the parameter area, which must come before them. */
static enum tool_status add_inner(const struct file *file, struct firmware *firmware,
				  const struct metadata_entry *entry)
{
	const struct boot_firmware_area *outer = find_area(firmware, BOOT_FIRMWARE_PARAM_AREA);

	if (outer == NULL || entry->base > outer->size || entry->size > outer->size - entry->base)
		return refuse(file, "IGVM metadata: value lies outside the parameter area");
	firmware->areas[firmware->area_count++] = (struct boot_firmware_area){
		.gpa = outer->gpa + entry->base,
		.size = entry->size,
		.kind = entry->type,
	};
	return TOOL_OK;
}

static enum tool_status add_area(const struct file *file, struct firmware *firmware,
				 const struct metadata_entry *entry)
{
	uint64_t end = (uint64_t)entry->base + entry->size;

	if (entry->size == 0)
		return TOOL_OK;
	if (firmware->area_count == BOOT_MAX_FIRMWARE_AREAS)
		return refuse(file, "metadata: too many areas");
	if (entry->type == BOOT_FIRMWARE_MEMORY_MAP || entry->type == BOOT_FIRMWARE_VP_COUNT)
		return add_inner(file, firmware, entry);
	if (!IS_ALIGNED(entry->base, (uint32_t)PAGE_SIZE) ||
	    !IS_ALIGNED(entry->size, (uint32_t)PAGE_SIZE) || end > firmware->base)
		return refuse(file, "metadata: area is not page aligned below the firmware");
	/* The IGVM areas are parts of memory that the SEV metadata has named already. */
	for (uint32_t i = 0; entry->type < BOOT_FIRMWARE_PARAM_AREA && i < firmware->area_count;
	     i++)
		if (firmware->areas[i].gpa < end &&
		    entry->base < firmware->areas[i].gpa + firmware->areas[i].size)
			return refuse(file, "metadata: areas overlap");
	firmware->areas[firmware->area_count++] = (struct boot_firmware_area){
		.gpa = entry->base,
		.size = entry->size,
		.kind = entry->type,
	};
	return TOOL_OK;
}

static enum tool_status add_areas(const struct file *file, struct firmware *firmware,
				  const char *signature, uint32_t offset)
{
	struct metadata_header header;
	size_t at;

	if (offset > file->size || offset < sizeof(header))
		return refuse(file, "metadata lies outside the image");
	at = file->size - offset;
	memcpy(&header, file->bytes + at, sizeof(header));
	at += sizeof(header);
	if (memcmp(header.signature, signature, sizeof(header.signature)) != 0)
		return refuse(file, "metadata has a wrong signature");
	if (header.version != 1)
		return refuse(file, "metadata has an unknown version");
	if (header.count > (file->size - at) / sizeof(struct metadata_entry))
		return refuse(file, "metadata is truncated");
	for (uint32_t i = 0; i < header.count; i++) {
		struct metadata_entry entry;
		enum tool_status status;

		memcpy(&entry, file->bytes + at + i * sizeof(entry), sizeof(entry));
		status = add_area(file, firmware, &entry);
		if (status != TOOL_OK)
			return status;
	}
	return TOOL_OK;
}

enum tool_status firmware_parse(const struct file *file, struct firmware *firmware)
{
	static const uint32_t needed[] = {BOOT_FIRMWARE_SECRETS, BOOT_FIRMWARE_CPUID,
					  BOOT_FIRMWARE_CAA};
	enum tool_status status;
	uint32_t offset;

	memset(firmware, 0, sizeof(*firmware));
	if (file->size == 0 || file->size > FIRMWARE_MAX || !IS_ALIGNED(file->size, PAGE_SIZE))
		return refuse(file, "firmware is empty, larger than 1 GiB or not whole pages");
	firmware->size = file->size;
	firmware->base = GIB(4) - file->size;
	if (!find_offset(file, &sev_guid, &offset))
		return refuse(file, "firmware has no SEV metadata");
	status = add_areas(file, firmware, "ASEV", offset);
	if (status == TOOL_OK && find_offset(file, &igvm_guid, &offset))
		status = add_areas(file, firmware, "IGVM", offset);
	if (status != TOOL_OK)
		return status;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (find_area(firmware, needed[i]) == NULL)
			return refuse(file, "SEV metadata lacks secrets page, CPUID page or "
					    "calling area (this firmware can't run below an SVSM)");
	return TOOL_OK;
}

/* SPDX-License-Identifier: MIT */
/* Framing of IGVM files: fixed header, checksum, the walk over the variable headers. */
#include <string.h>

#include "igvm/crc32.h"
#include "igvm_internal.h"

static struct igvm_status status(enum igvm_error error, uint32_t header, uint64_t offset)
{
	return (struct igvm_status){.error = error, .header = header, .offset = offset};
}

/* The CRC covers the fixed header, its checksum field as 0, and the variable headers. */
static uint32_t checksum_of(const struct igvm_file *file, const struct igvm_fixed_header *fixed,
			    uint32_t fixed_size)
{
	struct igvm_fixed_header copy = *fixed;
	uint32_t crc;

	copy.checksum = 0;
	crc = crc32_update(CRC32_INIT, &copy, fixed_size);
	crc = crc32_update(crc, file->bytes + file->headers_at,
			   file->headers_end - file->headers_at);
	return ~crc;
}

static struct igvm_status open_version(struct igvm_file *file, struct igvm_fixed_header *fixed,
				       uint32_t *fixed_size)
{
	if (file->size < IGVM_FIXED_SIZE_V1)
		return status(IGVM_ERR_TRUNCATED, IGVM_NO_HEADER, file->size);
	memcpy(fixed, file->bytes, IGVM_FIXED_SIZE_V1);
	if (fixed->magic != IGVM_MAGIC)
		return status(IGVM_ERR_MAGIC, IGVM_NO_HEADER, 0);
	if (fixed->version != IGVM_VERSION_1 && fixed->version != IGVM_VERSION_2)
		return status(IGVM_ERR_VERSION, IGVM_NO_HEADER, 4);

	*fixed_size = IGVM_FIXED_SIZE_V1;
	if (fixed->version == IGVM_VERSION_2) {
		if (file->size < IGVM_FIXED_SIZE_V2)
			return status(IGVM_ERR_TRUNCATED, IGVM_NO_HEADER, file->size);
		memcpy(fixed, file->bytes, IGVM_FIXED_SIZE_V2);
		*fixed_size = IGVM_FIXED_SIZE_V2;
		if (fixed->architecture != IGVM_ARCH_X64 || fixed->page_size != IGVM_PAGE_SIZE)
			return status(IGVM_ERR_MACHINE, IGVM_NO_HEADER, 0x18);
	}
	file->version = fixed->version;
	return status(IGVM_OK, IGVM_NO_HEADER, 0);
}

static struct igvm_status open_fixed(struct igvm_file *file)
{
	struct igvm_fixed_header fixed;
	uint32_t fixed_size;
	struct igvm_status result = open_version(file, &fixed, &fixed_size);

	if (result.error != IGVM_OK)
		return result;
	if (fixed.total_size != file->size)
		return status(IGVM_ERR_FILE_SIZE, IGVM_NO_HEADER, 0x10);
	if (fixed.headers_offset < fixed_size || !IS_ALIGNED(fixed.headers_offset, 8U))
		return status(IGVM_ERR_TRUNCATED, IGVM_NO_HEADER, 8);
	if (fixed.headers_offset > file->size ||
	    fixed.headers_size > file->size - fixed.headers_offset)
		return status(IGVM_ERR_TRUNCATED, IGVM_NO_HEADER, 0xc);

	file->headers_at = fixed.headers_offset;
	file->headers_end = fixed.headers_offset + fixed.headers_size;
	if (checksum_of(file, &fixed, fixed_size) != fixed.checksum)
		return status(IGVM_ERR_CHECKSUM, IGVM_NO_HEADER, 0x14);
	return status(IGVM_OK, IGVM_NO_HEADER, 0);
}

static uint32_t read_mask(const struct igvm_type_info *info, const uint8_t *content)
{
	uint32_t mask;

	if (info == NULL || info->mask_at == IGVM_NO_MASK)
		return IGVM_MASK_ALL;
	memcpy(&mask, content + info->mask_at, sizeof(mask));
	return mask;
}

enum igvm_error igvm_read_header(const struct igvm_file *file, struct igvm_cursor *cursor,
				 struct igvm_header *header)
{
	uint32_t left = file->headers_end - cursor->offset;
	struct igvm_variable_header frame;
	const struct igvm_type_info *info;
	const uint8_t *content;
	uint32_t padded;

	if (left < sizeof(frame))
		return IGVM_ERR_TRUNCATED;
	memcpy(&frame, file->bytes + cursor->offset, sizeof(frame));
	left -= (uint32_t)sizeof(frame);
	if (frame.length > left)
		return IGVM_ERR_TRUNCATED;

	content = file->bytes + cursor->offset + sizeof(frame);
	header->index = cursor->index;
	header->type = frame.type & ~IGVM_TYPE_OPTIONAL;
	header->optional = (frame.type & IGVM_TYPE_OPTIONAL) != 0;
	header->offset = cursor->offset;
	header->length = frame.length;
	info = igvm_type_info(header->type);
	if (info == NULL && !header->optional)
		return IGVM_ERR_TYPE;
	if (info != NULL && frame.length != info->size)
		return IGVM_ERR_LENGTH;
	header->mask = read_mask(info, content);
	if (info != NULL && info->size <= sizeof(header->content))
		memcpy(&header->content, content, info->size);

	/* The last header's padding may be left out. */
	padded = left - frame.length < 7 ? left : ALIGN_UP(frame.length, 8U);
	cursor->offset += (uint32_t)sizeof(frame) + padded;
	cursor->index++;
	return IGVM_OK;
}

static enum igvm_error check_place(const struct igvm_file *file, enum igvm_section *section,
				   const struct igvm_header *header)
{
	enum igvm_section own = igvm_section_of(header->type);

	if (own < *section)
		return IGVM_ERR_ORDER;
	*section = own;
	if (header->type == IGVM_SUPPORTED_PLATFORM || header->mask == IGVM_MASK_ALL)
		return IGVM_OK;
	if (header->mask == 0 || (header->mask & ~file->masks) != 0)
		return IGVM_ERR_MASK;
	return IGVM_OK;
}

struct igvm_status igvm_open(struct igvm_file *file, const void *bytes, uint64_t size)
{
	enum igvm_section section = IGVM_SECTION_PLATFORM;
	struct igvm_cursor cursor;
	struct igvm_header header;
	struct igvm_status result;

	memset(file, 0, sizeof(*file));
	file->bytes = bytes;
	file->size = size;
	result = open_fixed(file);
	if (result.error != IGVM_OK)
		return result;

	cursor = (struct igvm_cursor){.index = 0, .offset = file->headers_at};
	while (cursor.offset < file->headers_end) {
		struct igvm_status at = status(IGVM_OK, cursor.index, cursor.offset);

		at.error = igvm_read_header(file, &cursor, &header);
		if (at.error == IGVM_OK)
			at.error = check_place(file, &section, &header);
		if (at.error == IGVM_OK)
			at.error = igvm_check_header(file, &header);
		if (at.error != IGVM_OK)
			return at;
	}
	file->header_count = cursor.index;
	return status(IGVM_OK, IGVM_NO_HEADER, 0);
}

struct igvm_cursor igvm_begin(void)
{
	return (struct igvm_cursor){.index = 0, .offset = 0};
}

bool igvm_next(const struct igvm_file *file, struct igvm_cursor *cursor, struct igvm_header *header)
{
	if (cursor->offset < file->headers_at)
		cursor->offset = file->headers_at;
	while (cursor->offset < file->headers_end) {
		if (igvm_read_header(file, cursor, header) != IGVM_OK)
			return false; /* not in a file that igvm_open() accepted */
		if (igvm_type_info(header->type) != NULL)
			return true;
	}
	return false;
}

uint32_t igvm_platform_mask(const struct igvm_file *file, enum igvm_platform_type type)
{
	for (uint32_t i = 0; i < file->platform_count; i++)
		if (file->platforms[i].platform_type == type)
			return file->platforms[i].mask;
	return 0;
}

const uint8_t *igvm_page_bytes(const struct igvm_file *file, const struct igvm_page_data *page)
{
	return page->file_offset != 0 ? file->bytes + page->file_offset : NULL;
}

const uint8_t *igvm_vp_bytes(const struct igvm_file *file, const struct igvm_vp_context *vp)
{
	return file->bytes + vp->file_offset;
}

const struct igvm_area *igvm_area(const struct igvm_file *file, uint32_t index)
{
	for (uint32_t i = 0; i < file->area_count; i++)
		if (file->areas[i].index == index)
			return &file->areas[i];
	return NULL;
}

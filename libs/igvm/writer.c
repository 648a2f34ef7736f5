/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "igvm/crc32.h"
#include "igvm/writer.h"

/* PAGE_DATA, PARAMETER_AREA and VP_CONTEXT all have their file_offset here. */
#define FILE_OFFSET_AT 12

static void append(struct igvm_buffer *buffer, const void *bytes, size_t size)
{
	if (buffer->failed)
		return;
	if (size > UINT32_MAX - buffer->size) {
		buffer->failed = true;
		return;
	}
	if (buffer->size + size > buffer->capacity) {
		size_t capacity = (buffer->size + size) * 2;
		uint8_t *grown = realloc(buffer->bytes, capacity);

		if (grown == NULL) {
			buffer->failed = true;
			return;
		}
		buffer->bytes = grown;
		buffer->capacity = capacity;
	}
	if (bytes != NULL)
		memcpy(buffer->bytes + buffer->size, bytes, size);
	else
		memset(buffer->bytes + buffer->size, 0, size);
	buffer->size += size;
}

static bool has_data(uint32_t type)
{
	return type == IGVM_PAGE_DATA || type == IGVM_PARAMETER_AREA || type == IGVM_VP_CONTEXT;
}

void igvm_writer_init(struct igvm_writer *writer, uint32_t version)
{
	memset(writer, 0, sizeof(*writer));
	writer->version = version;
}

uint32_t igvm_writer_data(struct igvm_writer *writer, const void *bytes, size_t size)
{
	uint32_t place = (uint32_t)writer->data.size;

	append(&writer->data, bytes, size);
	return place;
}

void igvm_writer_add(struct igvm_writer *writer, enum igvm_type type, const void *content,
		     size_t length, uint32_t data)
{
	struct igvm_variable_header frame = {.type = type, .length = (uint32_t)length};
	struct igvm_buffer *headers = &writer->headers;
	size_t at = headers->size + sizeof(frame);

	append(headers, &frame, sizeof(frame));
	append(headers, content, length);
	append(headers, NULL, ALIGN_UP(length, (size_t)8) - length);
	if (has_data(type) && !headers->failed)
		memcpy(headers->bytes + at + FILE_OFFSET_AT, &data, sizeof(data));
}

static void copy_header(struct igvm_writer *writer, const struct igvm_file *file,
			const struct igvm_header *header, uint32_t data_base)
{
	const uint8_t *content = file->bytes + header->offset + sizeof(struct igvm_variable_header);
	uint32_t data = IGVM_NO_DATA;

	if (has_data(header->type)) {
		uint32_t offset;

		memcpy(&offset, content + FILE_OFFSET_AT, sizeof(offset));
		if (offset != 0)
			data = data_base + (offset - file->headers_end);
	}
	igvm_writer_add(writer, (enum igvm_type)header->type, content, header->length, data);
}

void igvm_writer_copy(struct igvm_writer *writer, const struct igvm_file *file,
		      enum igvm_type without)
{
	uint32_t data_base = igvm_writer_data(writer, file->bytes + file->headers_end,
					      file->size - file->headers_end);
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;

	while (igvm_next(file, &cursor, &header))
		if (header.type != (uint32_t)without)
			copy_header(writer, file, &header, data_base);
}

/* Turns places in the data into offsets in the file. */
static void place_data(struct igvm_buffer *file, uint32_t headers_at, uint32_t data_at)
{
	size_t at = headers_at;

	while (at < data_at) {
		struct igvm_variable_header frame;
		uint32_t data;

		memcpy(&frame, file->bytes + at, sizeof(frame));
		at += sizeof(frame);
		if (has_data(frame.type)) {
			memcpy(&data, file->bytes + at + FILE_OFFSET_AT, sizeof(data));
			data = data == IGVM_NO_DATA ? 0 : data_at + data;
			memcpy(file->bytes + at + FILE_OFFSET_AT, &data, sizeof(data));
		}
		at += ALIGN_UP(frame.length, 8U);
	}
}

bool igvm_writer_finish(const struct igvm_writer *writer, struct igvm_buffer *file)
{
	uint32_t fixed_size =
		writer->version == IGVM_VERSION_1 ? IGVM_FIXED_SIZE_V1 : IGVM_FIXED_SIZE_V2;
	struct igvm_fixed_header fixed = {
		.magic = IGVM_MAGIC,
		.version = writer->version,
		.headers_offset = fixed_size,
		.headers_size = (uint32_t)writer->headers.size,
		.architecture = IGVM_ARCH_X64,
		.page_size = IGVM_PAGE_SIZE,
	};
	uint32_t crc;

	memset(file, 0, sizeof(*file));
	file->failed = writer->headers.failed || writer->data.failed;
	append(file, &fixed, fixed_size);
	append(file, writer->headers.bytes, writer->headers.size);
	append(file, writer->data.bytes, writer->data.size);
	if (file->failed) {
		igvm_buffer_free(file);
		return false;
	}

	place_data(file, fixed_size, fixed_size + fixed.headers_size);
	fixed.total_size = (uint32_t)file->size;
	crc = crc32_update(CRC32_INIT, &fixed, fixed_size);
	fixed.checksum = ~crc32_update(crc, file->bytes + fixed_size, fixed.headers_size);
	memcpy(file->bytes, &fixed, fixed_size);
	return true;
}

void igvm_writer_free(struct igvm_writer *writer)
{
	igvm_buffer_free(&writer->headers);
	igvm_buffer_free(&writer->data);
}

void igvm_buffer_free(struct igvm_buffer *buffer)
{
	free(buffer->bytes);
	memset(buffer, 0, sizeof(*buffer));
}

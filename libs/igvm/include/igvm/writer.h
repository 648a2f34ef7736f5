/* SPDX-License-Identifier: MIT */
/*
 * Writer of IGVM files, for programs of the build host. Add headers in the format's order, then
 * finish. Errors stick: igvm_writer_finish() reports the first one.
 */
#ifndef IGVM_WRITER_H
#define IGVM_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "igvm/defs.h"
#include "igvm/reader.h"

struct igvm_buffer {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
	bool failed; /* out of memory, or larger than the format's 32 bits */
};

struct igvm_writer {
	uint32_t version;
	struct igvm_buffer headers; /* file offsets are still relative to the data */
	struct igvm_buffer data;
};

/* Data of a header is named by its place; IGVM_NO_DATA stands for zeros. */
#define IGVM_NO_DATA UINT32_MAX

/* Starts a file of a format version (IGVM_VERSION_1 or IGVM_VERSION_2). */
void igvm_writer_init(struct igvm_writer *writer, uint32_t version);

/* Appends file data; the result is what igvm_writer_add() takes. */
uint32_t igvm_writer_data(struct igvm_writer *writer, const void *bytes, size_t size);

/*
 * Appends a header. For PAGE_DATA, PARAMETER_AREA and VP_CONTEXT `data` says where their bytes are
 * and replaces their file_offset; other types ignore it.
 */
void igvm_writer_add(struct igvm_writer *writer, enum igvm_type type, const void *content,
		     size_t length, uint32_t data);

/* Appends all headers but those of type `without`, and all data, of a file that was read. */
void igvm_writer_copy(struct igvm_writer *writer, const struct igvm_file *file,
		      enum igvm_type without);

/* The finished file in *file, which the caller frees (igvm_buffer_free). False: out of memory or
 * too large. */
MUST_CHECK bool igvm_writer_finish(const struct igvm_writer *writer, struct igvm_buffer *file);

/* Gives the writer's memory back. */
void igvm_writer_free(struct igvm_writer *writer);

/* Gives a buffer's memory back and empties it. */
void igvm_buffer_free(struct igvm_buffer *buffer);

#endif

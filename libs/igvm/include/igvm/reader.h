/* SPDX-License-Identifier: MIT */
/*
 * Reader of IGVM files: freestanding, never allocates, total (any bytes give a result or an
 * error that names header and offset). igvm_open() checks the whole file once; after that,
 * iterating and looking at data cannot fail. The bytes must not change meanwhile: whoever
 * reads from shared memory copies first.
 */
#ifndef IGVM_READER_H
#define IGVM_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "igvm/defs.h"

#define IGVM_MAX_AREAS     32
#define IGVM_MAX_PLATFORMS 32
#define IGVM_MAX_AREA_SIZE 0x1000000ULL
#define IGVM_NO_HEADER     0xffffffffU /* the error is in the fixed header */
#define IGVM_MASK_ALL      0xffffffffU /* headers without a mask: for every platform */

enum igvm_error {
	IGVM_OK = 0,
	IGVM_ERR_TRUNCATED, /* fixed header or variable headers reach behind the file's end */
	IGVM_ERR_MAGIC,
	IGVM_ERR_VERSION,   /* format version is neither 1 nor 2 */
	IGVM_ERR_MACHINE,   /* not x64 with pages of 4096 bytes */
	IGVM_ERR_FILE_SIZE, /* total_file_size is not the file's size */
	IGVM_ERR_CHECKSUM,
	IGVM_ERR_LENGTH,    /* content length does not fit the header's type */
	IGVM_ERR_ORDER,     /* a section returns, or a parameter comes outside its area's life */
	IGVM_ERR_TYPE,      /* unknown and not optional */
	IGVM_ERR_MASK,      /* empty, or names a platform that was not declared */
	IGVM_ERR_PLATFORM,  /* SUPPORTED_PLATFORM is malformed or repeats a mask */
	IGVM_ERR_ALIGNMENT, /* a GPA or size is not aligned as it must be */
	IGVM_ERR_RANGE,     /* a GPA range wraps or exceeds 52 bits */
	IGVM_ERR_DATA,      /* file data lies outside the file */
	IGVM_ERR_RESERVED,  /* reserved field or undefined flag is set */
	IGVM_ERR_AREA,      /* parameter area unknown, repeated, or too small for the value */
	IGVM_ERR_LIMIT,     /* more areas or platforms than this reader keeps */
};

struct igvm_status {
	enum igvm_error error;
	uint32_t header; /* index of the variable header, or IGVM_NO_HEADER */
	uint64_t offset; /* in the file, of the header or field at fault */
};

struct igvm_area {
	uint32_t index; /* the file's own number */
	uint32_t file_offset;
	uint64_t size;
	bool inserted;
};

struct igvm_file {
	const uint8_t *bytes;
	uint64_t size;
	uint32_t version;
	uint32_t headers_at;
	uint32_t headers_end;
	uint32_t header_count;
	uint32_t platform_count;
	uint32_t area_count;
	uint32_t masks; /* of all declared platforms */
	struct igvm_supported_platform platforms[IGVM_MAX_PLATFORMS];
	struct igvm_area areas[IGVM_MAX_AREAS];
};

/* One variable header, copied out. content's member follows from type. */
struct igvm_header {
	uint32_t index;
	uint32_t type; /* enum igvm_type, without the optional bit */
	bool optional;
	uint32_t mask;
	uint32_t offset; /* of the header in the file */
	uint32_t length; /* of the content */
	union {
		struct igvm_supported_platform platform;
		struct igvm_guest_policy policy;
		struct igvm_parameter_area area;
		struct igvm_page_data page;
		struct igvm_parameter_insert insert;
		struct igvm_parameter parameter;
		struct igvm_vp_context vp;
		struct igvm_required_memory memory;
		struct igvm_error_range error_range;
		struct igvm_snp_id_block id_block;
	} content;
};

/* Where the iteration stands. */
struct igvm_cursor {
	uint32_t index;
	uint32_t offset;
};

/*
 * Checks all of a file of `size` bytes and prepares *file, which keeps pointing at the bytes.
 * On error *file is unusable and the result says what is wrong, and where.
 */
MUST_CHECK struct igvm_status igvm_open(struct igvm_file *file, const void *bytes, uint64_t size);

/* The first header's place. */
struct igvm_cursor igvm_begin(void);

/* Copies out the next header that this reader knows and moves on; false at the end. */
MUST_CHECK bool igvm_next(const struct igvm_file *file, struct igvm_cursor *cursor,
			  struct igvm_header *header);

/* The compatibility mask (one bit) of the first platform of a type; 0: not in the file. */
MUST_CHECK uint32_t igvm_platform_mask(const struct igvm_file *file, enum igvm_platform_type type);

/* The bytes of a PAGE_DATA (4096, or 2 MiB with the flag); NULL: zeros. */
const uint8_t *igvm_page_bytes(const struct igvm_file *file, const struct igvm_page_data *page);

/* The payload of a VP_CONTEXT: 4096 bytes (SNP) or a struct igvm_native_context (NATIVE). */
const uint8_t *igvm_vp_bytes(const struct igvm_file *file, const struct igvm_vp_context *vp);

/* The declared parameter area with that index; NULL: none. */
const struct igvm_area *igvm_area(const struct igvm_file *file, uint32_t index);

/* True for VP_COUNT, MADT, MEMORY_MAP … : what has a struct igvm_parameter. */
bool igvm_is_parameter(uint32_t type);

/* A sentence without full stop for people; never NULL. */
const char *igvm_error_text(enum igvm_error error);

/* The format's name of a header type, "PAGE_DATA"; "unknown" when there is none. */
const char *igvm_type_name(uint32_t type);

#endif

/* SPDX-License-Identifier: MIT */
/* The reader against files that the writer made, whole and then broken in one place each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/types.h"
#include "igvm/crc32.h"
#include "igvm/reader.h"
#include "igvm/writer.h"

#define SNP    0x1U
#define NATIVE 0x2U

/* Header numbers of the sample. */
enum sample_header {
	H_SNP,
	H_NATIVE,
	H_POLICY,
	H_AREA,
	H_COUNT,
	H_INSERT,
	H_MEMORY,
	H_PAGE,
	H_ZERO_PAGE,
	H_VP_SNP,
	H_VP_NATIVE,
	H_END,
};

static void add_platforms(struct igvm_writer *writer)
{
	struct igvm_supported_platform platform = {
		.mask = SNP, .platform_type = IGVM_PLATFORM_SNP, .platform_version = 1};
	struct igvm_guest_policy policy = {.policy = 0x30000, .mask = SNP};

	igvm_writer_add(writer, IGVM_SUPPORTED_PLATFORM, &platform, sizeof(platform), IGVM_NO_DATA);
	platform.mask = NATIVE;
	platform.platform_type = IGVM_PLATFORM_NATIVE;
	igvm_writer_add(writer, IGVM_SUPPORTED_PLATFORM, &platform, sizeof(platform), IGVM_NO_DATA);
	igvm_writer_add(writer, IGVM_GUEST_POLICY, &policy, sizeof(policy), IGVM_NO_DATA);
}

static void add_directives(struct igvm_writer *writer)
{
	static uint8_t page_bytes[PAGE_SIZE] = {0xaa};
	struct igvm_parameter_area area = {.size = PAGE_SIZE, .index = 7};
	struct igvm_parameter parameter = {.area_index = 7, .byte_offset = 16};
	struct igvm_parameter_insert insert = {
		.gpa = 0x10000, .mask = SNP | NATIVE, .area_index = 7};
	struct igvm_required_memory memory = {.gpa = 0x100000, .mask = SNP, .size = 0x200000};
	struct igvm_page_data page = {.gpa = 0x20000, .mask = SNP | NATIVE};
	struct igvm_vp_context vp = {.gpa = 0xfffffffff000, .mask = SNP};
	struct igvm_native_context context = {.rip = 0x1234};

	igvm_writer_add(writer, IGVM_PARAMETER_AREA, &area, sizeof(area), IGVM_NO_DATA);
	igvm_writer_add(writer, IGVM_VP_COUNT, &parameter, sizeof(parameter), IGVM_NO_DATA);
	igvm_writer_add(writer, IGVM_PARAMETER_INSERT, &insert, sizeof(insert), IGVM_NO_DATA);
	igvm_writer_add(writer, IGVM_REQUIRED_MEMORY, &memory, sizeof(memory), IGVM_NO_DATA);
	igvm_writer_add(writer, IGVM_PAGE_DATA, &page, sizeof(page),
			igvm_writer_data(writer, page_bytes, sizeof(page_bytes)));
	page.gpa = 0x21000;
	igvm_writer_add(writer, IGVM_PAGE_DATA, &page, sizeof(page), IGVM_NO_DATA);
	igvm_writer_add(writer, IGVM_VP_CONTEXT, &vp, sizeof(vp),
			igvm_writer_data(writer, page_bytes, sizeof(page_bytes)));
	vp.mask = NATIVE;
	vp.gpa = 0;
	igvm_writer_add(writer, IGVM_VP_CONTEXT, &vp, sizeof(vp),
			igvm_writer_data(writer, &context, sizeof(context)));
}

static struct igvm_buffer make_sample(void)
{
	struct igvm_writer writer;
	struct igvm_buffer file;

	igvm_writer_init(&writer, IGVM_VERSION_2);
	add_platforms(&writer);
	add_directives(&writer);
	assert_true(igvm_writer_finish(&writer, &file));
	igvm_writer_free(&writer);
	return file;
}

static void fix_checksum(struct igvm_buffer *file)
{
	struct igvm_fixed_header *fixed = (void *)file->bytes;
	uint32_t crc;

	fixed->checksum = 0;
	crc = crc32_update(CRC32_INIT, fixed, sizeof(*fixed));
	fixed->checksum =
		~crc32_update(crc, file->bytes + fixed->headers_offset, fixed->headers_size);
}

/* The content of the n-th header. */
static uint8_t *content_of(struct igvm_buffer *file, uint32_t index)
{
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;
	struct igvm_file igvm;

	assert_int_equal(igvm_open(&igvm, file->bytes, file->size).error, IGVM_OK);
	while (igvm_next(&igvm, &cursor, &header))
		if (header.index == index)
			return file->bytes + header.offset + 8;
	fail();
	return NULL;
}

static void set_u32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void whole_file_is_read_back(void **state)
{
	struct igvm_buffer file = make_sample();
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;
	struct igvm_file igvm;
	uint32_t count = 0;

	(void)state;
	assert_int_equal(igvm_open(&igvm, file.bytes, file.size).error, IGVM_OK);
	assert_int_equal(igvm.header_count, H_END);
	assert_int_equal(igvm_platform_mask(&igvm, IGVM_PLATFORM_SNP), SNP);
	assert_int_equal(igvm_platform_mask(&igvm, IGVM_PLATFORM_NATIVE), NATIVE);
	assert_int_equal(igvm_platform_mask(&igvm, IGVM_PLATFORM_TDX), 0);
	assert_int_equal(igvm_area(&igvm, 7)->size, PAGE_SIZE);
	assert_null(igvm_area(&igvm, 8));
	while (igvm_next(&igvm, &cursor, &header)) {
		assert_int_equal(header.index, count++);
		if (header.index == H_PAGE)
			assert_int_equal(igvm_page_bytes(&igvm, &header.content.page)[0], 0xaa);
		if (header.index == H_ZERO_PAGE)
			assert_null(igvm_page_bytes(&igvm, &header.content.page));
		if (header.index == H_VP_NATIVE)
			assert_int_equal(igvm_vp_bytes(&igvm, &header.content.vp)[0x80], 0x34);
	}
	assert_int_equal(count, H_END);
	igvm_buffer_free(&file);
}

struct breakage {
	const char *name;
	uint32_t header;
	uint32_t at; /* in the content */
	uint32_t value;
	enum igvm_error error;
};

static const struct breakage breakages[] = {
	{"platform with two bits", H_SNP, 0, 0x3, IGVM_ERR_PLATFORM},
	{"platform repeated", H_NATIVE, 0, SNP, IGVM_ERR_PLATFORM},
	{"platform version", H_SNP, 4, 0x00020200, IGVM_ERR_PLATFORM},
	{"policy of nobody", H_POLICY, 8, 0x8, IGVM_ERR_MASK},
	{"policy of everybody else", H_POLICY, 8, 0, IGVM_ERR_MASK},
	{"policy reserved", H_POLICY, 12, 1, IGVM_ERR_RESERVED},
	{"area not in pages", H_AREA, 0, 0x1001, IGVM_ERR_ALIGNMENT},
	{"area empty", H_AREA, 0, 0, IGVM_ERR_ALIGNMENT},
	{"area too large", H_AREA, 4, 1, IGVM_ERR_LIMIT},
	{"area data outside", H_AREA, 12, 0xfffff000, IGVM_ERR_DATA},
	{"value in no area", H_COUNT, 0, 8, IGVM_ERR_AREA},
	{"value behind its area", H_COUNT, 4, 0xffd, IGVM_ERR_AREA},
	{"insert of no area", H_INSERT, 12, 8, IGVM_ERR_AREA},
	{"insert unaligned", H_INSERT, 0, 0x10800, IGVM_ERR_ALIGNMENT},
	{"insert above 52 bits", H_INSERT, 4, 0x00100000, IGVM_ERR_RANGE},
	{"memory unaligned", H_MEMORY, 12, 0x1234, IGVM_ERR_ALIGNMENT},
	{"page unaligned", H_PAGE, 0, 0x20008, IGVM_ERR_ALIGNMENT},
	{"page of 2 MiB unaligned", H_PAGE, 16, 1, IGVM_ERR_ALIGNMENT},
	{"page with unknown flag", H_PAGE, 16, 8, IGVM_ERR_RESERVED},
	{"page with unknown type", H_PAGE, 20, 4, IGVM_ERR_RESERVED},
	{"page with reserved bits", H_PAGE, 20, 0x10000, IGVM_ERR_RESERVED},
	{"page data in the headers", H_PAGE, 12, 0x40, IGVM_ERR_DATA},
	{"page data behind the end", H_PAGE, 12, 0x7fffffff, IGVM_ERR_DATA},
	{"VP of two platforms", H_VP_SNP, 8, 3, IGVM_ERR_MASK},
	{"VP without data", H_VP_SNP, 12, 0, IGVM_ERR_DATA},
	{"VP reserved", H_VP_SNP, 16, 0x10000, IGVM_ERR_RESERVED},
};

static void broken_contents_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(breakages); i++) {
		const struct breakage *breakage = &breakages[i];
		struct igvm_buffer file = make_sample();
		struct igvm_status status;
		struct igvm_file igvm;

		set_u32(content_of(&file, breakage->header) + breakage->at, breakage->value);
		fix_checksum(&file);
		status = igvm_open(&igvm, file.bytes, file.size);
		if (status.error != breakage->error || status.header != breakage->header)
			fail_msg("%s: got %d at header %u", breakage->name, status.error,
				 status.header);
		igvm_buffer_free(&file);
	}
}

/* Changes a u32 of the fixed header. */
static enum igvm_error open_with(uint32_t at, uint32_t value, bool checksum)
{
	struct igvm_buffer file = make_sample();
	struct igvm_status status;
	struct igvm_file igvm;

	set_u32(file.bytes + at, value);
	if (checksum)
		fix_checksum(&file);
	status = igvm_open(&igvm, file.bytes, file.size);
	assert_int_equal(status.header, IGVM_NO_HEADER);
	igvm_buffer_free(&file);
	return status.error;
}

static void broken_fixed_headers_are_named(void **state)
{
	(void)state;
	assert_int_equal(open_with(0x00, 0x12345678, false), IGVM_ERR_MAGIC);
	assert_int_equal(open_with(0x04, 3, false), IGVM_ERR_VERSION);
	assert_int_equal(open_with(0x08, 0, false), IGVM_ERR_TRUNCATED);
	assert_int_equal(open_with(0x08, 36, false), IGVM_ERR_TRUNCATED);
	assert_int_equal(open_with(0x0c, 0xffffffff, false), IGVM_ERR_TRUNCATED);
	assert_int_equal(open_with(0x10, 4096, false), IGVM_ERR_FILE_SIZE);
	assert_int_equal(open_with(0x14, 0, false), IGVM_ERR_CHECKSUM);
	assert_int_equal(open_with(0x18, 1, true), IGVM_ERR_MACHINE);
	assert_int_equal(open_with(0x1c, 16384, true), IGVM_ERR_MACHINE);
}

/* A type that the reader does not know, without and with the optional bit. */
static void unknown_types_are_skipped_only_when_optional(void **state)
{
	struct igvm_buffer file = make_sample();
	struct igvm_file igvm;

	(void)state;
	set_u32(content_of(&file, H_MEMORY) - 8, 0x3ff);
	fix_checksum(&file);
	assert_int_equal(igvm_open(&igvm, file.bytes, file.size).error, IGVM_ERR_TYPE);
	igvm_buffer_free(&file);

	file = make_sample();
	set_u32(content_of(&file, H_MEMORY) - 8, 0x800003ff);
	fix_checksum(&file);
	assert_int_equal(igvm_open(&igvm, file.bytes, file.size).error, IGVM_OK);
	igvm_buffer_free(&file);
}

static void sections_do_not_return(void **state)
{
	struct igvm_guest_policy policy = {.policy = 0x30000, .mask = SNP};
	struct igvm_status status;
	struct igvm_writer writer;
	struct igvm_buffer file;
	struct igvm_file igvm;

	(void)state;
	igvm_writer_init(&writer, IGVM_VERSION_1);
	add_platforms(&writer);
	add_directives(&writer);
	igvm_writer_add(&writer, IGVM_GUEST_POLICY, &policy, sizeof(policy), IGVM_NO_DATA);
	assert_true(igvm_writer_finish(&writer, &file));
	status = igvm_open(&igvm, file.bytes, file.size);
	assert_int_equal(status.error, IGVM_ERR_ORDER);
	assert_int_equal(status.header, H_END);
	igvm_writer_free(&writer);
	igvm_buffer_free(&file);
}

static void every_truncation_is_an_error(void **state)
{
	struct igvm_buffer file = make_sample();
	struct igvm_file igvm;

	(void)state;
	for (size_t size = 0; size < file.size; size++) {
		/* A copy of just this size, so that the sanitizer sees a read behind it. */
		uint8_t *copy = malloc(size + 1);

		assert_non_null(copy);
		memcpy(copy, file.bytes, size);
		if (size >= 0x14)
			set_u32(copy + 0x10, (uint32_t)size);
		assert_int_not_equal(igvm_open(&igvm, copy, size).error, IGVM_OK);
		free(copy);
	}
	igvm_buffer_free(&file);
}

static void a_copy_measures_the_same_pages(void **state)
{
	struct igvm_buffer file = make_sample();
	struct igvm_cursor a = igvm_begin(), b = igvm_begin();
	struct igvm_header ha, hb;
	struct igvm_writer writer;
	struct igvm_buffer copy;
	struct igvm_file fa, fb;

	(void)state;
	assert_int_equal(igvm_open(&fa, file.bytes, file.size).error, IGVM_OK);
	igvm_writer_init(&writer, IGVM_VERSION_1);
	igvm_writer_data(&writer, "shifted", 8);
	igvm_writer_copy(&writer, &fa, IGVM_SNP_ID_BLOCK);
	assert_true(igvm_writer_finish(&writer, &copy));
	assert_int_equal(igvm_open(&fb, copy.bytes, copy.size).error, IGVM_OK);
	while (igvm_next(&fa, &a, &ha)) {
		assert_true(igvm_next(&fb, &b, &hb));
		assert_int_equal(ha.type, hb.type);
		if (ha.index == H_PAGE)
			assert_memory_equal(igvm_page_bytes(&fa, &ha.content.page),
					    igvm_page_bytes(&fb, &hb.content.page), PAGE_SIZE);
	}
	assert_false(igvm_next(&fb, &b, &hb));
	igvm_writer_free(&writer);
	igvm_buffer_free(&copy);
	igvm_buffer_free(&file);
}

static void crc32_check_value(void **state)
{
	(void)state;
	/* The catalogue's check value of CRC-32/ISO-HDLC. */
	assert_int_equal(~crc32_update(CRC32_INIT, "123456789", 9), 0xcbf43926);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_file_is_read_back),
		cmocka_unit_test(broken_contents_are_named),
		cmocka_unit_test(broken_fixed_headers_are_named),
		cmocka_unit_test(unknown_types_are_skipped_only_when_optional),
		cmocka_unit_test(sections_do_not_return),
		cmocka_unit_test(every_truncation_is_an_error),
		cmocka_unit_test(a_copy_measures_the_same_pages),
		cmocka_unit_test(crc32_check_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

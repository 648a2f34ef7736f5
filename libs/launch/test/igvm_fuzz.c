/* SPDX-License-Identifier: MIT */
/* Any bytes: igvm_open() answers, and what it accepts can be walked and measured without a stray
 * read. */
#include <stdlib.h>
#include <string.h>

#include "igvm/crc32.h"
#include "igvm/reader.h"
#include "launch/measure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Makes size and checksum right, else the fuzzer rarely gets behind them. */
static void repair(uint8_t *bytes, size_t size)
{
	struct igvm_fixed_header fixed = {0};
	uint32_t fixed_size = IGVM_FIXED_SIZE_V1;
	uint32_t crc;

	memcpy(&fixed, bytes, IGVM_FIXED_SIZE_V1);
	if (fixed.version == IGVM_VERSION_2 && size >= IGVM_FIXED_SIZE_V2) {
		fixed_size = IGVM_FIXED_SIZE_V2;
		memcpy(&fixed, bytes, fixed_size);
	}
	fixed.magic = IGVM_MAGIC;
	fixed.total_size = (uint32_t)size;
	fixed.checksum = 0;
	if (fixed.headers_offset <= size && fixed.headers_size <= size - fixed.headers_offset) {
		crc = crc32_update(CRC32_INIT, &fixed, fixed_size);
		crc = crc32_update(crc, bytes + fixed.headers_offset, fixed.headers_size);
		fixed.checksum = ~crc;
	}
	memcpy(bytes, &fixed, fixed_size);
}

static void walk(const struct igvm_file *file)
{
	struct igvm_cursor cursor = igvm_begin();
	struct launch_options options = {.vcpus = 3};
	struct launch_digest digest;
	struct igvm_header header;

	while (igvm_next(file, &cursor, &header)) {
		const uint8_t *page = NULL;

		if (header.type == IGVM_PAGE_DATA)
			page = igvm_page_bytes(file, &header.content.page);
		if (page != NULL)
			(void)*(const volatile uint8_t *)(page + IGVM_PAGE_SIZE - 1);
	}
	(void)!launch_measure(file, &options, &digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct igvm_file file;
	uint8_t *bytes;

	if (size < IGVM_FIXED_SIZE_V1)
		return 0;
	bytes = malloc(size);
	if (bytes == NULL)
		return 0;
	memcpy(bytes, data, size);
	if ((data[0] & 1) != 0)
		repair(bytes, size);
	if (igvm_open(&file, bytes, size).error == IGVM_OK)
		walk(&file);
	free(bytes);
	return 0;
}

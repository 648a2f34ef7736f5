/* SPDX-License-Identifier: MIT */
/* The guest's page, as hostile as libFuzzer makes it: what is decoded lies inside what was given.
 */
#include <stdlib.h>
#include <string.h>

#include "../page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t page[VTPM_PAGE_SIZE];
	struct page_command command;
	uint32_t used;

	if (page_decode(data, size, &command) != PAGE_OK)
		return 0;
	if (command.locality != 0 || command.bytes < data ||
	    command.size > (size_t)(data + size - command.bytes))
		abort();
	if (page_encode(page, command.bytes, command.size, &used) != PAGE_OK ||
	    used != command.size + VTPM_RESPONSE_HEADER ||
	    memcmp(page + VTPM_RESPONSE_HEADER, command.bytes, command.size) != 0)
		abort();
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <string.h>

#include "wire.h"

/* The numbers of the TPM reference simulator, of which this vTPM offers one (SVSM 7). */
static bool is_platform_command(uint32_t command)
{
	static const uint8_t known[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
					13, 14, 15, 16, 17, 18, 20, 21, 25, 26, 30};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == command)
			return true;
	return false;
}

enum page_error page_decode(const uint8_t *page, size_t page_size, struct page_command *out)
{
	uint32_t command, size;

	if (page_size < VTPM_REQUEST_HEADER || page_size > VTPM_PAGE_SIZE)
		return PAGE_BAD_SIZE;
	command = load_le32(page);
	if (!is_platform_command(command))
		return PAGE_UNKNOWN_COMMAND;
	if (command != SVSM_TPM_SEND_COMMAND)
		return PAGE_UNSUPPORTED_COMMAND;
	if (page[offsetof(struct svsm_tpm_request, locality)] != 0)
		return PAGE_BAD_LOCALITY;
	size = load_le32(page + offsetof(struct svsm_tpm_request, size));
	if (size > page_size - VTPM_REQUEST_HEADER)
		return PAGE_BAD_SIZE;
	*out = (struct page_command){
		.locality = 0,
		.size = size,
		.bytes = page + VTPM_REQUEST_HEADER,
	};
	return PAGE_OK;
}

enum page_error page_encode(uint8_t *page, const uint8_t *response, size_t size, uint32_t *used)
{
	if (size > VTPM_RESPONSE_MAX)
		return PAGE_BAD_SIZE;
	store_le32(page, (uint32_t)size);
	memcpy(page + VTPM_RESPONSE_HEADER, response, size);
	*used = (uint32_t)size + VTPM_RESPONSE_HEADER;
	return PAGE_OK;
}

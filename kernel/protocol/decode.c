/* SPDX-License-Identifier: MIT */
/* What a guest's lists look like; no state, no memory access. */
#include "kernel/protocol.h"

/* Size and GPA, the same in both kinds of list. */
static uint32_t decode_page(uint64_t raw, struct svsm_page_entry *out)
{
	uint64_t gpa = raw & SVSM_PVALIDATE_GPA_MASK;
	uint64_t size = raw & SVSM_PVALIDATE_SIZE_MASK;

	if (size > SVSM_PVALIDATE_SIZE_2M)
		return SVSM_ERR_INVALID_PARAMETER;
	if (size == SVSM_PVALIDATE_SIZE_2M && !IS_ALIGNED(gpa, PAGE_2M_SIZE))
		return SVSM_ERR_INVALID_PARAMETER;
	out->gpa = GPA(gpa);
	out->size = size == SVSM_PVALIDATE_SIZE_2M ? PAGE_2M : PAGE_4K;
	return SVSM_SUCCESS;
}

uint32_t svsm_decode_pvalidate(uint64_t raw, struct svsm_page_entry *out)
{
	struct svsm_page_entry entry = {
		.validate = raw & SVSM_PVALIDATE_VALIDATE,
		.ignore_cf = raw & SVSM_PVALIDATE_IGNORE_CF,
	};

	if (raw & SVSM_PVALIDATE_RESERVED_MASK)
		return SVSM_ERR_INVALID_PARAMETER;
	if (decode_page(raw, &entry) != SVSM_SUCCESS)
		return SVSM_ERR_INVALID_PARAMETER;
	*out = entry;
	return SVSM_SUCCESS;
}

uint32_t svsm_decode_deposit(uint64_t raw, struct svsm_page_entry *out)
{
	struct svsm_page_entry entry = {0};

	if (raw & SVSM_DEPOSIT_RESERVED_MASK)
		return SVSM_ERR_INVALID_PARAMETER;
	if (decode_page(raw, &entry) != SVSM_SUCCESS)
		return SVSM_ERR_INVALID_PARAMETER;
	*out = entry;
	return SVSM_SUCCESS;
}

uint32_t svsm_check_list(gpa_t gpa, const struct svsm_page_list *header)
{
	uint64_t end = gpa.raw % PAGE_SIZE + sizeof(*header) + 8ULL * header->count;

	if (header->count == 0 || header->next >= header->count || end > PAGE_SIZE)
		return SVSM_ERR_INVALID_PARAMETER;
	return SVSM_SUCCESS;
}

uint32_t svsm_result_of(enum error error)
{
	switch (error) {
	case OK:
		return SVSM_SUCCESS;
	case ERR_BUSY:
		return SVSM_ERR_BUSY;
	case ERR_NO_MEMORY:
		return SVSM_NEED_MEMORY | 1;
	default:
		return SVSM_ERR_INVALID_ADDRESS;
	}
}

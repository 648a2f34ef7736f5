/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "launch/digest.h"
#include "launch/sha384.h"

_Static_assert(SHA384_SIZE == LAUNCH_DIGEST_SIZE, "the launch digest is a SHA-384");

static const uint8_t zero_page[PAGE_SIZE];

void launch_digest_start(struct launch_digest *digest)
{
	memset(digest, 0, sizeof(*digest));
}

bool launch_digest_page(struct launch_digest *digest, enum launch_page_type type, gpa_t gpa,
			const void *contents)
{
	struct launch_digest next = {{0}};
	struct page_info info;

	memset(&info, 0, sizeof(info));
	memcpy(info.digest, digest->value, sizeof(info.digest));
	if (type == LAUNCH_PAGE_NORMAL || type == LAUNCH_PAGE_VMSA)
		if (!sha384(contents != NULL ? contents : zero_page, PAGE_SIZE, info.contents))
			return false;
	info.length = PAGE_INFO_LENGTH;
	info.page_type = (uint8_t)type;
	info.gpa = gpa.raw;
	if (!sha384(&info, sizeof(info), next.value))
		return false;
	*digest = next;
	return true;
}

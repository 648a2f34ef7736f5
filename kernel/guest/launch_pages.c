/* SPDX-License-Identifier: MIT */
/* Pages that tell the guest about its machine. */
#include <string.h>
#include "guest_internal.h"
#include "sevabi/svsm.h"

void guest_secrets(struct secrets_page *page, const struct svsm_location *location)
{
	for (unsigned int i = 0; i < location->guest_vmpl && i < VMPCK_COUNT; i++)
		memset(page->vmpck[i], 0, VMPCK_SIZE);
	memset(&page->os_area, 0, sizeof(page->os_area));
	page->svsm_base = location->base;
	page->svsm_size = location->size;
	page->svsm_caa = location->calling_area;
	page->svsm_max_version = SVSM_CORE_VERSION_MAX;
	page->svsm_guest_vmpl = location->guest_vmpl;
}

struct map_writer {
	uint8_t *out;
	size_t size;
	size_t used;
	bool full;
};

static void put_entry(struct map_writer *writer, uint64_t start, uint64_t end)
{
	uint64_t words[3] = {start >> PAGE_SHIFT, (end - start) >> PAGE_SHIFT, 0};

	if (start >= end && start)
		return;
	if (writer->size - writer->used < sizeof(words)) {
		writer->full = true;
		return;
	}
	memcpy(writer->out + writer->used, words, sizeof(words));
	writer->used += sizeof(words);
}

size_t guest_memory_map(const struct memory_map *map, const struct memory_range *hole, uint8_t *out,
			size_t size)
{
	struct map_writer writer = {.out = out, .size = size};

	for (uint32_t i = 0; i < map->count; i++) {
		const struct memory_range *range = &map->ranges[i];

		if (range->end <= hole->start || range->start >= hole->end) {
			put_entry(&writer, range->start, range->end);
			continue;
		}
		if (range->start < hole->start)
			put_entry(&writer, range->start, hole->start);
		if (range->end > hole->end)
			put_entry(&writer, hole->end, range->end);
	}
	put_entry(&writer, 0, 0);
	return writer.full ? 0 : writer.used;
}

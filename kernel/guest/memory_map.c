/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "memory_map.h"

#define MAP_TYPE_MEMORY 0

/* IGVM's memory map entry. */
struct map_entry {
	uint64_t first_page;
	uint64_t pages;
	uint16_t type;
	uint16_t flags;
	uint32_t reserved;
};
LAYOUT_SIZE(struct map_entry, 24);

static enum error entry_range(const struct map_entry *entry, uint64_t limit,
			      struct memory_range *out)
{
	uint64_t last = limit >> PAGE_SHIFT;

	if (entry->first_page > last || entry->pages > last - entry->first_page)
		return ERR_FORMAT;
	out->start = entry->first_page << PAGE_SHIFT;
	out->end = (entry->first_page + entry->pages) << PAGE_SHIFT;
	return OK;
}

static enum error add_range(struct memory_map *map, const struct memory_range *range)
{
	struct memory_range *last = map->count ? &map->ranges[map->count - 1] : NULL;

	if (last && last->end == range->start) {
		last->end = range->end;
		return OK;
	}
	if (map->count == MEMORY_RANGES_MAX)
		return ERR_LIMIT;
	map->ranges[map->count++] = *range;
	return OK;
}

enum error memory_map_parse(const uint8_t *page, uint64_t limit, struct memory_map *out)
{
	struct memory_map map = {0};
	uint64_t floor = 0;

	for (size_t at = 0; at + sizeof(struct map_entry) <= PAGE_SIZE;
	     at += sizeof(struct map_entry)) {
		struct memory_range range;
		struct map_entry entry;
		enum error error;

		memcpy(&entry, page + at, sizeof(entry));
		if (!entry.pages) {
			*out = map;
			return OK;
		}
		/* Reserved ranges may lie where no memory can be, and count for nothing. */
		if (entry.type != MAP_TYPE_MEMORY)
			continue;
		error = entry_range(&entry, limit, &range);
		if (error == OK && range.start < floor)
			error = ERR_FORMAT;
		if (error == OK)
			error = add_range(&map, &range);
		if (error != OK)
			return error;
		floor = range.end;
	}
	return ERR_FORMAT;
}

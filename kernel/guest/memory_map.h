/* SPDX-License-Identifier: MIT */
/* The host's memory map: a parameter page that nothing vouches for. */
#ifndef GUEST_MEMORY_MAP_H
#define GUEST_MEMORY_MAP_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

#define MEMORY_RANGES_MAX 32

struct memory_range {
	uint64_t start;
	uint64_t end; /* exclusive; both page aligned, end > start */
};

struct memory_map {
	uint32_t count;
	struct memory_range ranges[MEMORY_RANGES_MAX]; /* ascending, disjoint */
};

/*
 * Read the RAM of an IGVM memory map (24-byte entries, the last one empty) out of `page` (4096
 * bytes, already a private copy). Refuses, with ERR_FORMAT, entries that are not ascending and
 * disjoint, ranges past `limit`, and a map without an end; ERR_LIMIT when there are too many
 * ranges. *out is written on OK only.
 */
enum error memory_map_parse(const uint8_t *page, uint64_t limit, struct memory_map *out) MUST_CHECK;

#endif

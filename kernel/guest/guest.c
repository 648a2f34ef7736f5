/* SPDX-License-Identifier: MIT */
/* The page record from the first moment on: what the launch measured, and the host's word for the
 * rest. */
#include <string.h>
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/guest.h"
#include "kernel/log.h"
#include "kernel/platform.h"
#include "kernel/stop.h"
#include "guest_internal.h"

/*
 * RAM of every PC below 1 MiB that firmware validates though the host's map, made of e820, may
 * leave it out: the BIOS area.
 */
#define BIOS_AREA_BASE 0xc0000ULL
#define BIOS_AREA_SIZE 0x40000ULL

struct page_record vm_pages;
struct memory_map guest_memory;

static void *record_allocate(size_t bytes)
{
	return kalloc(bytes);
}

static void record_release(void *memory, size_t bytes)
{
	(void)bytes;
	kfree(memory);
}

static const struct page_record_memory record_memory = {
	.allocate = record_allocate,
	.release = record_release,
};

static void seed(uint64_t start, uint64_t size, enum page_state state)
{
	switch (page_seed(&vm_pages, GPA(start), size, state)) {
	case PAGE_OK:
		return;
	case PAGE_NO_MEMORY:
		stop(STOP_BOOT_MEMORY);
	default:
		stop(STOP_BOOT_PARAMETERS);
	}
}

/* The map says what exists, never what is validated: that is the measured list's to say. */
static void seed_host_memory(void)
{
	const uint8_t *page =
		boot_region_pointer(BOOT_INPUT_OFFSET + BOOT_INPUT_MEMORY_MAP, PAGE_SIZE);
	enum error error = memory_map_parse(page, PAGE_RECORD_LIMIT, &guest_memory);

	if (error != OK) {
		log_error("guest: the host's memory map can't be used (%s)", error_name(error));
		stop(STOP_BOOT_PARAMETERS);
	}
	for (uint32_t i = 0; i < guest_memory.count; i++)
		seed(guest_memory.ranges[i].start,
		     guest_memory.ranges[i].end - guest_memory.ranges[i].start, PAGE_UNVALIDATED);
	seed(BIOS_AREA_BASE, BIOS_AREA_SIZE, PAGE_UNVALIDATED);
}

/* Copra's region was validated as a whole when its allocator started. */
static void seed_measured(void)
{
	const struct boot_params *params = &boot_info.params;

	seed(params->region_base, params->region_size, PAGE_COPRA);
	for (uint32_t i = 0; i < params->range_count; i++)
		if (params->ranges[i].kind == BOOT_RANGE_FIRMWARE)
			seed(params->ranges[i].gpa, params->ranges[i].size, PAGE_GUEST);
}

void guest_init(void)
{
	if (!platform->guest)
		return;
	page_record_init(&vm_pages, &record_memory);
	seed_host_memory();
	seed_measured();
	log_info("guest: page record of %u memory ranges in %llu bytes", guest_memory.count,
		 (unsigned long long)vm_pages.bytes);
}

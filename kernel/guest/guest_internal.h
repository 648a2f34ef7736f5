/* SPDX-License-Identifier: MIT */
/* Shared by the files of kernel/guest. */
#ifndef GUEST_INTERNAL_H
#define GUEST_INTERNAL_H

#include "kernel/vcpu.h"
#include "memory_map.h"
#include "sevabi/secrets_page.h"

/* The VM's memory as the host describes it, checked; includes Copra's region. */
extern struct memory_map guest_memory;

/* Body of a vCPU's thread; `argument` is its struct guest_vcpu. Never returns. */
void vcpu_thread(void *argument);

/* --- Pure parts of the launch (launch_pages.c) --- */

struct svsm_location {
	uint64_t base;
	uint64_t size;
	uint64_t calling_area;
	uint8_t guest_vmpl;
};

/*
 * The guest's copy of the secrets page: no key above its level, the operating system's area empty,
 * Copra's place told (SVSM 1.1).
 */
void guest_secrets(struct secrets_page *page, const struct svsm_location *location);

/*
 * Write the guest's IGVM memory map (without `hole`) to `out`, `size` bytes long. Returns the bytes
 * used, the empty last entry included; 0: it doesn't fit.
 */
size_t guest_memory_map(const struct memory_map *map, const struct memory_range *hole, uint8_t *out,
			size_t size);

#endif

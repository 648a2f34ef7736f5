/* SPDX-License-Identifier: MIT */
/* The two items of fw_cfg that the guest gets from Husk instead of QEMU, and what it may select. */
#ifndef HUSK_FWCFG_DIRECTORY_H
#define HUSK_FWCFG_DIRECTORY_H

#include "base/compiler.h"
#include "base/types.h"

#define FWCFG_KEY_DIRECTORY 0x19
#define FWCFG_KEY_FILES     0x20   /* first key that the directory assigns */
#define FWCFG_KEY_INDEX     0x3fff /* the rest: write channel, architecture's own items */
#define FWCFG_KEY_ARCH      0x8000

#define FWCFG_ENTRY_SIZE 64
#define FWCFG_FILES_MAX  256

/* An entry of the directory; numbers are big endian (QEMU docs/specs/fw_cfg). */
struct fwcfg_entry {
	uint32_t size;
	uint16_t selector;
	uint16_t reserved;
	char name[56];
};
LAYOUT_SIZE(struct fwcfg_entry, FWCFG_ENTRY_SIZE);

struct fwcfg_directory {
	uint32_t count; /* big endian */
	struct fwcfg_entry entries[FWCFG_FILES_MAX];
};

/* RAM and other ranges, as QEMU's etc/e820 has them. */
struct PACKED e820_entry {
	uint64_t base;
	uint64_t size;
	uint32_t type; /* 1: RAM */
};
LAYOUT_SIZE(struct e820_entry, 20);

#define E820_RAM 1
#define E820_MAX 128

/* Take the entries of Husk's own items out, in place. */
void directory_hide(struct fwcfg_directory *directory);

/* The entry of a file by name (NULL: none), and whether a selector is one of the directory's. */
struct fwcfg_entry *directory_find(struct fwcfg_directory *directory, const char *name);
bool directory_has(const struct fwcfg_directory *directory, uint16_t selector);

/*
 * Take [base, base + size) out of all RAM entries, in place; a range in the middle splits one.
 * Returns the new count; 0 when `max` entries do not suffice.
 */
size_t e820_remove(struct e820_entry *entries, size_t count, size_t max, uint64_t base,
		   uint64_t size);

#endif

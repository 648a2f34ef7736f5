/* SPDX-License-Identifier: MIT */
#include "kernel/string.h"
#include "native.h"

#define MADT_LENGTH       4  /* u32, of the whole table */
#define MADT_ENTRIES      44 /* after the ACPI header, APIC address and flags */
#define ENTRY_LOCAL_APIC  0
#define ENTRY_X2APIC      9
#define LOCAL_APIC_SIZE   8
#define X2APIC_SIZE       16
#define PROCESSOR_ENABLED 1

static uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* The APIC ID in an entry; false when it is no enabled processor. */
static bool entry_processor(const uint8_t *entry, uint8_t length, uint32_t *id)
{
	if (entry[0] == ENTRY_LOCAL_APIC && length >= LOCAL_APIC_SIZE) {
		*id = entry[3];
		return (read_u32(entry + 4) & PROCESSOR_ENABLED) != 0;
	}
	if (entry[0] == ENTRY_X2APIC && length >= X2APIC_SIZE) {
		*id = read_u32(entry + 4);
		return (read_u32(entry + 8) & PROCESSOR_ENABLED) != 0;
	}
	return false;
}

static bool known(const uint32_t *ids, uint32_t count, uint32_t id)
{
	for (uint32_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

enum error madt_processors(const uint8_t *table, size_t size, uint32_t *apic_ids, uint32_t max,
			   uint32_t *count)
{
	uint32_t length, id;

	*count = 0;
	if (size < MADT_ENTRIES || memcmp(table, "APIC", 4) != 0)
		return ERR_FORMAT;
	length = read_u32(table + MADT_LENGTH);
	if (length < MADT_ENTRIES || length > size)
		return ERR_FORMAT;
	for (uint32_t at = MADT_ENTRIES; at < length;) {
		uint8_t entry_length;

		if (length - at < 2)
			return ERR_FORMAT;
		entry_length = table[at + 1];
		if (entry_length < 2 || entry_length > length - at)
			return ERR_FORMAT;
		if (*count < max && entry_processor(table + at, entry_length, &id) &&
		    !known(apic_ids, *count, id))
			apic_ids[(*count)++] = id;
		at += entry_length;
	}
	return OK;
}

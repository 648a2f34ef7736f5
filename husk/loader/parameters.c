/* SPDX-License-Identifier: MIT */
/* Values that the image asks for in its parameter areas. */
#include "boot/boot.h"
#include "husk/fwcfg.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "loader/loader.h"
#include "mem/mem.h"

struct map_writer {
	struct igvm_memory_map_entry *entries;
	size_t room; /* entries that still fit, the terminating one not counted */
	bool ok;
};

static void map_put(struct map_writer *w, uint64_t base, uint64_t end, uint16_t type)
{
	if (base >= end)
		return;
	if (!w->room) {
		w->ok = false;
		return;
	}
	*w->entries++ = (struct igvm_memory_map_entry){
		.first_page = base >> PAGE_SHIFT,
		.page_count = (end - base) >> PAGE_SHIFT,
		.type = type,
	};
	w->room--;
}

/* A RAM range, without what Husk keeps for itself (nothing in native mode). */
static void map_put_ram(struct map_writer *w, uint64_t base, uint64_t end)
{
	uint64_t hole = machine.husk_base.raw;
	uint64_t hole_end = hole + machine.husk_size;

	if (machine.native || hole >= end || hole_end <= base) {
		map_put(w, base, end, IGVM_MEMORY_RAM);
		return;
	}
	map_put(w, base, hole, IGVM_MEMORY_RAM);
	map_put(w, hole, hole_end, IGVM_MEMORY_RESERVED);
	map_put(w, hole_end, end, IGVM_MEMORY_RAM);
}

/* The range with the lowest base above `from`; QEMU's file is in no order. */
static const struct e820_range *next_range(uint64_t from, bool first)
{
	const struct e820_range *best = NULL;

	for (size_t i = 0; i < e820_count; i++) {
		if (first ? e820[i].base < from : e820[i].base <= from)
			continue;
		if (!best || e820[i].base < best->base)
			best = &e820[i];
	}
	return best;
}

bool parameter_memory_map(void *area, size_t size)
{
	struct map_writer w = {.entries = area,
			       .room = size / sizeof(struct igvm_memory_map_entry)};
	const struct e820_range *r = next_range(0, true);

	if (!w.room)
		return false;
	w.room--;
	w.ok = true;
	while (r) {
		if (r->type == E820_RAM)
			map_put_ram(&w, r->base, r->base + r->size);
		else
			map_put(&w, r->base, r->base + r->size, IGVM_MEMORY_RESERVED);
		r = next_range(r->base, false);
	}
	return w.ok;
}

/* --- MADT (ACPI 6.5, 5.2.12) ------------------------------------------------------------- */

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	uint32_t creator_id;
	uint32_t creator_revision;
};
LAYOUT_SIZE(struct acpi_header, 36);

static void set_checksum(struct acpi_header *table)
{
	const uint8_t *bytes = (const uint8_t *)table;
	uint8_t sum = 0;

	table->checksum = 0;
	for (uint32_t i = 0; i < table->length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	table->checksum = (uint8_t)(0 - sum);
}

/* QEMU's tables lie one behind the other, with zeros in between; the checksums are the linker's
 * job. */
static bool madt_from_machine(void *area, size_t size)
{
	struct acpi_header header;
	struct fwcfg_file file;
	const uint8_t *tables;
	uint32_t length;

	if (!fwcfg_find("etc/acpi/tables", &file))
		return false;
	tables = loader_read_file("etc/acpi/tables", &length);
	for (uint32_t at = 0; at + sizeof(header) <= length; at += header.length) {
		while (at + sizeof(header) <= length && !tables[at])
			at++;
		if (at + sizeof(header) > length)
			return false;
		memcpy(&header, tables + at, sizeof(header));
		if (header.length < sizeof(header) || header.length > length - at)
			return false;
		if (memcmp(header.signature, "APIC", 4) == 0) {
			if (header.length > size)
				return false;
			memcpy(area, tables + at, header.length);
			set_checksum(area);
			return true;
		}
	}
	return false;
}

struct madt_local_apic {
	uint8_t type;
	uint8_t length;
	uint8_t processor;
	uint8_t apic_id;
	uint32_t flags;
};
LAYOUT_SIZE(struct madt_local_apic, 8);

/* No tables (microvm, acpi=off), or not ours to look at: one local APIC entry per CPU. */
static bool madt_generated(void *area, size_t size)
{
	struct acpi_header *table = area;
	uint32_t *local_apic_address = (uint32_t *)(table + 1);
	struct madt_local_apic *entry = (struct madt_local_apic *)(local_apic_address + 2);
	size_t length = sizeof(*table) + 8 + machine.cpu_count * sizeof(*entry);

	if (length > size)
		return false;
	*table = (struct acpi_header){.signature = "APIC", .length = (uint32_t)length};
	table->revision = 1;
	memcpy(table->oem_id, "HUSK  ", sizeof(table->oem_id));
	memcpy(table->oem_table_id, "HUSKMADT", sizeof(table->oem_table_id));
	local_apic_address[0] = 0xfee00000;
	local_apic_address[1] = 0;
	for (uint32_t i = 0; i < machine.cpu_count; i++)
		entry[i] = (struct madt_local_apic){.length = sizeof(*entry),
						    .processor = (uint8_t)i,
						    .apic_id = (uint8_t)i,
						    .flags = 1};
	set_checksum(table);
	return true;
}

bool parameter_madt(void *area, size_t size)
{
	/*
	 * QEMU writes its tables once, at the first look at them, with what the firmware has set
	 * up by then (PM base, PCI windows). If a firmware is to come, it must be the first.
	 */
	if (machine.native && madt_from_machine(area, size))
		return true;
	return madt_generated(area, size);
}

/* SPDX-License-Identifier: MIT */
/* The host's accesses to guest memory, as SNP allows them. */
#include "husk/guest_memory.h"
#include "husk/machine.h"
#include "husk/rmp.h"
#include "mem/mem.h"

static uint8_t *at_page(gpa_t gpa)
{
	return (uint8_t *)machine_map(machine_translate(GPA(ALIGN_DOWN(gpa.raw, PAGE_SIZE)))) +
	       gpa.raw % PAGE_SIZE;
}

/*
 * What the host sees of a private page. Real ciphertext depends on key and address; any function of
 * both that isn't the plaintext will do, and this one is not a secret of anybody.
 */
static void cipher(uint8_t *to, const uint8_t *from, size_t size, uint64_t address)
{
	for (size_t i = 0; i < size; i++) {
		uint64_t key = (address + i) * 0x9e3779b97f4a7c15ULL;

		to[i] = (uint8_t)(from[i] * 167 + (key >> 56) + (key >> 24));
	}
}

static enum guest_access read_part(gpa_t gpa, uint8_t *to, size_t size)
{
	if (!machine_is_guest_ram(gpa))
		return GUEST_ACCESS_NOT_RAM;
	if (rmp_lookup(GPA(ALIGN_DOWN(gpa.raw, PAGE_SIZE)), 0).assigned)
		cipher(to, at_page(gpa), size, gpa.raw);
	else
		memcpy(to, at_page(gpa), size);
	return GUEST_ACCESS_OK;
}

static size_t part_of(gpa_t gpa, size_t size)
{
	size_t room = PAGE_SIZE - gpa.raw % PAGE_SIZE;

	return size < room ? size : room;
}

enum guest_access guest_read(gpa_t gpa, void *to, size_t size)
{
	uint8_t *bytes = to;

	while (size) {
		size_t part = part_of(gpa, size);
		enum guest_access result = read_part(gpa, bytes, part);

		if (result)
			return result;
		bytes += part;
		gpa.raw += part;
		size -= part;
	}
	return GUEST_ACCESS_OK;
}

static enum guest_access check_write(gpa_t gpa, size_t size)
{
	for (uint64_t page = ALIGN_DOWN(gpa.raw, PAGE_SIZE); page < gpa.raw + size;
	     page += PAGE_SIZE) {
		if (!machine_is_guest_ram(GPA(page)))
			return GUEST_ACCESS_NOT_RAM;
		if (rmp_lookup(GPA(page), 0).assigned)
			return GUEST_ACCESS_ASSIGNED;
	}
	return GUEST_ACCESS_OK;
}

enum guest_access guest_write(gpa_t gpa, const void *from, size_t size)
{
	enum guest_access result = check_write(gpa, size);
	const uint8_t *bytes = from;

	if (result)
		return result;
	while (size) {
		size_t part = part_of(gpa, size);

		memcpy(at_page(gpa), bytes, part);
		bytes += part;
		gpa.raw += part;
		size -= part;
	}
	return GUEST_ACCESS_OK;
}

enum guest_access guest_exchange_u16(gpa_t gpa, uint16_t value, uint16_t *old)
{
	enum guest_access result = check_write(gpa, sizeof(value));

	if (result)
		return result;
	*old = __atomic_exchange_n((uint16_t *)(void *)at_page(gpa), value, __ATOMIC_SEQ_CST);
	return GUEST_ACCESS_OK;
}

static bool private_copy(gpa_t gpa, uint8_t *bytes, size_t size, bool write)
{
	while (size) {
		size_t part = part_of(gpa, size);

		if (!machine_is_guest_ram(gpa))
			return false;
		if (write)
			memcpy(at_page(gpa), bytes, part);
		else
			memcpy(bytes, at_page(gpa), part);
		bytes += part;
		gpa.raw += part;
		size -= part;
	}
	return true;
}

bool guest_private_read(gpa_t gpa, void *to, size_t size)
{
	return private_copy(gpa, to, size, false);
}

bool guest_private_write(gpa_t gpa, const void *from, size_t size)
{
	/* private_copy() only reads `bytes` when it writes guest memory. */
	return private_copy(gpa, (uint8_t *)(uintptr_t)from, size, true);
}

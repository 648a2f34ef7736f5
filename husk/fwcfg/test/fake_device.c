/* SPDX-License-Identifier: MIT */
#include "fake_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../device.h"
#include "../directory.h"
#include "husk/guest_memory.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "husk/port.h"

uint8_t fake_memory[FAKE_MEMORY];
bool fake_private[FAKE_MEMORY / PAGE_SIZE];
struct fake_item fake_items[16];
struct machine machine;
enum log_level log_limit;

static unsigned item_count;
static struct fwcfg_directory real_directory;
static uint16_t key;
static uint32_t position;
static uint64_t dma_high;

void fake_add(uint16_t new_key, const char *name, void *bytes, uint32_t size, bool writable)
{
	uint32_t n = __builtin_bswap32(real_directory.count);

	fake_items[item_count++] = (struct fake_item){new_key, name, bytes, size, writable};
	if (name == NULL)
		return;
	real_directory.entries[n].size = __builtin_bswap32(size);
	real_directory.entries[n].selector = __builtin_bswap16(new_key);
	snprintf(real_directory.entries[n].name, sizeof(real_directory.entries[n].name), "%s",
		 name);
	real_directory.count = __builtin_bswap32(n + 1);
}

void fake_device_reset(void)
{
	item_count = 0;
	memset(&real_directory, 0, sizeof(real_directory));
	memset(fake_memory, 0, sizeof(fake_memory));
	memset(fake_private, 0, sizeof(fake_private));
	machine = (struct machine){0};
	fake_add(FWCFG_KEY_DIRECTORY, NULL, &real_directory, sizeof(real_directory), false);
}

static struct fake_item *current(void)
{
	for (unsigned i = 0; i < item_count; i++)
		if (fake_items[i].key == (key & FWCFG_KEY_INDEX))
			return &fake_items[i];
	return NULL;
}

struct fake_request {
	uint32_t control, length;
	uint64_t address;
};

/* Husk's memory is the test's own: addresses are pointers. */
static bool move(uint32_t control, uint8_t *memory, uint32_t length)
{
	struct fake_item *item = current();
	uint32_t size = item != NULL ? item->size : 0;

	if ((control & (FWCFG_DMA_READ | FWCFG_DMA_WRITE)) != 0) {
		for (uint32_t i = 0; i < length; i++) {
			bool inside = position + i < size;

			if ((control & FWCFG_DMA_READ) != 0)
				memory[i] = inside ? item->bytes[position + i] : 0;
			else if (!inside || !item->writable)
				return false;
			else
				item->bytes[position + i] = memory[i];
		}
	}
	position += length;
	return true;
}

static void run(uint64_t at)
{
	struct fake_request *r = (struct fake_request *)at;
	uint32_t control = __builtin_bswap32(r->control);
	bool ok;

	if ((control & FWCFG_DMA_SELECT) != 0) {
		key = (uint16_t)(control >> 16);
		position = 0;
	}
	ok = move(control, (uint8_t *)__builtin_bswap64(r->address), __builtin_bswap32(r->length));
	r->control = ok ? 0 : __builtin_bswap32(FWCFG_DMA_ERROR);
}

void port_out(uint16_t port, unsigned size, uint32_t value)
{
	if (size != 4)
		abort();
	if (port == 0x514)
		dma_high = (uint64_t)__builtin_bswap32(value) << 32;
	else if (port == 0x518)
		run(dma_high | __builtin_bswap32(value));
	else
		abort();
}

uint32_t port_in(uint16_t port, unsigned size)
{
	return port == 0x514 && size == 4 ? 0x554d4551 : 0;
}

/* --- Guest memory ------------------------------------------------------------------------- */

static bool in_memory(gpa_t gpa, size_t size)
{
	return gpa.raw <= FAKE_MEMORY && size <= FAKE_MEMORY - gpa.raw;
}

enum guest_access guest_read(gpa_t gpa, void *to, size_t size)
{
	if (!in_memory(gpa, size))
		return GUEST_ACCESS_NOT_RAM;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = fake_memory[gpa.raw + i] ^
				     (fake_private[(gpa.raw + i) / PAGE_SIZE] ? 0xa7 : 0);
	return GUEST_ACCESS_OK;
}

enum guest_access guest_write(gpa_t gpa, const void *from, size_t size)
{
	if (!in_memory(gpa, size))
		return GUEST_ACCESS_NOT_RAM;
	for (size_t i = 0; i < size; i++)
		if (fake_private[(gpa.raw + i) / PAGE_SIZE])
			return GUEST_ACCESS_ASSIGNED;
	memcpy(fake_memory + gpa.raw, from, size);
	return GUEST_ACCESS_OK;
}

/* --- Husk's surroundings ------------------------------------------------------------------- */

void *page_alloc(void)
{
	return pages_reserve(1);
}

/* Out of one arena, so that nothing is left over at the end. */
void *pages_reserve(size_t count)
{
	static uint8_t arena[256][PAGE_SIZE];
	static size_t used;
	void *pages = arena[used];

	used += count;
	if (used > 256)
		abort();
	return pages;
}

paddr_t page_physical(const void *pointer)
{
	return PADDR((uint64_t)pointer);
}

void husk_log(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

void machine_end(uint32_t exit_value, const char *format, ...)
{
	(void)format;
	exit((int)exit_value);
}

/* SPDX-License-Identifier: MIT */
/*
 * The guest's fw_cfg device. Selector and offset are kept here; bytes come from Husk's own
 * directory and e820 or, through Husk's memory, from QEMU's device. The guest's DMA descriptors and
 * buffers are read and written the way a host reads and writes guest memory: what is assigned to
 * the guest stays as it is, and the transfer ends in an error.
 */
#include "device.h"
#include "directory.h"
#include "husk/fwcfg_filter.h"
#include "husk/guest_memory.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "husk/port.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"

#define PORT_SELECT   0x510
#define PORT_DATA     0x511
#define PORT_DMA_HIGH 0x514
#define PORT_DMA_LOW  0x518

#define E820_NAME "etc/e820"

/* An item that Husk answers itself. */
struct own_item {
	uint16_t key;
	const void *bytes;
	uint32_t size;
};

struct dma_descriptor {
	uint32_t control;
	uint32_t length;
	uint64_t address;
};

static struct fwcfg_directory *directory;
static struct e820_entry e820[E820_MAX];
static struct own_item own[2];
static unsigned own_count;

static uint16_t selected;
static uint32_t offset;
static uint32_t dma_high; /* as a number */

/* A window on the selected item, so that byte-wise reads do not cost a transfer each. */
static uint8_t ahead[FWCFG_CHUNK];
static uint32_t ahead_start;
static bool ahead_valid;

/* --- Start --- */

static bool read_all(uint16_t key, void *to, uint32_t size)
{
	for (uint32_t at = 0; at < size; at += FWCFG_CHUNK) {
		uint32_t n = size - at < FWCFG_CHUNK ? size - at : FWCFG_CHUNK;

		if (!device_read(key, at, (uint8_t *)to + at, n))
			return false;
	}
	return true;
}

static void own_add(uint16_t key, const void *bytes, size_t size)
{
	own[own_count++] = (struct own_item){key, bytes, (uint32_t)size};
}

static bool make_e820(void)
{
	struct fwcfg_entry *entry = directory_find(directory, E820_NAME);
	uint32_t size;
	size_t count;

	if (entry == NULL)
		return true;
	size = __builtin_bswap32(entry->size);
	count = size / sizeof(struct e820_entry);
	if (count > E820_MAX || !read_all(__builtin_bswap16(entry->selector), e820, size))
		return false;
	count = e820_remove(e820, count, E820_MAX, machine.husk_base.raw, machine.husk_size);
	if (count == 0)
		return false;
	entry->size = __builtin_bswap32((uint32_t)(count * sizeof(struct e820_entry)));
	own_add(__builtin_bswap16(entry->selector), e820, count * sizeof(struct e820_entry));
	return true;
}

void fwcfg_filter_init(void)
{
	size_t pages = (sizeof(*directory) + PAGE_SIZE - 1) / PAGE_SIZE;

	own_count = 0;
	selected = 0;
	offset = 0;
	ahead_valid = false;
	directory = pages_reserve(pages);
	if (directory == NULL || !device_init() ||
	    !read_all(FWCFG_KEY_DIRECTORY, directory, sizeof(*directory)))
		machine_end(HUSK_EXIT_BAD_MACHINE, "fw_cfg: no directory");
	directory_hide(directory);
	own_add(FWCFG_KEY_DIRECTORY, directory,
		4 + __builtin_bswap32(directory->count) * (size_t)FWCFG_ENTRY_SIZE);
	if (!make_e820())
		machine_end(HUSK_EXIT_BAD_MACHINE, "fw_cfg: no usable memory map");
}

/* --- Items --- */

/* QEMU's fixed items, and what the filtered directory names. */
static bool may_select(uint16_t key)
{
	uint16_t index = key & FWCFG_KEY_INDEX;

	return (key & FWCFG_KEY_ARCH) != 0 || index < FWCFG_KEY_FILES ||
	       directory_has(directory, index);
}

static const struct own_item *own_find(uint16_t key)
{
	for (unsigned i = 0; i < own_count; i++)
		if ((key & FWCFG_KEY_ARCH) == 0 && own[i].key == (key & FWCFG_KEY_INDEX))
			return &own[i];
	return NULL;
}

static void select_item(uint16_t key)
{
	selected = key;
	offset = 0;
	ahead_valid = false;
}

/* `size` (at most FWCFG_CHUNK) bytes of the selected item at the offset; zeros where it has none.
 */
static void read_item(void *to, uint32_t size)
{
	const struct own_item *item = own_find(selected);

	memset(to, 0, size);
	if (item != NULL) {
		uint32_t left = offset < item->size ? item->size - offset : 0;

		memcpy(to, (const uint8_t *)item->bytes + offset, size < left ? size : left);
	} else if (may_select(selected) && !device_read(selected, offset, to, size)) {
		memset(to, 0, size);
	}
}

static uint8_t read_byte(void)
{
	if (!ahead_valid || offset < ahead_start || offset - ahead_start >= FWCFG_CHUNK) {
		read_item(ahead, FWCFG_CHUNK);
		ahead_start = offset;
		ahead_valid = true;
	}
	return ahead[offset++ - ahead_start];
}

/* --- DMA --- */

static bool transfer_chunk(const struct dma_descriptor *d, uint32_t size)
{
	static uint8_t chunk[FWCFG_CHUNK]; /* under the machine lock */

	if ((d->control & FWCFG_DMA_READ) != 0) {
		read_item(chunk, size);
		return guest_write(GPA(d->address), chunk, size) == GUEST_ACCESS_OK;
	}
	if ((d->control & FWCFG_DMA_WRITE) != 0) {
		if (own_find(selected) != NULL || !may_select(selected))
			return false;
		ahead_valid = false;
		return guest_read(GPA(d->address), chunk, size) == GUEST_ACCESS_OK &&
		       device_write(selected, offset, chunk, size);
	}
	return true; /* skip */
}

static bool transfer(struct dma_descriptor d)
{
	if ((d.control & (FWCFG_DMA_READ | FWCFG_DMA_WRITE | FWCFG_DMA_SKIP)) == 0)
		return true;
	if ((d.control & (FWCFG_DMA_READ | FWCFG_DMA_WRITE)) == 0) {
		offset += d.length;
		return true;
	}
	while (d.length > 0) {
		uint32_t size = d.length < FWCFG_CHUNK ? d.length : FWCFG_CHUNK;

		if (!transfer_chunk(&d, size))
			return false;
		offset += size;
		d.length -= size;
		d.address += size;
	}
	return true;
}

static void run_dma(gpa_t at)
{
	struct dma_descriptor d;
	uint32_t result;

	if (guest_read(at, &d, sizeof(d)) != GUEST_ACCESS_OK)
		return;
	d.control = __builtin_bswap32(d.control);
	d.length = __builtin_bswap32(d.length);
	d.address = __builtin_bswap64(d.address);
	if ((d.control & FWCFG_DMA_SELECT) != 0)
		select_item((uint16_t)(d.control >> 16));
	result = transfer(d) ? 0 : __builtin_bswap32(FWCFG_DMA_ERROR);
	if (guest_write(at, &result, sizeof(result)) != GUEST_ACCESS_OK)
		log_info("fw_cfg: descriptor at %llx is private", (unsigned long long)at.raw);
}

/* --- Ports --- */

uint32_t fwcfg_filter_in(uint16_t port, unsigned size)
{
	if (port == PORT_SELECT || port == PORT_DATA)
		return size == 1 ? read_byte() : 0;
	return port_in(port, size); /* the DMA interface's signature */
}

void fwcfg_filter_out(uint16_t port, unsigned size, uint32_t value)
{
	if (port == PORT_SELECT && size == 2) {
		select_item((uint16_t)value);
	} else if (port == PORT_DMA_HIGH && size == 4) {
		dma_high = __builtin_bswap32(value);
	} else if (port == PORT_DMA_LOW && size == 4) {
		gpa_t at = GPA((uint64_t)dma_high << 32 | __builtin_bswap32(value));

		dma_high = 0;
		run_dma(at);
	}
}

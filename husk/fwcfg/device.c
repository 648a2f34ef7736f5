/* SPDX-License-Identifier: MIT */
#include "device.h"
#include "husk/pages.h"
#include "husk/port.h"
#include "mem/mem.h"

#define DMA_HIGH 0x514
#define DMA_LOW  0x518

#define DONE_SPINS 100000000U

/* All fields big endian. */
struct dma_request {
	uint32_t control;
	uint32_t length;
	uint64_t address;
};

static struct dma_request *descriptor;
static uint8_t *bounce;

bool device_init(void)
{
	descriptor = page_alloc();
	bounce = page_alloc();
	return descriptor != NULL && bounce != NULL;
}

/* One request; QEMU does it before the port write ends, so the wait is for form's sake. */
static bool request(uint32_t control, uint32_t length)
{
	struct dma_request *r = descriptor;
	uint64_t at = page_physical(r).raw;
	uint32_t result = 0;

	r->length = __builtin_bswap32(length);
	r->address = __builtin_bswap64(page_physical(bounce).raw);
	WRITE_ONCE(r->control, __builtin_bswap32(control));
	port_out(DMA_HIGH, 4, __builtin_bswap32((uint32_t)(at >> 32)));
	port_out(DMA_LOW, 4, __builtin_bswap32((uint32_t)at));
	for (uint32_t i = 0; i < DONE_SPINS; i++) {
		result = __builtin_bswap32(READ_ONCE(r->control));
		if ((result & ~FWCFG_DMA_ERROR) == 0)
			return result == 0;
		__builtin_ia32_pause();
	}
	return false;
}

static bool seek(uint16_t key, uint32_t offset)
{
	uint32_t select = (uint32_t)key << 16 | FWCFG_DMA_SELECT;

	return request(select | FWCFG_DMA_SKIP, offset);
}

bool device_read(uint16_t key, uint32_t offset, void *to, uint32_t size)
{
	if (size > FWCFG_CHUNK || !seek(key, offset) || !request(FWCFG_DMA_READ, size))
		return false;
	memcpy(to, bounce, size);
	return true;
}

bool device_write(uint16_t key, uint32_t offset, const void *from, uint32_t size)
{
	if (size > FWCFG_CHUNK || !seek(key, offset))
		return false;
	memcpy(bounce, from, size);
	return request(FWCFG_DMA_WRITE, size);
}

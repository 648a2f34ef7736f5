/* SPDX-License-Identifier: MIT */
/* QEMU's own fw_cfg device, as the filter uses it: by DMA through a page of Husk's. */
#ifndef HUSK_FWCFG_DEVICE_H
#define HUSK_FWCFG_DEVICE_H

#include "base/compiler.h"
#include "base/types.h"

#define FWCFG_CHUNK 4096 /* most bytes of one transfer */

#define FWCFG_DMA_ERROR  0x01U
#define FWCFG_DMA_READ   0x02U
#define FWCFG_DMA_SKIP   0x04U
#define FWCFG_DMA_SELECT 0x08U
#define FWCFG_DMA_WRITE  0x10U

/* Get the pages that transfers go through; false: no memory. */
bool MUST_CHECK device_init(void);

/*
 * Read from or write to item `key` at `offset`; at most FWCFG_CHUNK bytes. False: the device
 * refused (an item that can't be written, or past its end). Reading past the end gives zeros.
 */
bool MUST_CHECK device_read(uint16_t key, uint32_t offset, void *to, uint32_t size);
bool MUST_CHECK device_write(uint16_t key, uint32_t offset, const void *from, uint32_t size);

#endif

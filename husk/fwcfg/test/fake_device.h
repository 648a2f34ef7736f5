/* SPDX-License-Identifier: MIT */
/* QEMU's fw_cfg device and a piece of guest memory, as far as the filter sees them. */
#ifndef FAKE_DEVICE_H
#define FAKE_DEVICE_H

#include "base/types.h"

struct fake_item {
	uint16_t key;
	const char *name; /* NULL: a fixed item, not in the directory */
	uint8_t *bytes;
	uint32_t size;
	bool writable;
};

#define FAKE_MEMORY 0x10000 /* guest memory from 0 */

extern uint8_t fake_memory[FAKE_MEMORY];
extern bool fake_private[FAKE_MEMORY / PAGE_SIZE];
extern struct fake_item fake_items[16];

/* Items and directory as QEMU would have them; memory all zero and shared. */
void fake_device_reset(void);
void fake_add(uint16_t key, const char *name, void *bytes, uint32_t size, bool writable);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The guest's view of QEMU's fw_cfg device (ports 0x510 to 0x51b): Husk's own items are hidden,
 * etc/e820 leaves Husk's memory out, DMA touches only what the host may touch. Called under the
 * machine lock; the device has one selector for all CPUs, as in QEMU.
 */
#ifndef HUSK_FWCFG_FILTER_H
#define HUSK_FWCFG_FILTER_H

#include "base/types.h"

#define FWCFG_PORT_FIRST 0x510
#define FWCFG_PORT_LAST  0x51b

/* Reads directory and e820 from the real device and makes the guest's. Before the guest starts. */
void fwcfg_filter_init(void);

static inline bool fwcfg_filter_owns(uint16_t port)
{
	return port >= FWCFG_PORT_FIRST && port <= FWCFG_PORT_LAST;
}

/* `size` is 1, 2 or 4 bytes. */
uint32_t fwcfg_filter_in(uint16_t port, unsigned size);
void fwcfg_filter_out(uint16_t port, unsigned size, uint32_t value);

#endif

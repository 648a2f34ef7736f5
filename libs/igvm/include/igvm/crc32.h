/* SPDX-License-Identifier: MIT */
/* CRC-32 (IEEE 802.3, reflected), as the IGVM header needs it. */
#ifndef IGVM_CRC32_H
#define IGVM_CRC32_H

#include <stddef.h>
#include <stdint.h>

#define CRC32_INIT 0xffffffffU

/* Continues a CRC over size bytes. Start with CRC32_INIT; the final value is inverted. */
uint32_t crc32_update(uint32_t crc, const void *bytes, size_t size);

#endif

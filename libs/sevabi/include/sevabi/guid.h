/* SPDX-License-Identifier: MIT */
/*
 * GUIDs as bytes in a wire structure. Two byte orders exist and both are used:
 * EFI (first three fields little endian; SVSM manifests, OVMF metadata) and text order
 * (bytes as printed; certificate table). Comparing is comparing 16 bytes.
 */
#ifndef SEVABI_GUID_H
#define SEVABI_GUID_H

#include <stdint.h>

#include "base/compiler.h"

struct guid {
	uint8_t bytes[16];
};
LAYOUT_SIZE(struct guid, 16);

#define GUID_BYTE(x, n) ((uint8_t)(((uint64_t)(x)) >> (8 * (n))))

/* GUID_EFI(0x63849ebb, 0x3d92, 0x4670, 0xa1ff, 0x58f9c94b87bb) is 63849ebb-3d92-... in EFI order.
 */
#define GUID_EFI(a, b, c, d, e)                                                             \
	{                                                                                   \
		{                                                                           \
			GUID_BYTE(a, 0), GUID_BYTE(a, 1), GUID_BYTE(a, 2), GUID_BYTE(a, 3), \
				GUID_BYTE(b, 0), GUID_BYTE(b, 1), GUID_BYTE(c, 0),          \
				GUID_BYTE(c, 1), GUID_BYTE(d, 1), GUID_BYTE(d, 0),          \
				GUID_BYTE(e, 5), GUID_BYTE(e, 4), GUID_BYTE(e, 3),          \
				GUID_BYTE(e, 2), GUID_BYTE(e, 1), GUID_BYTE(e, 0)           \
		}                                                                           \
	}

/* The same in text order. */
#define GUID_TEXT(a, b, c, d, e)                                                            \
	{                                                                                   \
		{                                                                           \
			GUID_BYTE(a, 3), GUID_BYTE(a, 2), GUID_BYTE(a, 1), GUID_BYTE(a, 0), \
				GUID_BYTE(b, 1), GUID_BYTE(b, 0), GUID_BYTE(c, 1),          \
				GUID_BYTE(c, 0), GUID_BYTE(d, 1), GUID_BYTE(d, 0),          \
				GUID_BYTE(e, 5), GUID_BYTE(e, 4), GUID_BYTE(e, 3),          \
				GUID_BYTE(e, 2), GUID_BYTE(e, 1), GUID_BYTE(e, 0)           \
		}                                                                           \
	}

#endif

/* SPDX-License-Identifier: MIT */
/* Where things lie in the guest; the same places as in OVMF, so that an SVSM sees nothing new. */
#ifndef SVSM_LAYOUT_H
#define SVSM_LAYOUT_H

#define FW_LOW_BASE     0xffff0000 /* the last 64 KiB: what real mode can reach */
#define FW_IMAGE_BASE   0xfffc0000
#define FW_PAGE_TABLES  0x00800000
#define FW_GHCB         0x00809000 /* shared from the start */
#define FW_RAM          0x0080a000
#define FW_SECRETS_PAGE 0x0080d000
#define FW_CPUID_PAGE   0x0080e000
#define FW_CAA          0x0080f000
#define FW_RAM2         0x00810000
#define FW_FRESH        0x01000000 /* RAM that nobody has validated, from here */

#endif

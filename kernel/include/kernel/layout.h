/* SPDX-License-Identifier: MIT */
/*
 * The kernel's virtual address space, fixed. Four-level paging; PML4 slots 0 to 255 belong to the
 * user process, the rest is the same in every address space.
 *
 *   slot 256  direct map of Copra's own region: NX, read-write, without the kernel image
 *   slot 288  ranges: stacks, large buffers, device registers; guard pages on both sides
 *   slot 320  windows: short-lived mappings of guest memory, a few per CPU
 *   slot 511  the kernel image at BOOT_KERNEL_VBASE + (physical - region_base)
 */
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

#include "bootabi/bootabi.h"

#define LAYOUT_USER_END    0x0000800000000000ULL /* first address that no user mapping may reach */
#define LAYOUT_DIRECT_BASE 0xffff800000000000ULL
#define LAYOUT_DIRECT_SIZE (1ULL << 39)
#define LAYOUT_RANGE_BASE  0xffff900000000000ULL
#define LAYOUT_RANGE_SIZE  (1ULL << 39)
#define LAYOUT_WINDOW_BASE 0xffffa00000000000ULL
#define LAYOUT_WINDOW_SIZE (1ULL << 39)
#define LAYOUT_IMAGE_BASE  BOOT_KERNEL_VBASE

#define CPU_MAX 256

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Between kernel and user memory of the current process. Ranges are checked, pages are faulted in,
 * SMAP is lifted for the copy only. May sleep: no spinlocks, interrupts on.
 */
#ifndef KERNEL_USER_COPY_H
#define KERNEL_USER_COPY_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

/* ERR_FAULT when any byte cannot be accessed; part of it may have been copied then. */
MUST_CHECK enum error user_copy_in(void *to, uint64_t from, size_t size);
MUST_CHECK enum error user_copy_out(uint64_t to, const void *from, size_t size);
MUST_CHECK enum error user_zero(uint64_t to, size_t size);

/* One aligned word, read whole. ERR_FAULT, ERR_ALIGNMENT. */
MUST_CHECK enum error user_read_u32(uint64_t from, uint32_t *out);

/*
 * Copy a terminated string of at most `room` bytes with its terminator. ERR_FAULT, ERR_RANGE (too
 * long). *length gets its length without terminator.
 */
MUST_CHECK enum error user_copy_string(char *to, size_t room, uint64_t from, size_t *length);

#endif

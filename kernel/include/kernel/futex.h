/* SPDX-License-Identifier: MIT */
/* futex(2) for the threads of one process: words are named by map and address. */
#ifndef KERNEL_FUTEX_H
#define KERNEL_FUTEX_H

#include "base/compiler.h"
#include "base/types.h"

struct vm_map;

/*
 * Sleep while *address == expected, until woken with a matching bit or deadline_ns of clock_ns().
 * 0, -EAGAIN, -ETIMEDOUT, -EINTR, -EFAULT, -EINVAL.
 */
int64_t futex_wait(struct vm_map *map, uint64_t address, uint32_t expected, uint32_t bits,
		   uint64_t deadline_ns);

/* Wake up to `count` waiters whose bits match; how many were woken. */
int64_t futex_wake(struct vm_map *map, uint64_t address, uint32_t count, uint32_t bits);

/*
 * Wake up to `count` waiters of `from` and let up to `move` others wait for `to` instead. How many
 * were woken or moved.
 */
int64_t futex_requeue(struct vm_map *map, uint64_t from, uint64_t to, uint32_t count,
		      uint32_t move);

#endif

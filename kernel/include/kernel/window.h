/* SPDX-License-Identifier: MIT */
/*
 * Short-lived mappings of memory that Copra does not own. A window belongs to the CPU it was opened
 * on: preemption is off while one is open, they are closed in the reverse order, and no more than
 * WINDOW_DEPTH are open at a time. Whether the guest may have this page touched at all is for the
 * caller (kernel/guest) to check before.
 */
#ifndef KERNEL_WINDOW_H
#define KERNEL_WINDOW_H

#include "base/types.h"
#include "kernel/error.h"
#include "kernel/paging.h"

#define WINDOW_DEPTH     8
#define WINDOW_PAGES_MAX 64 /* pages of one window */

struct window {
	void *address;  /* of the first byte asked for */
	uint16_t slot;  /* first table entry */
	uint16_t pages; /* 0: a 2 MiB window */
};

/*
 * Open a window on [gpa, gpa + size); flags of MAP_WRITE, MAP_SHARED. Never allocates.
 * ERR_INVALID (size), ERR_OVERFLOW, ERR_RANGE (overlaps Copra's own region), ERR_LIMIT.
 */
MUST_CHECK enum error window_open(gpa_t gpa, size_t size, unsigned int flags, struct window *out);

/* Open a window on one 2 MiB aligned 2 MiB page, as one 2 MiB mapping; one per CPU. */
MUST_CHECK enum error window_open_2m(gpa_t gpa, unsigned int flags, struct window *out);

void window_close(struct window *window);

/*
 * Copy between kernel memory and an open window (or any kernel address) that may fault: ERR_FAULT
 * instead of an exception. Each byte is read once.
 */
MUST_CHECK enum error fault_copy(void *to, const void *from, size_t size);
MUST_CHECK enum error fault_read_u64(const void *from, uint64_t *out);
MUST_CHECK enum error fault_write_u64(void *to, uint64_t value);

#endif

/* SPDX-License-Identifier: MIT */
/* A pairing heap of timers by deadline. Intrusive, allocates nothing; the caller locks. */
#ifndef TIME_TIMER_HEAP_H
#define TIME_TIMER_HEAP_H

#include "kernel/timer.h"

/* Add a timer (its deadline is set) to the heap at *root; equal deadlines come out in any order. */
void timer_heap_insert(struct timer **root, struct timer *timer);

/* Take a timer out, wherever it stands. */
void timer_heap_remove(struct timer **root, struct timer *timer);

#endif

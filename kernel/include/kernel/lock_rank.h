/* SPDX-License-Identifier: MIT */
/*
 * The order in which locks are taken, outermost first. A CPU may only take a lock whose rank is
 * higher than that of every lock it holds; debug builds check it and stop with STOP_LOCK_ORDER. Add
 * yours where it belongs, not at the end.
 */
#ifndef KERNEL_LOCK_RANK_H
#define KERNEL_LOCK_RANK_H

enum lock_rank {
	LOCK_RANK_NONE = 0, /* not checked: for tests only */
	LOCK_RANK_PROCESS = 10,
	LOCK_RANK_VM = 12, /* a process's memory map */
	LOCK_RANK_OBJECT = 14,
	LOCK_RANK_FILES = 16,
	LOCK_RANK_PROTOCOL = 18,
	LOCK_RANK_GUEST = 20,
	LOCK_RANK_PAGE_STATE = 22,
	LOCK_RANK_SPACE = 24, /* tables of one user address space */
	LOCK_RANK_KERNEL_RANGES = 26,
	LOCK_RANK_KERNEL_TABLES = 28,
	LOCK_RANK_PSP = 30,
	LOCK_RANK_RANDOM = 32,
	LOCK_RANK_FUTEX = 34,
	LOCK_RANK_WAIT = 36, /* wait queues */
	LOCK_RANK_THREADS = 40,
	LOCK_RANK_RUNQUEUE = 42,
	LOCK_RANK_TIMER = 43, /* a run queue arms its slice timer */
	LOCK_RANK_CACHE = 44,
	LOCK_RANK_PAGES = 46,
	LOCK_RANK_PLATFORM = 48,
	LOCK_RANK_SMP = 50,
	LOCK_RANK_LOG = 52,
	LOCK_RANK_CONSOLE = 54,
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reader-writer spinlock: many readers or one writer; a waiting writer holds new readers back.
 * Interrupts stay as they are: a lock that interrupts take is taken with them off.
 */
#ifndef KERNEL_RWLOCK_H
#define KERNEL_RWLOCK_H

#include "base/compiler.h"
#include "base/types.h"

struct rwlock {
	uint32_t state; /* bit 31: writer inside, bit 30: writer waits, below: readers */
	uint32_t rank;  /* enum lock_rank, for debug builds */
};

#define RWLOCK_INIT(lock_rank)                  \
	{                                       \
		.state = 0, .rank = (lock_rank) \
	}

void rwlock_init(struct rwlock *lock, uint32_t rank);
void rwlock_read_lock(struct rwlock *lock);
void rwlock_read_unlock(struct rwlock *lock);
void rwlock_write_lock(struct rwlock *lock);
void rwlock_write_unlock(struct rwlock *lock);
bool rwlock_try_write_lock(struct rwlock *lock) MUST_CHECK;

#endif

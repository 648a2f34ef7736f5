/* SPDX-License-Identifier: MIT */
/*
 * Ticket spin locks. Holding one disables preemption. A lock that interrupt handlers take is taken
 * with interrupts off everywhere (the _irq forms). Whoever waits serves the messages of other CPUs
 * meanwhile, so a TLB shootdown never waits for a lock. Ranks: lock_rank.h.
 */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/lock_rank.h"

struct spinlock {
	uint32_t next;   /* ticket to be drawn */
	uint32_t owner;  /* ticket that holds the lock */
	uint32_t rank;   /* enum lock_rank */
	uint32_t holder; /* CPU index + 1 while held */
};

#define SPINLOCK_INIT(lock_rank)    \
	{                           \
		.rank = (lock_rank) \
	}

typedef uint64_t irq_flags_t; /* RFLAGS.IF as it was */

void spin_init(struct spinlock *lock, uint32_t rank);
void spin_lock(struct spinlock *lock);
bool spin_trylock(struct spinlock *lock) MUST_CHECK;
void spin_unlock(struct spinlock *lock);
/* With interrupts off until spin_unlock_irq() puts them back as they were. */
irq_flags_t spin_lock_irq(struct spinlock *lock) MUST_CHECK;
void spin_unlock_irq(struct spinlock *lock, irq_flags_t flags);
/* Held by this CPU; for assertions. */
bool spin_held(const struct spinlock *lock);

/* Rank checking, for locks that are built elsewhere (rwlock.h). Nothing in release builds. */
void lock_order_acquire(const void *lock, uint32_t rank);
void lock_order_release(const void *lock);

#endif

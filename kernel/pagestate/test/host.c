/* SPDX-License-Identifier: MIT */
/* Locks and assertions of the kernel for unit tests that run as host programs, with real threads.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernel/spinlock.h"
#include "kernel/stop.h"

void spin_init(struct spinlock *lock, uint32_t rank)
{
	*lock = (struct spinlock){.rank = rank};
}

void spin_lock(struct spinlock *lock)
{
	uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		sched_yield();
}

void spin_unlock(struct spinlock *lock)
{
	__atomic_fetch_add(&lock->owner, 1, __ATOMIC_RELEASE);
}

irq_flags_t spin_lock_irq(struct spinlock *lock)
{
	spin_lock(lock);
	return 0;
}

void spin_unlock_irq(struct spinlock *lock, irq_flags_t flags)
{
	(void)flags;
	spin_unlock(lock);
}

void assertion_failed(const char *expression, const char *file, unsigned line)
{
	fprintf(stderr, "%s:%u: assertion failed: %s\n", file, line, expression);
	abort();
}

// SPDX-License-Identifier: MIT
/* Reader-writer spinlock; a waiting writer holds new readers back. */
#include "kernel/rwlock.h"

#include "kernel/preempt.h"
#include "kernel/smp.h"
#include "kernel/spinlock.h"

#define WRITER_IN   0x80000000U
#define WRITER_WAIT 0x40000000U

void rwlock_init(struct rwlock *lock, uint32_t rank)
{
	lock->state = 0;
	lock->rank = rank;
}

static void spin_once(void)
{
	smp_poll();
	insn_pause();
}

void rwlock_read_lock(struct rwlock *lock)
{
	preempt_disable();
	lock_order_acquire(lock, lock->rank);
	for (;;) {
		uint32_t state = READ_ONCE(lock->state);

		if ((state & (WRITER_IN | WRITER_WAIT)) == 0 &&
		    __atomic_compare_exchange_n(&lock->state, &state, state + 1, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		spin_once();
	}
}

void rwlock_read_unlock(struct rwlock *lock)
{
	__atomic_fetch_sub(&lock->state, 1, __ATOMIC_RELEASE);
	lock_order_release(lock);
	preempt_enable();
}

bool rwlock_try_write_lock(struct rwlock *lock)
{
	uint32_t free = 0;

	preempt_disable();
	if (__atomic_compare_exchange_n(&lock->state, &free, WRITER_IN, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED)) {
		lock_order_acquire(lock, lock->rank);
		return true;
	}
	preempt_enable();
	return false;
}

void rwlock_write_lock(struct rwlock *lock)
{
	preempt_disable();
	lock_order_acquire(lock, lock->rank);
	for (;;) {
		uint32_t state = READ_ONCE(lock->state);

		/* The writer that gets in clears the mark; others that wait set it again. */
		if ((state & ~WRITER_WAIT) == 0) {
			if (__atomic_compare_exchange_n(&lock->state, &state, WRITER_IN, false,
							__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
				return;
		} else if ((state & WRITER_WAIT) == 0) {
			__atomic_fetch_or(&lock->state, WRITER_WAIT, __ATOMIC_RELAXED);
		}
		spin_once();
	}
}

void rwlock_write_unlock(struct rwlock *lock)
{
	__atomic_fetch_and(&lock->state, ~WRITER_IN, __ATOMIC_RELEASE);
	lock_order_release(lock);
	preempt_enable();
}

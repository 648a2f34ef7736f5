/* SPDX-License-Identifier: MIT */
#include "kernel/cpu.h"
#include "kernel/config.h"
#include "kernel/preempt.h"
#include "kernel/smp.h"
#include "kernel/spinlock.h"
#include "kernel/stop.h"

/* --- Order ---------------------------------------------------------------------------------- */

void lock_order_acquire(const void *lock, uint32_t rank)
{
	struct cpu *cpu = this_cpu();
	uint32_t count = cpu->locks.count;

	if (!CONFIG_LOCK_ORDER || stop_in_progress())
		return;
	if (count == CPU_LOCKS_HELD)
		stop(STOP_LOCK_ORDER);
	for (uint32_t i = 0; i < count && rank != LOCK_RANK_NONE; i++)
		if (cpu->locks.ranks[i] >= rank)
			stop(STOP_LOCK_ORDER);
	cpu->locks.held[count] = lock;
	cpu->locks.ranks[count] = (uint16_t)rank;
	WRITE_ONCE(cpu->locks.count, count + 1);
}

void lock_order_release(const void *lock)
{
	struct cpu *cpu = this_cpu();
	uint32_t count = cpu->locks.count;

	if (!CONFIG_LOCK_ORDER || stop_in_progress())
		return;
	for (uint32_t i = count; i > 0; i--) {
		if (cpu->locks.held[i - 1] != lock)
			continue;
		for (; i < count; i++) {
			cpu->locks.held[i - 1] = cpu->locks.held[i];
			cpu->locks.ranks[i - 1] = cpu->locks.ranks[i];
		}
		cpu->locks.count = count - 1;
		return;
	}
	stop(STOP_LOCK_ORDER); /* given back by a CPU that does not hold it */
}

/* --- Ticket lock ---------------------------------------------------------------------------- */

void spin_init(struct spinlock *lock, uint32_t rank)
{
	*lock = (struct spinlock){.rank = rank};
}

/* Preemption is off. */
static void acquire(struct spinlock *lock)
{
	uint32_t ticket;

	/* The order is checked with interrupts off: a handler's locks come and go between. */
	if (CONFIG_LOCK_ORDER) {
		irq_flags_t irq = irq_save();

		lock_order_acquire(lock, lock->rank);
		irq_restore(irq);
	}
	ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket) {
		smp_poll();
		insn_pause();
	}
	lock->holder = this_cpu()->index + 1;
}

static void release(struct spinlock *lock)
{
	lock->holder = 0;
	__atomic_store_n(&lock->owner, lock->owner + 1, __ATOMIC_RELEASE);
	if (CONFIG_LOCK_ORDER) {
		irq_flags_t irq = irq_save();

		lock_order_release(lock);
		irq_restore(irq);
	}
}

void spin_lock(struct spinlock *lock)
{
	preempt_disable();
	acquire(lock);
}

bool spin_trylock(struct spinlock *lock)
{
	uint32_t ticket;

	preempt_disable();
	ticket = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
	if (!__atomic_compare_exchange_n(&lock->next, &ticket, ticket + 1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED)) {
		preempt_enable();
		return false;
	}
	if (CONFIG_LOCK_ORDER) {
		irq_flags_t irq = irq_save();

		lock_order_acquire(lock, LOCK_RANK_NONE); /* never waits: any order will do */
		irq_restore(irq);
	}
	lock->holder = this_cpu()->index + 1;
	return true;
}

void spin_unlock(struct spinlock *lock)
{
	release(lock);
	preempt_enable();
}

irq_flags_t spin_lock_irq(struct spinlock *lock)
{
	irq_flags_t irq = irq_save();

	spin_lock(lock);
	return irq;
}

void spin_unlock_irq(struct spinlock *lock, irq_flags_t flags)
{
	release(lock);
	preempt_enable_no_check();
	irq_restore(flags);
	if (unlikely(this_cpu()->need_resched))
		preempt_check();
}

bool spin_held(const struct spinlock *lock)
{
	return READ_ONCE(lock->holder) == this_cpu()->index + 1;
}

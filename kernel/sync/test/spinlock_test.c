/* SPDX-License-Identifier: MIT */
/* Spin locks on the modelled machine, and the check of their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake.h"
#include "kernel/cpu.h"
#include "kernel/spinlock.h"

static struct spinlock outer = SPINLOCK_INIT(LOCK_RANK_PROCESS);
static struct spinlock inner = SPINLOCK_INIT(LOCK_RANK_PAGES);
static struct spinlock free_rank = SPINLOCK_INIT(LOCK_RANK_NONE);

static int start(void **state)
{
	(void)state;
	fake_start(16);
	spin_init(&outer, LOCK_RANK_PROCESS);
	spin_init(&inner, LOCK_RANK_PAGES);
	spin_init(&free_rank, LOCK_RANK_NONE);
	return 0;
}

static void test_holding_stops_preemption(void **state)
{
	(void)state;
	spin_lock(&outer);
	assert_int_equal(this_cpu()->preempt_count, 1);
	assert_true(spin_held(&outer));
	spin_lock(&inner);
	assert_int_equal(this_cpu()->preempt_count, 2);
	spin_unlock(&outer); /* not in reverse order: allowed */
	spin_unlock(&inner);
	assert_int_equal(this_cpu()->preempt_count, 0);
	assert_int_equal(this_cpu()->locks.count, 0);
	assert_false(spin_held(&outer));
}

static void test_interrupts_come_back(void **state)
{
	irq_flags_t first, second;

	(void)state;
	first = spin_lock_irq(&outer);
	assert_false(fake_machine.interrupts);
	second = spin_lock_irq(&inner);
	spin_unlock_irq(&inner, second);
	assert_false(fake_machine.interrupts);
	spin_unlock_irq(&outer, first);
	assert_true(fake_machine.interrupts);
}

static void test_trylock(void **state)
{
	(void)state;
	assert_true(spin_trylock(&inner));
	assert_false(spin_trylock(&inner));
	assert_int_equal(this_cpu()->preempt_count, 1);
	assert_true(spin_trylock(&outer)); /* never waits, so any order will do */
	spin_unlock(&outer);
	spin_unlock(&inner);
	assert_int_equal(this_cpu()->preempt_count, 0);
}

static void test_wrong_order_stops(void **state)
{
	(void)state;
	spin_lock(&inner);
	assert_int_equal(FAKE_EXPECT_STOP(spin_lock(&outer)), STOP_LOCK_ORDER);
}

static void test_same_lock_twice_stops(void **state)
{
	(void)state;
	spin_lock(&inner);
	assert_int_equal(FAKE_EXPECT_STOP(spin_lock(&inner)), STOP_LOCK_ORDER);
}

static void test_foreign_unlock_stops(void **state)
{
	(void)state;
	assert_int_equal(FAKE_EXPECT_STOP(spin_unlock(&inner)), STOP_LOCK_ORDER);
}

static void test_unranked(void **state)
{
	(void)state;
	spin_lock(&inner);
	spin_lock(&free_rank);
	spin_unlock(&free_rank);
	spin_unlock(&inner);
	assert_int_equal(this_cpu()->locks.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_holding_stops_preemption, start),
		cmocka_unit_test_setup(test_interrupts_come_back, start),
		cmocka_unit_test_setup(test_trylock, start),
		cmocka_unit_test_setup(test_wrong_order_stops, start),
		cmocka_unit_test_setup(test_same_lock_twice_stops, start),
		cmocka_unit_test_setup(test_foreign_unlock_stops, start),
		cmocka_unit_test_setup(test_unranked, start),
	};

	return cmocka_run_group_tests_name("spinlock", tests, NULL, NULL);
}

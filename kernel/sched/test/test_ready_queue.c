/* SPDX-License-Identifier: MIT */
/* Order, priorities and stealing of the ready queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../ready_queue.h"

static struct thread make(enum thread_priority priority, uint32_t affinity)
{
	struct thread thread = {.priority = priority, .affinity = affinity};

	return thread;
}

static void test_empty(void **state)
{
	struct ready_queue queue;

	(void)state;
	ready_queue_init(&queue);
	assert_null(ready_queue_pick(&queue));
	assert_null(ready_queue_steal(&queue));
	assert_int_equal(ready_queue_best(&queue), THREAD_PRIO_IDLE);
}

static void test_order(void **state)
{
	struct thread low = make(THREAD_PRIO_LOW, THREAD_ANY_CPU);
	struct thread first = make(THREAD_PRIO_NORMAL, THREAD_ANY_CPU);
	struct thread second = make(THREAD_PRIO_NORMAL, THREAD_ANY_CPU);
	struct thread urgent = make(THREAD_PRIO_HIGH, THREAD_ANY_CPU);
	struct ready_queue queue;

	(void)state;
	ready_queue_init(&queue);
	ready_queue_add(&queue, &low);
	ready_queue_add(&queue, &second);
	ready_queue_add_first(&queue, &first);
	ready_queue_add(&queue, &urgent);
	assert_int_equal(queue.count, 4);
	assert_int_equal(ready_queue_best(&queue), THREAD_PRIO_HIGH);
	assert_ptr_equal(ready_queue_pick(&queue), &urgent);
	assert_ptr_equal(ready_queue_pick(&queue), &first);
	assert_ptr_equal(ready_queue_pick(&queue), &second);
	assert_ptr_equal(ready_queue_pick(&queue), &low);
	assert_null(ready_queue_pick(&queue));
	assert_int_equal(queue.count, 0);
	assert_int_equal(queue.mask, 0);
}

static void test_steal_leaves_pinned(void **state)
{
	struct thread pinned = make(THREAD_PRIO_HIGH, 0);
	struct thread free_low = make(THREAD_PRIO_LOW, THREAD_ANY_CPU);
	struct thread free_user = make(THREAD_PRIO_USER, THREAD_ANY_CPU);
	struct ready_queue queue;

	(void)state;
	ready_queue_init(&queue);
	ready_queue_add(&queue, &pinned);
	ready_queue_add(&queue, &free_low);
	ready_queue_add(&queue, &free_user);
	assert_ptr_equal(ready_queue_steal(&queue), &free_user);
	assert_ptr_equal(ready_queue_steal(&queue), &free_low);
	assert_null(ready_queue_steal(&queue));
	assert_ptr_equal(ready_queue_pick(&queue), &pinned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_steal_leaves_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

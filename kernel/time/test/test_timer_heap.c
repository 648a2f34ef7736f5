/* SPDX-License-Identifier: MIT */
/* The timer heap against a plain array: random insertions and removals, always the earliest first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../timer_heap.h"

#define TIMERS 200
#define STEPS  20000

static uint64_t earliest(const struct timer *timers)
{
	uint64_t best = UINT64_MAX;

	for (size_t i = 0; i < TIMERS; i++)
		if (timers[i].armed && timers[i].deadline_ns < best)
			best = timers[i].deadline_ns;
	return best;
}

static void test_against_array(void **state)
{
	static struct timer timers[TIMERS];
	struct timer *root = NULL;
	unsigned int seed = 1;

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		struct timer *timer = &timers[(size_t)rand_r(&seed) % TIMERS];

		if (timer->armed) {
			timer_heap_remove(&root, timer);
		} else {
			timer->deadline_ns = (uint64_t)rand_r(&seed) % 1000;
			timer_heap_insert(&root, timer);
		}
		timer->armed = !timer->armed;
		assert_int_equal(root != NULL ? root->deadline_ns : UINT64_MAX, earliest(timers));
		if (root != NULL)
			assert_true(root->back == NULL && root->sibling == NULL && root->armed);
	}
}

static void test_drain_is_sorted(void **state)
{
	static struct timer timers[TIMERS];
	struct timer *root = NULL;
	uint64_t last = 0;
	unsigned int seed = 7;
	size_t drained = 0;

	(void)state;
	for (size_t i = 0; i < TIMERS; i++) {
		timers[i].deadline_ns = (uint64_t)rand_r(&seed);
		timer_heap_insert(&root, &timers[i]);
	}
	for (; root != NULL; drained++) {
		assert_true(root->deadline_ns >= last);
		last = root->deadline_ns;
		timer_heap_remove(&root, root);
	}
	assert_int_equal(drained, TIMERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_array),
		cmocka_unit_test(test_drain_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

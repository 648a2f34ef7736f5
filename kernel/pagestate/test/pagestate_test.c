/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <pthread.h>
#include <cmocka.h>
#include "kernel/pagestate.h"

static int allocations_left;
static long live_bytes;

static void *test_allocate(size_t bytes)
{
	if (__atomic_load_n(&allocations_left, __ATOMIC_RELAXED) == 0)
		return NULL;
	if (__atomic_load_n(&allocations_left, __ATOMIC_RELAXED) > 0)
		__atomic_sub_fetch(&allocations_left, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&live_bytes, (long)bytes, __ATOMIC_RELAXED);
	return calloc(1, bytes);
}

static void test_release(void *memory, size_t bytes)
{
	__atomic_sub_fetch(&live_bytes, (long)bytes, __ATOMIC_RELAXED);
	free(memory);
}

static const struct page_record_memory test_memory = {test_allocate, test_release};
static struct page_record record;

static void start(void)
{
	allocations_left = -1;
	live_bytes = 0;
	page_record_init(&record, &test_memory);
}

static void finish(void)
{
	/* The record never gives chunks or leaves in use back; the test does it by making all
	 * uniform. */
	for (size_t i = 0; i < ARRAY_SIZE(record.chunks); i++) {
		if (!record.chunks[i])
			continue;
		assert_int_equal(page_seed(&record, GPA(GIB(i)), GIB(1), PAGE_ABSENT), PAGE_OK);
		test_release(record.chunks[i], 512 * 16);
	}
	assert_int_equal(live_bytes, 0);
}

static void unknown_pages_are_absent(void **state)
{
	struct page_claim claim;

	(void)state;
	start();
	assert_int_equal(page_query(&record, GPA(0)), PAGE_ABSENT);
	assert_int_equal(page_query(&record, GPA(UINT64_MAX)), PAGE_ABSENT);
	assert_int_equal(page_claim(&record, GPA(PAGE_RECORD_LIMIT), PAGE_4K,
				    PAGE_STATE_BIT(PAGE_ABSENT), &claim),
			 PAGE_WRONG_STATE);
	assert_int_equal(page_seed(&record, GPA(PAGE_RECORD_LIMIT), PAGE_SIZE, PAGE_GUEST),
			 PAGE_WRONG_STATE);
	finish();
}

static void seeding_sets_exactly_the_range(void **state)
{
	(void)state;
	start();
	assert_int_equal(page_seed(&record, GPA(MIB(3)), MIB(4) + PAGE_SIZE, PAGE_UNVALIDATED),
			 PAGE_OK);
	assert_int_equal(page_query(&record, GPA(MIB(3) - 1)), PAGE_ABSENT);
	assert_int_equal(page_query(&record, GPA(MIB(3))), PAGE_UNVALIDATED);
	assert_int_equal(page_query(&record, GPA(MIB(7))), PAGE_UNVALIDATED);
	assert_int_equal(page_query(&record, GPA(MIB(7) + PAGE_SIZE)), PAGE_ABSENT);
	assert_int_equal(
		page_span(&record, GPA(MIB(3) + 5), MIB(8), PAGE_STATE_BIT(PAGE_UNVALIDATED)),
		MIB(4) + PAGE_SIZE - 5);
	assert_int_equal(page_states_in(&record, GPA(MIB(2)), PAGE_2M),
			 PAGE_STATE_BIT(PAGE_ABSENT) | PAGE_STATE_BIT(PAGE_UNVALIDATED));
	finish();
}

static void a_claim_is_exclusive_and_ends(void **state)
{
	struct page_claim claim, other;

	(void)state;
	start();
	assert_int_equal(page_seed(&record, GPA(0), MIB(4), PAGE_UNVALIDATED), PAGE_OK);
	assert_int_equal(page_claim(&record, GPA(PAGE_SIZE), PAGE_4K,
				    PAGE_STATE_BIT(PAGE_UNVALIDATED), &claim),
			 PAGE_OK);
	assert_int_equal(page_claim(&record, GPA(PAGE_SIZE), PAGE_4K,
				    PAGE_STATE_BIT(PAGE_UNVALIDATED), &other),
			 PAGE_BUSY);
	assert_int_equal(
		page_claim(&record, GPA(0), PAGE_2M, PAGE_STATE_BIT(PAGE_UNVALIDATED), &other),
		PAGE_WRONG_STATE);
	assert_int_equal(page_query(&record, GPA(PAGE_SIZE)), PAGE_UNVALIDATED);
	page_commit(&record, &claim, PAGE_GUEST);
	assert_int_equal(page_query(&record, GPA(PAGE_SIZE)), PAGE_GUEST);
	assert_int_equal(page_claim(&record, GPA(PAGE_SIZE), PAGE_4K,
				    PAGE_STATE_BIT(PAGE_UNVALIDATED), &other),
			 PAGE_WRONG_STATE);
	finish();
}

static void a_large_claim_excludes_its_pages(void **state)
{
	struct page_claim claim, other;

	(void)state;
	start();
	assert_int_equal(page_seed(&record, GPA(0), MIB(2), PAGE_UNVALIDATED), PAGE_OK);
	assert_int_equal(
		page_claim(&record, GPA(0), PAGE_2M, PAGE_STATE_BIT(PAGE_UNVALIDATED), &claim),
		PAGE_OK);
	assert_int_equal(page_claim(&record, GPA(PAGE_SIZE), PAGE_4K,
				    PAGE_STATE_BIT(PAGE_UNVALIDATED), &other),
			 PAGE_BUSY);
	page_release(&record, &claim);
	assert_int_equal(page_query(&record, GPA(0)), PAGE_UNVALIDATED);
	assert_int_equal(page_claim(&record, GPA(PAGE_SIZE), PAGE_4K,
				    PAGE_STATE_BIT(PAGE_UNVALIDATED), &other),
			 PAGE_OK);
	page_release(&record, &other);
	finish();
}

static void equal_pages_fold_into_one_entry(void **state)
{
	struct page_claim claim;
	uint64_t before;

	(void)state;
	start();
	assert_int_equal(page_seed(&record, GPA(0), MIB(2), PAGE_UNVALIDATED), PAGE_OK);
	before = record.bytes;
	for (uint64_t gpa = 0; gpa < MIB(2); gpa += PAGE_SIZE) {
		assert_int_equal(page_claim(&record, GPA(gpa), PAGE_4K,
					    PAGE_STATE_BIT(PAGE_UNVALIDATED), &claim),
				 PAGE_OK);
		page_commit(&record, &claim, PAGE_GUEST);
	}
	assert_int_equal(record.bytes, before);
	assert_int_equal(page_claim(&record, GPA(0), PAGE_2M, PAGE_STATE_BIT(PAGE_GUEST), &claim),
			 PAGE_OK);
	page_release(&record, &claim);
	finish();
}

static void no_memory_changes_nothing(void **state)
{
	struct page_claim claim;

	(void)state;
	start();
	assert_int_equal(page_seed(&record, GPA(0), MIB(2), PAGE_UNVALIDATED), PAGE_OK);
	allocations_left = 0;
	assert_int_equal(
		page_claim(&record, GPA(0), PAGE_4K, PAGE_STATE_BIT(PAGE_UNVALIDATED), &claim),
		PAGE_NO_MEMORY);
	assert_int_equal(page_query(&record, GPA(0)), PAGE_UNVALIDATED);
	assert_int_equal(page_seed(&record, GPA(GIB(5)), MIB(2), PAGE_GUEST), PAGE_NO_MEMORY);
	allocations_left = -1;
	finish();
}

static void the_table_of_transitions_protects_copra(void **state)
{
	(void)state;
	for (unsigned int from = 0; from < PAGE_STATES; from++) {
		/* Nothing validated is validated again; nothing of ours or a VMSA is given away
		 * directly. */
		assert_false(page_may_become((enum page_state)from, (enum page_state)from));
		assert_false(page_may_become((enum page_state)from, PAGE_ABSENT));
		if (from != PAGE_GUEST)
			assert_false(page_may_become((enum page_state)from, PAGE_VMSA));
	}
	assert_false(page_may_become(PAGE_VMSA, PAGE_UNVALIDATED));
	assert_false(page_may_become(PAGE_CALLING_AREA, PAGE_UNVALIDATED));
	assert_false(page_may_become(PAGE_UNVALIDATED, PAGE_COPRA));
	assert_true(page_may_become(PAGE_UNVALIDATED, PAGE_GUEST));
}

#define RACE_ROUNDS 20000

static void *race_thread(void *arg)
{
	uint64_t *commits = arg;
	unsigned int seed = (unsigned int)(uintptr_t)arg;

	for (int i = 0; i < RACE_ROUNDS; i++) {
		gpa_t gpa = GPA(((uint64_t)rand_r(&seed) % 4) << PAGE_SHIFT);
		struct page_claim claim;
		enum page_state from = rand_r(&seed) % 2 ? PAGE_GUEST : PAGE_UNVALIDATED;

		if (page_claim(&record, gpa, PAGE_4K, PAGE_STATE_BIT(from), &claim) != PAGE_OK)
			continue;
		page_commit(&record, &claim, from == PAGE_GUEST ? PAGE_UNVALIDATED : PAGE_GUEST);
		commits[from == PAGE_GUEST]++;
	}
	return NULL;
}

/* Each page changes state in turns, so over all threads the two kinds of commit differ by the end
 * state only. */
static void racing_threads_never_lose_a_transition(void **state)
{
	pthread_t thread[4];
	uint64_t commits[4][2] = {0};
	uint64_t validated = 0, rescinded = 0, guest = 0;

	(void)state;
	start();
	assert_int_equal(page_seed(&record, GPA(0), MIB(2), PAGE_UNVALIDATED), PAGE_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, race_thread, commits[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		validated += commits[i][0];
		rescinded += commits[i][1];
	}
	for (uint64_t gpa = 0; gpa < 4 * PAGE_SIZE; gpa += PAGE_SIZE)
		guest += page_query(&record, GPA(gpa)) == PAGE_GUEST;
	assert_true(validated > 0);
	assert_int_equal(validated - rescinded, guest);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_pages_are_absent),
		cmocka_unit_test(seeding_sets_exactly_the_range),
		cmocka_unit_test(a_claim_is_exclusive_and_ends),
		cmocka_unit_test(a_large_claim_excludes_its_pages),
		cmocka_unit_test(equal_pages_fold_into_one_entry),
		cmocka_unit_test(no_memory_changes_nothing),
		cmocka_unit_test(the_table_of_transitions_protects_copra),
		cmocka_unit_test(racing_threads_never_lose_a_transition),
	};

	return cmocka_run_group_tests_name("pagestate", tests, NULL, NULL);
}

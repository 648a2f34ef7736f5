/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "kernel/protocol.h"
#include "model.h"

#define LIST 0x1000ULL
#define V4K  SVSM_PVALIDATE_VALIDATE
#define V2M  (SVSM_PVALIDATE_VALIDATE | SVSM_PVALIDATE_SIZE_2M)
#define ICF  SVSM_PVALIDATE_IGNORE_CF

static void put_list(uint16_t count, uint16_t next)
{
	memcpy(model.memory + LIST, &count, 2);
	memcpy(model.memory + LIST + 2, &next, 2);
}

static void put_entry(unsigned int index, uint64_t raw)
{
	memcpy(model.memory + LIST + 8 + 8 * (size_t)index, &raw, 8);
}

static uint16_t next_index(void)
{
	uint16_t next;

	memcpy(&next, model.memory + LIST + 2, 2);
	return next;
}

static uint32_t pvalidate(uint64_t list)
{
	struct svsm_call call = {.call = SVSM_CORE_PVALIDATE, .rcx = list};

	return svsm_core_pvalidate(&call);
}

static uint32_t pvalidate_one(uint64_t raw)
{
	put_list(1, 0);
	put_entry(0, raw);
	return pvalidate(LIST);
}

/* Every value of the low 13 bits, against the format of SVSM 4.2 written down once more. */
static void decode_takes_the_format_and_nothing_else(void **state)
{
	(void)state;
	for (uint64_t low = 0; low < 0x2000; low++) {
		uint64_t raw = MIB(6) | low;
		struct svsm_page_entry entry = {0};
		bool large = (low & 3) == 1;
		bool good = (low & 3) < 2 && !(low & 0xff0) && (!large || !(low & 0x1000));

		assert_int_equal(svsm_decode_pvalidate(raw, &entry) == SVSM_SUCCESS, good);
		if (!good)
			continue;
		assert_int_equal(entry.gpa.raw, raw & ~0xfffULL);
		assert_int_equal(entry.size, large ? PAGE_2M : PAGE_4K);
		assert_int_equal(entry.validate, (low >> 2) & 1);
		assert_int_equal(entry.ignore_cf, (low >> 3) & 1);
	}
}

static void a_list_stays_within_its_page(void **state)
{
	(void)state;
	for (uint64_t at = 0; at < PAGE_SIZE; at += 8)
		for (uint32_t count = 0; count <= 0xffff; count += count < 520 ? 1 : 997) {
			struct svsm_page_list list = {.count = (uint16_t)count};
			bool good = count && at + 8 + 8 * count <= 4096;

			assert_int_equal(svsm_check_list(GPA(0x5000 + at), &list) == SVSM_SUCCESS,
					 good);
		}
}

static void bad_lists_are_refused(void **state)
{
	(void)state;
	model_start();
	assert_int_equal(pvalidate(LIST + 4), SVSM_ERR_INVALID_PARAMETER);
	put_list(0, 0);
	assert_int_equal(pvalidate(LIST), SVSM_ERR_INVALID_PARAMETER);
	put_list(3, 3);
	assert_int_equal(pvalidate(LIST), SVSM_ERR_INVALID_PARAMETER);
	put_list(512, 0);
	assert_int_equal(pvalidate(LIST), SVSM_ERR_INVALID_PARAMETER);
	assert_int_equal(pvalidate(MIB(4)), SVSM_ERR_INVALID_ADDRESS);
	assert_int_equal(pvalidate(UINT64_MAX - 7), SVSM_ERR_INVALID_ADDRESS);
	assert_int_equal(model.operations, 0);
}

static void a_page_is_validated_once(void **state)
{
	(void)state;
	model_start();
	assert_int_equal(pvalidate_one(MIB(4) | V4K), SVSM_SUCCESS);
	assert_int_equal(next_index(), 1);
	assert_int_equal(pvalidate_one(MIB(4) | V4K), SVSM_ERR_PVALIDATE_NO_CHANGE);
	assert_int_equal(next_index(), 0);
	assert_int_equal(pvalidate_one(MIB(4) | V4K | ICF), SVSM_SUCCESS);
	assert_int_equal(model.operations, 1);
	assert_int_equal(pvalidate_one(MIB(4)), SVSM_SUCCESS);
	assert_int_equal(model.flushes, 1);
	assert_int_equal(pvalidate_one(MIB(4)), SVSM_ERR_PVALIDATE_NO_CHANGE);
	assert_int_equal(pvalidate_one(MIB(4) | V4K), SVSM_SUCCESS);
	assert_int_equal(model.operations, 3);
	assert_int_equal(model.flushes, 1);
}

static void large_pages_need_uniform_ranges(void **state)
{
	(void)state;
	model_start();
	assert_int_equal(pvalidate_one(MIB(2) | V2M), SVSM_SUCCESS);
	assert_int_equal(pvalidate_one(MIB(4) | V4K), SVSM_SUCCESS);
	assert_int_equal(pvalidate_one(MIB(4) | V2M), SVSM_ERR_PVALIDATE_SIZE_MISMATCH);
	assert_int_equal(pvalidate_one((MIB(4) + PAGE_SIZE) | V2M), SVSM_ERR_INVALID_PARAMETER);
	assert_int_equal(pvalidate_one(MIB(2) | SVSM_PVALIDATE_SIZE_2M), SVSM_SUCCESS);
	assert_int_equal(page_query(&vm_pages, GPA(MIB(2))), PAGE_UNVALIDATED);
}

/* Attack A04: what is not the guest's, alone or within 2 MiB, is refused before an instruction
 * runs. */
static void protected_pages_are_refused(void **state)
{
	static const enum page_state owned[] = {
		PAGE_ABSENT,      PAGE_VMSA, PAGE_DEPOSITED, PAGE_COPRA, PAGE_COPRA_UNVALIDATED,
		PAGE_COPRA_SHARED};
	const uint64_t page = MIB(4) + 0x7f000;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
		model_start();
		assert_int_equal(page_seed(&vm_pages, GPA(page), PAGE_SIZE, owned[i]), PAGE_OK);
		assert_int_equal(pvalidate_one(page | V4K), SVSM_ERR_INVALID_ADDRESS);
		assert_int_equal(pvalidate_one(page), SVSM_ERR_INVALID_ADDRESS);
		assert_int_equal(pvalidate_one(MIB(4) | V2M), SVSM_ERR_INVALID_ADDRESS);
		assert_int_equal(pvalidate_one(page | V4K | ICF), SVSM_ERR_INVALID_ADDRESS);
		assert_int_equal(model.operations, 0);
	}
}

/* A calling area is the guest's, but must not lose its validation. */
static void calling_areas_stay_valid(void **state)
{
	(void)state;
	model_start();
	assert_int_equal(page_seed(&vm_pages, GPA(0x2000), PAGE_SIZE, PAGE_CALLING_AREA), PAGE_OK);
	assert_int_equal(pvalidate_one(0x2000), SVSM_ERR_INVALID_ADDRESS);
	assert_int_equal(pvalidate_one(0x2000 | V4K), SVSM_ERR_PVALIDATE_NO_CHANGE);
	assert_int_equal(pvalidate_one(GIB(2048) | V4K), SVSM_ERR_INVALID_ADDRESS);
	assert_int_equal(pvalidate_one(0xfffffffffffff000 | V4K), SVSM_ERR_INVALID_ADDRESS);
	assert_int_equal(model.operations, 0);
}

static void fail_nth_of_eight(unsigned int n, uint32_t status, uint32_t result)
{
	model_start();
	model.fail_at = n;
	model.fail_status = status;
	put_list(8, 0);
	for (unsigned int i = 0; i < 8; i++)
		put_entry(i, (MIB(4) + i * PAGE_SIZE) | V4K);
	assert_int_equal(pvalidate(LIST), result);
	assert_int_equal(next_index(), n - 1);
	assert_int_equal(page_query(&vm_pages, GPA(MIB(4) + (n - 1) * PAGE_SIZE)),
			 PAGE_UNVALIDATED);
	/* The same list again goes on where it stopped. */
	assert_int_equal(pvalidate(LIST), SVSM_SUCCESS);
	assert_int_equal(next_index(), 8);
}

/* Attack A03: the n-th operation of a batch fails; the index says exactly how far it came. */
static void a_failing_entry_is_named(void **state)
{
	static const struct {
		uint32_t status;
		uint32_t result;
	} failures[] = {
		{1, 0x80001001},
		{2, 0x80001002},
		{6, SVSM_ERR_PVALIDATE_SIZE_MISMATCH},
		{GUEST_PAGE_UNCHANGED, SVSM_ERR_PVALIDATE_NO_CHANGE},
		{GUEST_PAGE_FAULTED, SVSM_ERR_PVALIDATE_UNKNOWN},
	};

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(failures); f++)
		for (unsigned int n = 1; n <= 8; n++)
			fail_nth_of_eight(n, failures[f].status, failures[f].result);
}

static void long_lists_are_interrupted(void **state)
{
	(void)state;
	model_start();
	put_list(3, 0);
	for (unsigned int i = 0; i < 3; i++)
		put_entry(i, MIB(2 * (i + 1)) | V2M);
	assert_int_equal(pvalidate(LIST), SVSM_ERR_INCOMPLETE);
	assert_int_equal(next_index(), 2);
	assert_int_equal(pvalidate(LIST), SVSM_SUCCESS);
	assert_int_equal(next_index(), 3);
}

static void a_busy_page_is_asked_for_again(void **state)
{
	struct page_claim claim;

	(void)state;
	model_start();
	put_list(2, 0);
	put_entry(0, MIB(2) | V4K);
	put_entry(1, MIB(4) | V4K);
	assert_int_equal(page_claim(&vm_pages, GPA(MIB(4)), PAGE_4K,
				    PAGE_STATE_BIT(PAGE_UNVALIDATED), &claim),
			 PAGE_OK);
	assert_int_equal(pvalidate(LIST), SVSM_ERR_INCOMPLETE);
	assert_int_equal(next_index(), 1);
	assert_int_equal(pvalidate(LIST), SVSM_ERR_BUSY);
	page_release(&vm_pages, &claim);
	assert_int_equal(pvalidate(LIST), SVSM_SUCCESS);
}

static void deposits_come_back(void **state)
{
	struct svsm_call deposit = {.rcx = LIST}, withdraw = {.rcx = 0x3000};
	uint64_t list[3];

	(void)state;
	model_start();
	put_list(2, 0);
	put_entry(0, 0x5000);
	put_entry(1, 0x7000);
	assert_int_equal(svsm_core_deposit(&deposit), SVSM_SUCCESS);
	assert_int_equal(next_index(), 2);
	assert_true(model.memory_available);
	assert_false(model.pages[5].granted);
	assert_int_equal(page_query(&vm_pages, GPA(0x5000)), PAGE_DEPOSITED);
	assert_int_equal(svsm_core_withdraw(&withdraw), SVSM_SUCCESS);
	memcpy(list, model.memory + 0x3000, sizeof(list));
	assert_int_equal(list[0], 2);
	assert_int_equal(list[1], 0x5000);
	assert_int_equal(list[2], 0x7000);
	assert_true(model.pages[5].granted && model.pages[7].granted);
	assert_false(model.memory_available);
	assert_int_equal(svsm_core_withdraw(&withdraw), SVSM_SUCCESS);
	memcpy(list, model.memory + 0x3000, sizeof(list));
	assert_int_equal(list[0], 0);
	withdraw.rcx = 0x3ff8;
	assert_int_equal(svsm_core_withdraw(&withdraw), SVSM_ERR_INVALID_PARAMETER);
}

static void deposits_of_others_are_refused(void **state)
{
	struct svsm_call deposit = {.rcx = LIST};

	(void)state;
	model_start();
	assert_int_equal(page_seed(&vm_pages, GPA(0x6000), PAGE_SIZE, PAGE_CALLING_AREA), PAGE_OK);
	put_list(1, 0);
	put_entry(0, 0x6000);
	assert_int_equal(svsm_core_deposit(&deposit), SVSM_ERR_INVALID_ADDRESS);
	put_entry(0, MIB(4));
	assert_int_equal(svsm_core_deposit(&deposit), SVSM_ERR_INVALID_ADDRESS);
	put_entry(0, 0x5000 | 4);
	assert_int_equal(svsm_core_deposit(&deposit), SVSM_ERR_INVALID_PARAMETER);
	assert_int_equal(model.operations, 0);
}

/* Random calls: record and modelled RMP agree at the end; double validation aborts in the model. */
static void random_calls_keep_the_record_true(void **state)
{
	unsigned int seed = 1;

	(void)state;
	model_start();
	for (int i = 0; i < 20000; i++) {
		uint64_t page = (uint64_t)rand_r(&seed) % (MODEL_PAGES + 16);
		uint64_t raw = (page << PAGE_SHIFT) | ((uint64_t)rand_r(&seed) & 0xf);

		if (rand_r(&seed) % 4 == 0) {
			model.fail_at = model.operations + 1;
			model.fail_status = 6;
		}
		if (page >= 4)
			(void)pvalidate_one(raw);
	}
	for (uint64_t i = 0; i < MODEL_PAGES; i++) {
		bool guest = page_query(&vm_pages, GPA(i * PAGE_SIZE)) == PAGE_GUEST;

		assert_int_equal(guest, model.pages[i].validated && model.pages[i].granted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode_takes_the_format_and_nothing_else),
		cmocka_unit_test(a_list_stays_within_its_page),
		cmocka_unit_test(bad_lists_are_refused),
		cmocka_unit_test(a_page_is_validated_once),
		cmocka_unit_test(large_pages_need_uniform_ranges),
		cmocka_unit_test(protected_pages_are_refused),
		cmocka_unit_test(calling_areas_stay_valid),
		cmocka_unit_test(a_failing_entry_is_named),
		cmocka_unit_test(long_lists_are_interrupted),
		cmocka_unit_test(a_busy_page_is_asked_for_again),
		cmocka_unit_test(deposits_come_back),
		cmocka_unit_test(deposits_of_others_are_refused),
		cmocka_unit_test(random_calls_keep_the_record_true),
	};
	int failed = cmocka_run_group_tests_name("protocol", tests, NULL, NULL);

	model_start();
	return failed;
}

/* SPDX-License-Identifier: MIT */
/* The RMP's rules, one by one, and random sequences against a model that is written otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "husk/machine.h"
#include "husk/lies.h"
#include "husk/npt.h"
#include "husk/rmp.h"
#include "husk/svm.h"

#define PAGES  2048
#define WINDOW 0xffc00000ULL /* a remapped page range, as the firmware window is */

static uint64_t table[PAGES];
static uint64_t forgotten; /* pages */

paddr_t machine_translate(gpa_t gpa)
{
	if (gpa.raw >= WINDOW)
		return PADDR(gpa.raw - WINDOW + 1024 * PAGE_SIZE);
	return PADDR(gpa.raw);
}

void npt_forget(gpa_t gpa, size_t page_count)
{
	(void)gpa;
	forgotten += page_count;
}

static bool active;
static uint64_t harmed;

bool lies_active(void)
{
	return active;
}

void lies_harmed_twice_validated(gpa_t gpa)
{
	harmed = gpa.raw;
	mock_assert(0, "harmed", __FILE__, __LINE__);
	__builtin_unreachable();
}

static gpa_t page(uint64_t n)
{
	return GPA(n * PAGE_SIZE);
}

static int setup(void **state)
{
	(void)state;
	memset(table, 0, sizeof(table));
	rmp_init(table, PAGES);
	forgotten = 0;
	return 0;
}

static void assign(uint64_t n, bool huge)
{
	assert_int_equal(rmp_update(page(n), true, huge, false), RMP_OK);
}

static void validate(uint64_t n, bool huge)
{
	struct rmp_outcome out = rmp_pvalidate(0, page(n), huge, 1);

	assert_int_equal(out.action, RMP_DONE);
	assert_int_equal(out.eax, RMP_OK);
	assert_false(out.cf);
}

static uint64_t adjust_operand(uint8_t vmpl, uint8_t perms, bool vmsa)
{
	return vmpl | ((uint64_t)perms << 8) | (vmsa ? BIT(16) : 0);
}

static void expect_done(struct rmp_outcome out, enum rmp_status status)
{
	assert_int_equal(out.action, RMP_DONE);
	assert_int_equal(out.eax, status);
}

static void test_fresh_table_is_hypervisor_owned(void **state)
{
	(void)state;
	assert_false(rmp_lookup(page(1), 0).assigned);
	assert_true(rmp_host_may_write(page(1), PAGE_SIZE));
	assert_int_equal(rmp_pvalidate(0, page(1), 0, 1).action, RMP_NPF);
	assert_int_equal(rmp_rmpadjust(0, page(1), 0, adjust_operand(1, 1, false)).action, RMP_NPF);
}

static void test_outside_the_table(void **state)
{
	(void)state;
	assert_false(rmp_lookup(page(PAGES), 0).assigned);
	assert_int_equal(rmp_update(page(PAGES), true, false, false), RMP_FAIL_INPUT);
	assert_int_equal(rmp_pvalidate(0, page(PAGES), 0, 1).action, RMP_NPF);
	assert_false(rmp_vmsa_take(page(PAGES)));
}

static void test_life_of_a_page(void **state)
{
	struct rmp_outcome out;

	(void)state;
	assign(5, false);
	assert_true(rmp_lookup(page(5), 0).matches);
	assert_false(rmp_lookup(page(5), 0).validated);
	assert_false(rmp_host_may_write(page(5), 1));
	validate(5, false);
	assert_true(rmp_lookup(page(5), 0).validated);
	out = rmp_pvalidate(0, page(5), 0, 1);
	assert_true(out.cf && out.eax == RMP_OK);
	forgotten = 0;
	out = rmp_pvalidate(0, page(5), 0, 0);
	assert_false(out.cf);
	assert_int_equal(forgotten, 1);
	assert_true(rmp_pvalidate(0, page(5), 0, 0).cf);
	assert_int_equal(rmp_update(page(5), false, false, false), RMP_OK);
	assert_true(rmp_host_may_write(page(5), PAGE_SIZE));
}

static void test_reassigning_takes_everything_away(void **state)
{
	(void)state;
	assign(5, false);
	validate(5, false);
	expect_done(rmp_rmpadjust(0, page(5), 0, adjust_operand(2, RMP_ALL, true)), RMP_OK);
	assert_int_equal(rmp_lookup(page(5), 2).perms, RMP_ALL);
	assert_true(rmp_lookup(page(5), 2).vmsa);
	assign(5, false);
	assert_int_equal(rmp_lookup(page(5), 2).perms, 0);
	assert_int_equal(rmp_lookup(page(5), 0).perms, RMP_ALL);
	assert_false(rmp_lookup(page(5), 0).vmsa || rmp_lookup(page(5), 0).validated);
}

static void test_pvalidate_operands(void **state)
{
	(void)state;
	assign(512, true);
	expect_done(rmp_pvalidate(0, page(512), 2, 1), RMP_FAIL_INPUT);
	expect_done(rmp_pvalidate(0, page(513), 1, 1), RMP_FAIL_INPUT);
	expect_done(rmp_pvalidate(0, GPA(page(512).raw + 8), 0, 1), RMP_FAIL_INPUT);
	expect_done(rmp_pvalidate(1, page(512), 1, 1), RMP_FAIL_PERMISSION);
}

static void test_page_sizes(void **state)
{
	struct rmp_outcome out;

	(void)state;
	assign(512, true);
	out = rmp_pvalidate(0, page(700), 0, 1);
	assert_int_equal(out.action, RMP_NPF);
	assert_true((out.npf_bits & NPF_SIZE) != 0);
	validate(512, true);
	assert_true(rmp_lookup(page(1023), 0).validated);
	assert_int_equal(rmp_update(page(700), false, false, false), RMP_FAIL_OVERLAP);
	assert_int_equal(rmp_psmash(page(513)), RMP_FAIL_INPUT);
	assert_int_equal(rmp_psmash(page(512)), RMP_OK);
	assert_int_equal(rmp_psmash(page(512)), RMP_FAIL_INPUT);
	expect_done(rmp_pvalidate(0, page(512), 1, 0), RMP_FAIL_SIZEMISMATCH);
	expect_done(rmp_rmpadjust(0, page(512), 1, adjust_operand(1, 1, false)),
		    RMP_FAIL_SIZEMISMATCH);
	expect_done(rmp_pvalidate(0, page(700), 0, 0), RMP_OK);
	assert_true(rmp_lookup(page(701), 0).validated);
	assert_int_equal(rmp_update(page(512), true, true, false), RMP_FAIL_OVERLAP);
}

static void test_immutable(void **state)
{
	(void)state;
	assert_int_equal(rmp_update(page(3), true, false, true), RMP_OK);
	assert_int_equal(rmp_update(page(3), false, false, false), RMP_FAIL_PERMISSION);
	assert_int_equal(rmp_pvalidate(0, page(3), 0, 1).action, RMP_NPF);
	assert_int_equal(rmp_update(page(512), true, true, true), RMP_OK);
	assert_int_equal(rmp_psmash(page(512)), RMP_FAIL_PERMISSION);
}

static void test_rmpadjust_order_of_checks(void **state)
{
	(void)state;
	/* Operands come before the page: Linux and OVMF probe so for VMPL0. */
	expect_done(rmp_rmpadjust(2, page(9), 0, adjust_operand(1, 0, false)), RMP_FAIL_PERMISSION);
	expect_done(rmp_rmpadjust(0, page(9), 0, adjust_operand(4, 0, false)), RMP_FAIL_INPUT);
	expect_done(rmp_rmpadjust(0, page(9), 2, adjust_operand(1, 0, false)), RMP_FAIL_INPUT);
	expect_done(rmp_rmpadjust(0, page(9), 0, BIT(17) | 1), RMP_FAIL_INPUT);
	expect_done(rmp_rmpadjust(0, page(9), 0, adjust_operand(1, 0x20, false)), RMP_FAIL_INPUT);
	assign(9, false);
	assert_int_equal(rmp_rmpadjust(0, page(9), 0, adjust_operand(1, 1, false)).action,
			 RMP_VC_NOT_VALIDATED);
	validate(9, false);
	expect_done(rmp_rmpadjust(0, page(9), 0, adjust_operand(1, 1, false)), RMP_OK);
	assert_int_equal(rmp_lookup(page(9), 1).perms, RMP_READ);
}

static void test_nobody_grants_more_than_it_has(void **state)
{
	(void)state;
	assign(9, false);
	validate(9, false);
	expect_done(rmp_rmpadjust(1, page(9), 0, adjust_operand(2, RMP_READ, false)),
		    RMP_FAIL_PERMISSION);
	expect_done(rmp_rmpadjust(0, page(9), 0, adjust_operand(1, RMP_READ, false)), RMP_OK);
	expect_done(rmp_rmpadjust(1, page(9), 0, adjust_operand(2, RMP_READ, false)), RMP_OK);
	expect_done(rmp_rmpadjust(1, page(9), 0, adjust_operand(2, RMP_WRITE, false)),
		    RMP_FAIL_PERMISSION);
	expect_done(rmp_rmpadjust(2, page(9), 0, adjust_operand(2, 0, false)), RMP_FAIL_PERMISSION);
}

static void test_vmsa_bit_is_vmpl0s(void **state)
{
	(void)state;
	assign(9, false);
	validate(9, false);
	expect_done(rmp_rmpadjust(1, page(9), 0, adjust_operand(2, 0, true)), RMP_OK);
	assert_false(rmp_lookup(page(9), 0).vmsa);
	expect_done(rmp_rmpadjust(0, page(9), 0, adjust_operand(1, 0, true)), RMP_OK);
	assert_true(rmp_lookup(page(9), 0).vmsa);
	expect_done(rmp_rmpadjust(1, page(9), 0, adjust_operand(2, 0, false)), RMP_OK);
	assert_true(rmp_lookup(page(9), 0).vmsa);
	forgotten = 0;
	expect_done(rmp_rmpadjust(0, page(9), 0, adjust_operand(1, 0, false)), RMP_OK);
	assert_false(rmp_lookup(page(9), 0).vmsa);
	assert_int_equal(forgotten, 1);
}

static void test_vmsa_in_use(void **state)
{
	static const uint8_t perms[RMP_VMPLS] = {0};

	(void)state;
	assert_false(rmp_vmsa_take(page(9)));
	rmp_launch_page(page(9), true, perms);
	assert_true(rmp_vmsa_take(page(9)));
	assert_true(rmp_lookup(page(9), 0).in_use);
	assert_false(rmp_vmsa_take(page(9)));
	assert_int_equal(rmp_update(page(9), false, false, false), RMP_FAIL_INUSE);
	rmp_vmsa_release(page(9));
	assert_int_equal(rmp_update(page(9), false, false, false), RMP_OK);
	rmp_launch_page(page(9), false, perms);
	assert_false(rmp_vmsa_take(page(9)));
}

static void test_rmpquery(void **state)
{
	uint64_t rcx = 7, rdx = 2;

	(void)state;
	assign(9, false);
	assert_int_equal(rmp_rmpquery(0, page(9), &rcx, &rdx).action, RMP_VC_NOT_VALIDATED);
	validate(9, false);
	expect_done(rmp_rmpadjust(0, page(9), 0, adjust_operand(2, RMP_READ | RMP_WRITE, true)),
		    RMP_OK);
	expect_done(rmp_rmpquery(0, page(9), &rcx, &rdx), RMP_OK);
	assert_int_equal(rcx, 0);
	assert_int_equal(rdx, ((RMP_READ | RMP_WRITE) << 8) | BIT(16));
	rdx = 1;
	expect_done(rmp_rmpquery(2, page(9), &rcx, &rdx), RMP_FAIL_PERMISSION);
	rdx = 4;
	expect_done(rmp_rmpquery(0, page(9), &rcx, &rdx), RMP_FAIL_INPUT);
}

/* The same memory seen through the firmware window is another GPA: never the guest's own page. */
static void test_alias_does_not_match(void **state)
{
	struct rmp_access access;

	(void)state;
	assert_int_equal(rmp_update(GPA(WINDOW), true, false, false), RMP_OK);
	assert_int_equal(rmp_pvalidate(0, GPA(WINDOW), 0, 1).eax, RMP_OK);
	access = rmp_lookup(page(1024), 0);
	assert_true(access.assigned);
	assert_false(access.matches || access.validated);
	assert_int_equal(access.perms, 0);
	assert_int_equal(rmp_pvalidate(0, page(1024), 0, 1).action, RMP_NPF);
	assert_true(rmp_lookup(GPA(WINDOW), 0).validated);
}

static void test_host_write_ranges(void **state)
{
	(void)state;
	assign(5, false);
	assert_true(rmp_host_may_write(GPA(4 * PAGE_SIZE + 8), PAGE_SIZE - 8));
	assert_false(rmp_host_may_write(GPA(4 * PAGE_SIZE + 8), PAGE_SIZE - 7));
	assert_false(rmp_host_may_write(page(6), 0));
	assert_false(rmp_host_may_write(GPA(UINT64_MAX - 4), 100));
	assert_true(rmp_host_may_write(page(6), PAGE_SIZE));
}

/* --- Random sequences ------------------------------------------------------------------- */

struct model_page {
	bool assigned, validated, vmsa;
	uint8_t perms[RMP_VMPLS];
};
static struct model_page model[64];

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void random_adjust(uint32_t *seed, uint64_t n, struct model_page *m)
{
	uint8_t from = next_random(seed) % 4, to = next_random(seed) % 4;
	uint8_t perms = next_random(seed) & RMP_ALL;
	bool vmsa = next_random(seed) & 1;
	struct rmp_outcome out = rmp_rmpadjust(from, page(n), 0, adjust_operand(to, perms, vmsa));
	bool allowed = to > from && m->assigned && m->validated &&
		       (from == 0 || (perms & ~m->perms[from]) == 0);

	assert_int_equal(out.action == RMP_DONE && out.eax == RMP_OK, allowed);
	if (allowed) {
		m->perms[to] = perms;
		m->vmsa = from == 0 ? vmsa : m->vmsa;
	}
}

static void random_step(uint32_t *seed)
{
	uint64_t n = next_random(seed) % ARRAY_SIZE(model);
	struct model_page *m = &model[n];
	bool bit = next_random(seed) & 1;
	struct rmp_outcome out;

	switch (next_random(seed) % 8) {
	case 0:
		assert_int_equal(rmp_update(page(n), bit, false, false), RMP_OK);
		*m = (struct model_page){.assigned = bit};
		break;
	case 1:
	case 2:
	case 3:
		out = rmp_pvalidate(0, page(n), 0, bit);
		assert_int_equal(out.action, m->assigned ? RMP_DONE : RMP_NPF);
		if (m->assigned) {
			assert_int_equal(out.cf, m->validated == bit);
			m->validated = bit;
		}
		break;
	default:
		random_adjust(seed, n, m);
	}
}

static void test_random_sequences(void **state)
{
	uint32_t seed = 1;

	(void)state;
	memset(model, 0, sizeof(model));
	for (unsigned step = 0; step < 200000; step++)
		random_step(&seed);
	for (uint64_t n = 0; n < ARRAY_SIZE(model); n++) {
		for (uint8_t vmpl = 0; vmpl < RMP_VMPLS; vmpl++) {
			struct rmp_access access = rmp_lookup(page(n), vmpl);
			uint8_t perms = vmpl ? model[n].perms[vmpl] : RMP_ALL;

			assert_int_equal(access.assigned, model[n].assigned);
			assert_int_equal(access.validated, model[n].validated);
			assert_int_equal(access.vmsa, model[n].vmsa);
			assert_int_equal(access.perms, model[n].assigned ? perms : 0);
		}
	}
}

/* A page that the host took away and gave back must not be validated once more. */
static void test_oracle_sees_double_validation(void **state)
{
	(void)state;
	active = true;
	assign(7, false);
	validate(7, false);
	expect_done(rmp_pvalidate(0, page(7), 0, 0), RMP_OK);
	validate(7, false); /* rescinded in between: fine */
	assert_int_equal(rmp_update(page(7), false, false, false), RMP_OK);
	assign(7, false);
	expect_assert_failure(rmp_pvalidate(0, page(7), 0, 1));
	assert_int_equal(harmed, 7 * PAGE_SIZE);
	active = false;
	validate(7, false);
}

static void test_summary(void **state)
{
	struct rmp_summary summary;

	(void)state;
	assign(512, true);
	assign(3, false);
	validate(3, false);
	summary = rmp_summarize();
	assert_int_equal(summary.assigned, 513);
	assert_int_equal(summary.validated, 1);
	assert_int_equal(summary.vmsa, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fresh_table_is_hypervisor_owned),
		TEST(test_outside_the_table),
		TEST(test_life_of_a_page),
		TEST(test_reassigning_takes_everything_away),
		TEST(test_pvalidate_operands),
		TEST(test_page_sizes),
		TEST(test_immutable),
		TEST(test_rmpadjust_order_of_checks),
		TEST(test_nobody_grants_more_than_it_has),
		TEST(test_vmsa_bit_is_vmpl0s),
		TEST(test_vmsa_in_use),
		TEST(test_rmpquery),
		TEST(test_alias_does_not_match),
		TEST(test_host_write_ranges),
		TEST(test_random_sequences),
		TEST(test_oracle_sees_double_validation),
		TEST(test_summary),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

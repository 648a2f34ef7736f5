/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"
#include "vcpu_model.h"

#define VMSA_A 0x3000ULL
#define VMSA_B 0x5000ULL
#define AREA_A 0x8000ULL
#define AREA_B 0x9000ULL
#define APIC_0 0x10U
#define APIC_1 0x11U

static uint32_t status;

static struct vmsa *put_vmsa(uint64_t gpa)
{
	struct vmsa *vmsa = (struct vmsa *)(void *)model_page(gpa);

	vmsa_reset(vmsa, 2, SEV_FEATURE_SNP);
	return vmsa;
}

static enum vcpu_result create(uint64_t vmsa, uint64_t area, uint32_t apic_id)
{
	return vcpu_create(GPA(vmsa), GPA(area), apic_id, &status);
}

static enum vcpu_result delete_by(uint32_t caller, uint64_t vmsa)
{
	return vcpu_delete(vcpu_at(caller), GPA(vmsa), &status);
}

/* No VMSA, no mapping, every page the guest's again. */
static void assert_clean(void)
{
	for (uint64_t i = 0; i < MODEL_PAGES; i++) {
		assert_int_equal(page_query(&vm_pages, GPA(i << PAGE_SHIFT)), PAGE_GUEST);
		assert_true(model.granted[i] && !model.vmsa[i]);
	}
	assert_int_equal(model.mappings, 0);
	for (uint32_t i = 0; i < MODEL_CPUS; i++) {
		assert_null(vcpu_at(i)->newest);
		assert_int_equal(vcpu_at(i)->state, VCPU_ABSENT);
	}
}

static int setup(void **state)
{
	(void)state;
	if (!vcpu_at(0) && vcpu_init() != OK)
		return -1;
	model_start();
	return 0;
}

static void create_and_delete(void **state)
{
	(void)state;
	put_vmsa(VMSA_A);
	assert_int_equal(create(VMSA_A, AREA_A, APIC_1), VCPU_OK);
	assert_int_equal(page_query(&vm_pages, GPA(VMSA_A)), PAGE_VMSA);
	assert_int_equal(page_query(&vm_pages, GPA(AREA_A)), PAGE_CALLING_AREA);
	assert_true(model.vmsa[3] && !model.granted[3] && model.granted[8]);
	assert_true(model.flushes > 0);
	assert_int_equal(create(VMSA_A, AREA_B, APIC_1), VCPU_BAD_ADDRESS);
	assert_int_equal(delete_by(0, VMSA_A), VCPU_OK);
	assert_clean();
	assert_int_equal(delete_by(0, VMSA_A), VCPU_BAD_PARAMETER);
}

static void bad_contents_give_the_page_back(void **state)
{
	struct vmsa *vmsa = put_vmsa(VMSA_A);

	(void)state;
	vmsa->vmpl = 0;
	assert_int_equal(create(VMSA_A, AREA_A, APIC_0), VCPU_BAD_PARAMETER);
	assert_clean();
	put_vmsa(VMSA_A)->efer = 0;
	assert_int_equal(create(VMSA_A, AREA_A, APIC_0), VCPU_BAD_PARAMETER);
	put_vmsa(VMSA_A)->sev_features |= SEV_FEATURE_RESTRICTED_INJECTION;
	assert_int_equal(create(VMSA_A, AREA_A, APIC_0), VCPU_BAD_PARAMETER);
	put_vmsa(VMSA_A);
	assert_int_equal(create(VMSA_A, AREA_A, 0x99), VCPU_BAD_PARAMETER);
	assert_int_equal(create(VMSA_A, GIB(5), APIC_0), VCPU_BAD_ADDRESS);
	assert_clean();
}

static void leave_guest(void)
{
	(void)vcpu_enter_end(vcpu_at(1));
	vcpu_handled(vcpu_at(1));
}

/* Linux: a CPU comes back with a new VMSA and the area that it had; then the old VMSA goes. */
static void a_cpu_comes_back_with_its_area(void **state)
{
	struct guest_vmsa *running;

	(void)state;
	put_vmsa(VMSA_A);
	put_vmsa(VMSA_B);
	assert_int_equal(create(VMSA_A, AREA_A, APIC_1), VCPU_OK);
	assert_true(vcpu_enter_begin(vcpu_at(1)));
	assert_int_equal(create(VMSA_B, AREA_A, APIC_1), VCPU_OK);
	assert_int_equal(create(0x7000, AREA_A, APIC_0), VCPU_BAD_ADDRESS);
	model.on_yield = leave_guest;
	assert_int_equal(delete_by(0, VMSA_A), VCPU_OK);
	assert_int_equal(page_query(&vm_pages, GPA(AREA_A)), PAGE_CALLING_AREA);
	assert_true(vcpu_enter_begin(vcpu_at(1)));
	running = vcpu_enter_end(vcpu_at(1));
	assert_int_equal(running->gpa.raw, VMSA_B);
	vcpu_handled(vcpu_at(1));
	assert_int_equal(delete_by(0, VMSA_B), VCPU_OK);
	assert_clean();
}

static void a_running_vcpu_is_stopped_first(void **state)
{
	(void)state;
	put_vmsa(VMSA_A);
	assert_int_equal(create(VMSA_A, AREA_A, APIC_1), VCPU_OK);
	assert_true(vcpu_enter_begin(vcpu_at(1)));
	/* The host never brings it back. */
	assert_int_equal(delete_by(0, VMSA_A), VCPU_TRY_AGAIN);
	assert_true(model.kicks > 0);
	while (delete_by(0, VMSA_A) == VCPU_TRY_AGAIN)
		assert_true(model.kicks < 10000);
	assert_int_equal(page_query(&vm_pages, GPA(VMSA_A)), PAGE_VMSA);
	model.on_yield = leave_guest;
	assert_int_equal(delete_by(0, VMSA_A), VCPU_OK);
	assert_clean();
}

static void a_vcpu_that_works_on_a_call_is_in_use(void **state)
{
	(void)state;
	put_vmsa(VMSA_A);
	assert_int_equal(create(VMSA_A, AREA_A, APIC_1), VCPU_OK);
	assert_true(vcpu_enter_begin(vcpu_at(1)));
	assert_non_null(vcpu_enter_end(vcpu_at(1)));
	assert_int_equal(delete_by(0, VMSA_A), VCPU_TRY_AGAIN);
	/* Its own call may delete it; then there is nothing to return to. */
	assert_int_equal(delete_by(1, VMSA_A), VCPU_OK);
	assert_null(vcpu_at(1)->handling);
	vcpu_handled(vcpu_at(1));
	assert_false(vcpu_enter_begin(vcpu_at(1)));
	assert_clean();
}

static void svme_is_set_only_while_it_may_run(void **state)
{
	struct vmsa *vmsa = put_vmsa(VMSA_A);

	(void)state;
	assert_int_equal(create(VMSA_A, AREA_A, APIC_1), VCPU_OK);
	assert_true(vcpu_enter_begin(vcpu_at(1)));
	assert_true(vmsa->efer & EFER_SVME);
	assert_non_null(vcpu_enter_end(vcpu_at(1)));
	assert_false(vmsa->efer & EFER_SVME);
	vcpu_handled(vcpu_at(1));
	assert_int_equal(delete_by(0, VMSA_A), VCPU_OK);
	assert_false(vmsa->efer & EFER_SVME);
}

/* A vCPU that makes a VMSA for itself goes on with the old one until the host is told otherwise. */
static void the_caller_of_its_own_creation_goes_on(void **state)
{
	struct vmsa *vmsa = put_vmsa(VMSA_A);

	(void)state;
	put_vmsa(VMSA_B);
	assert_int_equal(create(VMSA_A, AREA_A, APIC_1), VCPU_OK);
	assert_true(vcpu_enter_begin(vcpu_at(1)));
	assert_non_null(vcpu_enter_end(vcpu_at(1)));
	assert_int_equal(create(VMSA_B, AREA_B, APIC_1), VCPU_OK);
	vcpu_handled(vcpu_at(1));
	assert_true(vcpu_enter_begin(vcpu_at(1)));
	assert_true(vmsa->efer & EFER_SVME);
	vmsa->guest_exitcode = SVM_EXIT_VMGEXIT;
	assert_int_equal(vcpu_enter_end(vcpu_at(1))->gpa.raw, VMSA_A);
	vcpu_handled(vcpu_at(1));
	assert_int_equal(delete_by(0, VMSA_A), VCPU_OK);
	assert_int_equal(delete_by(0, VMSA_B), VCPU_OK);
	assert_clean();
}

static void remap_moves_the_area(void **state)
{
	(void)state;
	put_vmsa(VMSA_A);
	assert_int_equal(create(VMSA_A, AREA_A, APIC_1), VCPU_OK);
	assert_true(vcpu_enter_begin(vcpu_at(1)));
	assert_non_null(vcpu_enter_end(vcpu_at(1)));
	assert_int_equal(vcpu_remap(vcpu_at(1), GPA(AREA_A)), VCPU_OK);
	model_page(AREA_B)[0] = 1;
	assert_int_equal(vcpu_remap(vcpu_at(1), GPA(AREA_B)), VCPU_OK);
	assert_int_equal(model_page(AREA_B)[0], 0);
	assert_int_equal(page_query(&vm_pages, GPA(AREA_A)), PAGE_GUEST);
	assert_int_equal(vcpu_remap(vcpu_at(1), GPA(VMSA_A)), VCPU_BAD_ADDRESS);
	assert_int_equal(vcpu_remap(vcpu_at(1), GPA(GIB(9))), VCPU_BAD_ADDRESS);
	assert_int_equal(page_query(&vm_pages, GPA(AREA_B)), PAGE_CALLING_AREA);
	vcpu_handled(vcpu_at(1));
	assert_int_equal(delete_by(0, VMSA_A), VCPU_OK);
	assert_clean();
}

static void there_is_a_limit(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < VCPU_VMSA_MAX; i++) {
		put_vmsa((20 + i) << PAGE_SHIFT);
		assert_int_equal(create((20 + i) << PAGE_SHIFT, AREA_A, APIC_1), VCPU_OK);
	}
	put_vmsa(VMSA_A);
	assert_int_equal(create(VMSA_A, AREA_A, APIC_1), VCPU_BAD_PARAMETER);
	assert_true(model.granted[VMSA_A >> PAGE_SHIFT]);
	for (uint64_t i = 0; i < VCPU_VMSA_MAX; i++)
		assert_int_equal(delete_by(0, (20 + i) << PAGE_SHIFT), VCPU_OK);
	assert_clean();
}

/* Fail the n-th allocation, mapping or instruction, until creation succeeds. */
static void every_failure_leaves_no_trace(void **state)
{
	enum vcpu_result result = VCPU_NO_MEMORY;
	unsigned int n;

	(void)state;
	for (n = 1; result != VCPU_OK && n < 50; n++) {
		model_start();
		put_vmsa(VMSA_A);
		model.fail_at = n;
		result = create(VMSA_A, AREA_A, APIC_1);
		if (result != VCPU_OK)
			assert_clean();
	}
	model.fail_at = 0;
	assert_true(n > 4);
	assert_int_equal(result, VCPU_OK);
	assert_int_equal(delete_by(0, VMSA_A), VCPU_OK);
	assert_clean();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(create_and_delete, setup),
		cmocka_unit_test_setup(bad_contents_give_the_page_back, setup),
		cmocka_unit_test_setup(a_cpu_comes_back_with_its_area, setup),
		cmocka_unit_test_setup(a_running_vcpu_is_stopped_first, setup),
		cmocka_unit_test_setup(a_vcpu_that_works_on_a_call_is_in_use, setup),
		cmocka_unit_test_setup(svme_is_set_only_while_it_may_run, setup),
		cmocka_unit_test_setup(the_caller_of_its_own_creation_goes_on, setup),
		cmocka_unit_test_setup(remap_moves_the_area, setup),
		cmocka_unit_test_setup(there_is_a_limit, setup),
		cmocka_unit_test_setup(every_failure_leaves_no_trace, setup),
	};

	return cmocka_run_group_tests_name("vcpu", tests, NULL, NULL);
}

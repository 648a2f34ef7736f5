/* SPDX-License-Identifier: MIT */
/* The GHCB protocol's host side, event by event, against a fake machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake_machine.h"
#include "helpers.h"
#include "husk/ghcb.h"
#include "husk/machine.h"
#include "sevabi/guest_msg.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

/* --- MSR protocol ----------------------------------------------------------------------- */

static void test_msr_reset_value(void **state)
{
	(void)state;
	ghcb_reset(plane());
	assert_int_equal(GHCB_MSR_INFO(plane()->ghcb.msr), GHCB_MSR_SEV_INFO);
	assert_int_equal(GHCB_MSR_SEV_INFO_CBIT(plane()->ghcb.msr), 51);
	assert_int_equal(GHCB_MSR_SEV_INFO_MAX(msr_call(GHCB_MSR_SEV_INFO_REQ)), 2);
	assert_int_equal(GHCB_MSR_SEV_INFO_MIN(plane()->ghcb.msr), 1);
}

static void test_msr_cpuid(void **state)
{
	uint64_t answer = msr_call(GHCB_MSR_CPUID_REQ_VALUE(0x8000001f, GHCB_CPUID_EDX));

	(void)state;
	assert_int_equal(answer, GHCB_MSR_CPUID_RESP_VALUE(0x1234, GHCB_CPUID_EDX));
	answer = msr_call(GHCB_MSR_CPUID_REQ_VALUE(0x8000001f, GHCB_CPUID_EAX));
	assert_int_equal(GHCB_MSR_CPUID_VALUE(answer), 0x8000001f);
}

static void test_msr_registration(void **state)
{
	(void)state;
	plane()->ghcb.is_registered = false;
	assert_int_equal(msr_call(0x7000 | GHCB_MSR_REGISTER_GPA_REQ),
			 0x7000 | GHCB_MSR_REGISTER_GPA_RESP);
	assert_int_equal(plane()->ghcb.registered.raw, 0x7000);
	assert_int_equal(msr_call(FAKE_RAM | GHCB_MSR_REGISTER_GPA_REQ),
			 GHCB_MSR_REGISTER_GPA_RESP_VALUE(GHCB_MSR_GFN_NONE));
	assert_int_equal(plane()->ghcb.registered.raw, 0x7000);
	assert_int_equal(msr_call(GHCB_MSR_PREF_GPA_REQ),
			 GHCB_MSR_PREF_GPA_RESP_VALUE(GHCB_MSR_GFN_NONE));
}

static void test_msr_page_state(void **state)
{
	(void)state;
	assert_int_equal(msr_call(GHCB_MSR_PSC_REQ_VALUE(0x9000, GHCB_PSC_PRIVATE)),
			 GHCB_MSR_PSC_RESP);
	assert_true(assigned[9]);
	assert_int_equal(msr_call(GHCB_MSR_PSC_REQ_VALUE(0x9000, GHCB_PSC_SHARED)),
			 GHCB_MSR_PSC_RESP);
	assert_false(assigned[9]);
	assert_int_not_equal(GHCB_MSR_PSC_RESP_ERROR(msr_call(GHCB_MSR_PSC_REQ_VALUE(FAKE_RAM, 1))),
			     0);
	assert_int_not_equal(GHCB_MSR_PSC_RESP_ERROR(msr_call(GHCB_MSR_PSC_REQ_VALUE(0x9000, 3))),
			     0);
	assert_int_not_equal(
		GHCB_MSR_PSC_RESP_ERROR(msr_call(GHCB_MSR_PSC_REQ_VALUE(0x9000, 1) | BIT(60))), 0);
	assert_false(assigned[9]);
}

static void test_msr_run_vmpl(void **state)
{
	(void)state;
	msr_call(GHCB_MSR_RUN_VMPL_REQ_VALUE(2));
	assert_true(fake.switched);
	assert_int_equal(fake.switched_to, 2);
	ghcb_complete_run_vmpl(plane());
	assert_int_equal(plane()->ghcb.msr, GHCB_MSR_RUN_VMPL_RESP);
	assert_int_equal(msr_call(GHCB_MSR_RUN_VMPL_REQ_VALUE(3)), GHCB_MSR_RUN_VMPL_RESP_VALUE(1));
	assert_int_equal(plane()->ghcb.pending_run_vmpl, GHCB_REPLY_NONE);
	fake.switched = false;
	msr_call(GHCB_MSR_RUN_VMPL_REQ_VALUE(2) | BIT(50));
	assert_false(fake.switched);
}

static void test_msr_others(void **state)
{
	uint64_t features = msr_call(GHCB_MSR_FEATURES_REQ) >> 12;

	(void)state;
	assert_int_equal(features, 0x37);
	assert_int_equal(msr_call(0xabc0f03), 0xabc0f03);
	msr_call(GHCB_MSR_AP_RESET_HOLD_REQ);
	assert_true(fake.held);
	ghcb_complete_reset_hold(plane(), true);
	assert_int_equal(plane()->ghcb.msr, GHCB_MSR_AP_RESET_HOLD_RESP_VALUE(1));
	plane()->ghcb.msr = GHCB_MSR_TERMINATE_VALUE(1, 2);
	expect_assert_failure(go());
	assert_true(fake.ended);
}

/* --- The page ----------------------------------------------------------------------------- */

static void test_page_must_be_registered(void **state)
{
	(void)state;
	request(GHCB_EXIT_FEATURES, 0, 0);
	plane()->ghcb.registered = GPA(0x9000);
	go();
	expect_malformed(GHCB_MALFORMED_NOT_REGISTERED);
}

static void test_page_usage_and_valid_bits(void **state)
{
	(void)state;
	request(GHCB_EXIT_FEATURES, 0, 0);
	page()->usage = 1;
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_USAGE);
	page()->usage = 0;
	for (unsigned index = GHCB_VALID_SW_EXITCODE; index <= GHCB_VALID_SW_EXITINFO2; index++) {
		request(GHCB_EXIT_FEATURES, 0, 0);
		page()->valid_bitmap[index / 8] ^= (uint8_t)(1U << (index % 8));
		go();
		expect_malformed(GHCB_MALFORMED_MISSING_INPUT);
	}
	request(0x8000fff0, 0, 0);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_EVENT);
}

static void test_page_that_is_private_gets_no_answer(void **state)
{
	(void)state;
	request(GHCB_EXIT_FEATURES, 5, 6);
	assigned[GHCB_AT / PAGE_SIZE] = true;
	go();
	assert_int_equal(page()->sw_exitinfo1, 5);
}

static void test_answer_has_its_valid_bits(void **state)
{
	(void)state;
	request(GHCB_EXIT_FEATURES, 0, 0);
	go();
	expect_ok();
	assert_int_equal(page()->sw_exitinfo2, 0x37);
	assert_true(is_valid(GHCB_VALID_RAX) && is_valid(GHCB_VALID_RBX) &&
		    is_valid(GHCB_VALID_RCX) && is_valid(GHCB_VALID_RDX) &&
		    is_valid(GHCB_VALID_SW_EXITINFO1) && is_valid(GHCB_VALID_SW_EXITINFO2));
	assert_false(is_valid(GHCB_VALID_SW_EXITCODE));
}

static void test_cpuid(void **state)
{
	(void)state;
	request(SVM_EXIT_CPUID, 0, 0);
	put_valid(GHCB_VALID_RAX);
	go();
	expect_malformed(GHCB_MALFORMED_MISSING_INPUT);
	request(SVM_EXIT_CPUID, 0, 0);
	put_valid(GHCB_VALID_RAX);
	put_valid(GHCB_VALID_RCX);
	page()->rax = 7;
	page()->rcx = 1;
	go();
	expect_ok();
	assert_int_equal(page()->rax, 7);
	assert_int_equal(page()->rbx, 1);
	assert_int_equal(page()->rdx, 0x1234);
	request(SVM_EXIT_CPUID, 0, 0);
	put_valid(GHCB_VALID_RAX);
	put_valid(GHCB_VALID_RCX);
	page()->rax = 0xd;
	go();
	expect_malformed(GHCB_MALFORMED_MISSING_INPUT);
}

static void test_port_io(void **state)
{
	(void)state;
	request(SVM_EXIT_IOIO, 0x3fd0000 | GHCB_IOIO_SIZE_8 | GHCB_IOIO_IN, 0);
	go();
	expect_ok();
	assert_int_equal(fake.port, 0x3fd);
	assert_int_equal(page()->rax, 0);
	request(SVM_EXIT_IOIO, 0x3f80000 | GHCB_IOIO_SIZE_16, 0);
	go();
	expect_malformed(GHCB_MALFORMED_MISSING_INPUT);
	request(SVM_EXIT_IOIO, 0x3f80000 | GHCB_IOIO_SIZE_16, 0);
	put_valid(GHCB_VALID_RAX);
	page()->rax = 0x12345678;
	go();
	expect_ok();
	assert_int_equal(fake.port_value, 0x5678);
	assert_int_equal(fake.port_size, 2);
	request(SVM_EXIT_IOIO, 0x5110000 | GHCB_IOIO_SIZE_8 | GHCB_IOIO_IN, 0);
	go();
	assert_int_equal(page()->rax, 0x77);
	request(SVM_EXIT_IOIO, 0x3f80000 | GHCB_IOIO_SIZE_8 | GHCB_IOIO_SIZE_32, 0);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
}

static void test_string_io(void **state)
{
	uint64_t info = 0x1f00000 | GHCB_IOIO_SIZE_16 | GHCB_IOIO_STRING | GHCB_IOIO_REP;

	(void)state;
	request(SVM_EXIT_IOIO, info | GHCB_IOIO_IN, 3);
	go();
	expect_ok();
	assert_int_equal(page()->shared_buffer[0], 0x00);
	assert_int_equal(page()->shared_buffer[2], 0x01);
	assert_int_equal(page()->shared_buffer[4], 0x02);
	assert_int_equal(page()->shared_buffer[6], 0);
	request(SVM_EXIT_IOIO, info, 2);
	memcpy(page()->shared_buffer, "abcd", 4);
	go();
	expect_ok();
	assert_int_equal(fake.port_writes, 2);
	assert_int_equal(fake.port_value, 'c' | 'd' << 8);
	request(SVM_EXIT_IOIO, info, GHCB_SHARED_BUFFER_SIZE / 2 + 1);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_SCRATCH);
	request(SVM_EXIT_IOIO, info, UINT64_MAX);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_SCRATCH);
}

static void test_mmio(void **state)
{
	(void)state;
	request(GHCB_EXIT_MMIO_READ, MMIO_AT, 4);
	go();
	expect_ok();
	assert_int_equal(fake.mmio_address, MMIO_AT);
	assert_memory_equal(page()->shared_buffer, "\x88\x77\x66\x55\0", 5);
	request(GHCB_EXIT_MMIO_WRITE, MMIO_AT + 8, 2);
	memcpy(page()->shared_buffer, "\x01\x02\x03", 3);
	go();
	expect_ok();
	assert_int_equal(fake.mmio_value, 0x0201);
	request(GHCB_EXIT_MMIO_READ, 0x2000, 4);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	request(GHCB_EXIT_MMIO_READ, MMIO_AT, 9);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	request(GHCB_EXIT_MMIO_READ, MMIO_AT, 4);
	page()->sw_scratch = 0x8000;
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_SCRATCH);
}

static void test_mmio_of_the_apic(void **state)
{
	(void)state;
	fake.apic_page_enabled = true;
	request(GHCB_EXIT_MMIO_READ, 0xfee00300, 4);
	go();
	expect_ok();
	assert_int_equal(fake.apic_offset, 0x300);
	fake.apic_page_enabled = false;
	request(GHCB_EXIT_MMIO_READ, 0xfee00020, 4);
	go();
	assert_memory_equal(page()->shared_buffer, "\xff\xff\xff\xff", 4);
	assert_int_equal(fake.mmio_address, 0);
}

static void msr_request(uint32_t msr, bool write, uint64_t value)
{
	request(SVM_EXIT_MSR, write, 0);
	put_valid(GHCB_VALID_RCX);
	page()->rcx = msr;
	if (write) {
		put_valid(GHCB_VALID_RAX);
		put_valid(GHCB_VALID_RDX);
		page()->rax = (uint32_t)value;
		page()->rdx = value >> 32;
	}
	go();
}

static void test_msrs(void **state)
{
	(void)state;
	msr_request(MSR_APIC_BASE, false, 0);
	expect_ok();
	assert_int_equal(page()->rax, 0xfee00900);
	assert_int_equal(page()->rdx, 1);
	msr_request(MSR_MTRR_DEF_TYPE, true, 0xc06);
	expect_ok();
	msr_request(MSR_MTRR_DEF_TYPE, false, 0);
	assert_int_equal(page()->rax, 0xc06);
	msr_request(0x12345, false, 0);
	assert_int_equal(page()->sw_exitinfo1, GHCB_RESULT_EXCEPTION);
	assert_int_equal(page()->sw_exitinfo2,
			 EVENT_VALID | EVENT_ERROR_VALID | EVENT_TYPE_EXCEPTION | VECTOR_GP);
	msr_request(MSR_MTRR_CAP, true, 1);
	assert_int_equal(page()->sw_exitinfo1, GHCB_RESULT_EXCEPTION);
}

/* --- Page state change ------------------------------------------------------------------ */

static struct ghcb_psc_buffer *psc(uint16_t cur, uint16_t end)
{
	struct ghcb_psc_buffer *list = (void *)page()->shared_buffer;

	request(GHCB_EXIT_PSC, 0, 0);
	memset(list, 0, sizeof(*list));
	list->cur_entry = cur;
	list->end_entry = end;
	return list;
}

static void test_page_state_list(void **state)
{
	struct ghcb_psc_buffer *list = psc(0, 2);

	(void)state;
	list->entries[0] = GHCB_PSC_ENTRY(0x10000, GHCB_PSC_PRIVATE, false);
	list->entries[1] = GHCB_PSC_ENTRY(PAGE_2M_SIZE, GHCB_PSC_PRIVATE, true);
	list->entries[2] = GHCB_PSC_ENTRY(0x11000, GHCB_PSC_PSMASH, false);
	go();
	expect_ok();
	assert_int_equal(page()->sw_exitinfo2, GHCB_PSC_OK);
	assert_int_equal(list->cur_entry, 3);
	assert_true(assigned[0x10] && assigned[512] && assigned[1023] && huge[700]);
	assert_false(assigned[0x11]);
	assert_int_equal(list->entries[1] & GHCB_PSC_ENTRY_CUR_MASK, 512);
	/* One page of a 2 MiB page goes back: the host splits it. */
	list = psc(0, 0);
	list->entries[0] = GHCB_PSC_ENTRY(700 * PAGE_SIZE, GHCB_PSC_SHARED, false);
	go();
	expect_ok();
	assert_false(assigned[700]);
	assert_true(assigned[701]);
}

static void test_page_state_errors(void **state)
{
	struct ghcb_psc_buffer *list = psc(0, GHCB_PSC_MAX_ENTRIES);

	(void)state;
	go();
	assert_int_equal(page()->sw_exitinfo2, GHCB_PSC_ERROR_INVALID_HEADER);
	list = psc(0, 1);
	list->entries[0] = GHCB_PSC_ENTRY(0x10000, GHCB_PSC_PRIVATE, false);
	list->entries[1] = GHCB_PSC_ENTRY(0x11000, GHCB_PSC_PRIVATE, true);
	go();
	assert_int_equal(page()->sw_exitinfo2, GHCB_PSC_ERROR_INVALID_ENTRY);
	assert_int_equal(list->cur_entry, 1);
	assert_true(assigned[0x10]);
	list = psc(0, 0);
	list->entries[0] = GHCB_PSC_ENTRY(0x12000, GHCB_PSC_PRIVATE, false) | 2;
	go();
	assert_int_equal(page()->sw_exitinfo2, GHCB_PSC_ERROR_INVALID_ENTRY);
	list = psc(0, 0);
	list->entries[0] = GHCB_PSC_ENTRY(FAKE_RAM, GHCB_PSC_PRIVATE, false);
	go();
	assert_int_equal(page()->sw_exitinfo2, GHCB_PSC_ERROR_GENERIC);
	list = psc(3, 1);
	go();
	assert_int_equal(page()->sw_exitinfo2, GHCB_PSC_OK);
}

static void test_page_state_changes_content(void **state)
{
	struct ghcb_psc_buffer *list = psc(0, 0);

	(void)state;
	memset(ram + 0x10000, 0x5a, PAGE_SIZE);
	list->entries[0] = GHCB_PSC_ENTRY(0x10000, GHCB_PSC_PRIVATE, false);
	go();
	assert_int_not_equal(*(uint64_t *)(void *)(ram + 0x10000), 0x5a5a5a5a5a5a5a5aULL);
}

static void test_page_state_continues_a_huge_entry(void **state)
{
	struct ghcb_psc_buffer *list = psc(0, 0);

	(void)state;
	list->entries[0] = GHCB_PSC_ENTRY(PAGE_2M_SIZE, GHCB_PSC_PRIVATE, true) | 511;
	go();
	assert_int_equal(page()->sw_exitinfo2, GHCB_PSC_OK);
	assert_true(assigned[1023]);
	assert_false(assigned[1022]);
}

static void test_small_events(void **state)
{
	(void)state;
	request(GHCB_EXIT_NMI_COMPLETE, 0, 0);
	plane()->nmi_blocked = true;
	go();
	assert_false(plane()->nmi_blocked);
	request(SVM_EXIT_HLT, 0, 0);
	go();
	assert_true(fake.halted);
	request(GHCB_EXIT_HV_IPI, 0x100000040, 0);
	go();
	assert_int_equal(fake.ipi, 0x100000040);
	request(GHCB_EXIT_AP_RESET_HOLD, 0, 0);
	go();
	assert_true(fake.held);
	ghcb_complete_reset_hold(plane(), true);
	assert_int_equal(page()->sw_exitinfo2, 1);
	request(SVM_EXIT_WBINVD, 0, 0);
	go();
	expect_ok();
	request(GHCB_EXIT_AP_JUMP_TABLE, GHCB_AP_JUMP_TABLE_SET, 0x9000);
	go();
	request(GHCB_EXIT_AP_JUMP_TABLE, GHCB_AP_JUMP_TABLE_GET, 0);
	go();
	assert_int_equal(page()->sw_exitinfo2, 0x9000);
	request(GHCB_EXIT_TERMINATE, 0x21, 0);
	expect_assert_failure(go());
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_msr_reset_value),
		TEST(test_msr_cpuid),
		TEST(test_msr_registration),
		TEST(test_msr_page_state),
		TEST(test_msr_run_vmpl),
		TEST(test_msr_others),
		TEST(test_page_must_be_registered),
		TEST(test_page_usage_and_valid_bits),
		TEST(test_page_that_is_private_gets_no_answer),
		TEST(test_answer_has_its_valid_bits),
		TEST(test_cpuid),
		TEST(test_port_io),
		TEST(test_string_io),
		TEST(test_mmio),
		TEST(test_mmio_of_the_apic),
		TEST(test_msrs),
		TEST(test_page_state_list),
		TEST(test_page_state_errors),
		TEST(test_page_state_changes_content),
		TEST(test_page_state_continues_a_huge_entry),
		TEST(test_small_events),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL) + ghcb_vcpu_tests();
}

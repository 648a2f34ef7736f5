/* SPDX-License-Identifier: MIT */
/* The GHCB protocol's host side, vCPUs, doorbell, PSP, lies. */
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

static void test_run_vmpl(void **state)
{
	(void)state;
	request(GHCB_EXIT_RUN_VMPL, 2, 0);
	go();
	assert_int_equal(fake.switched_to, 2);
	assert_int_equal(page()->sw_exitinfo1, 2); /* not answered yet */
	ghcb_complete_run_vmpl(plane());
	expect_ok();
	assert_int_equal(page()->sw_exitinfo2, 0);
	request(GHCB_EXIT_RUN_VMPL, 4, 0);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
}

static void create(uint32_t apic_id, uint8_t vmpl, unsigned op, uint64_t vmsa)
{
	request(GHCB_EXIT_AP_CREATION, GHCB_AP_INFO1(apic_id, vmpl, op), vmsa);
	put_valid(GHCB_VALID_RAX);
	fake.created = false;
	go();
}

static void test_ap_creation(void **state)
{
	(void)state;
	create(1, 2, GHCB_AP_CREATE, 0x3000);
	expect_ok();
	assert_true(fake.created);
	create(9, 2, GHCB_AP_CREATE, 0x3000);
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	create(1, 2, 3, 0x3000);
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	create(1, 4, GHCB_AP_CREATE, 0x3000);
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	create(1, 2, GHCB_AP_CREATE, PAGE_2M_SIZE);
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	create(0, 0, GHCB_AP_CREATE, 0x3000); /* itself */
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	assert_false(fake.created);
	request(GHCB_EXIT_AP_CREATION, GHCB_AP_INFO1(1, 2, GHCB_AP_CREATE), 0x3000);
	go();
	expect_malformed(GHCB_MALFORMED_MISSING_INPUT);
	request(GHCB_EXIT_AP_CREATION, GHCB_AP_INFO1(1, 2, GHCB_AP_DESTROY), 0);
	go();
	expect_ok();
	fake.refuse_creation = true;
	create(1, 2, GHCB_AP_CREATE, 0x3000);
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
}

static void test_nobody_creates_above_itself(void **state)
{
	(void)state;
	vcpus[0].current = 2;
	vcpus[0].planes[2].ghcb = vcpus[0].planes[0].ghcb;
	create(1, 0, GHCB_AP_CREATE, 0x3000);
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	assert_false(fake.created);
	create(1, 2, GHCB_AP_CREATE, 0x3000);
	expect_ok();
}

static void test_apic_id_list(void **state)
{
	(void)state;
	request(GHCB_EXIT_APIC_ID_LIST, 0, 0);
	put_valid(GHCB_VALID_RAX);
	page()->rax = 0;
	go();
	assert_int_equal(page()->rax, 1);
	request(GHCB_EXIT_APIC_ID_LIST, 0x9000, 0);
	put_valid(GHCB_VALID_RAX);
	page()->rax = 1;
	go();
	expect_ok();
	assert_memory_equal(ram + 0x9000, "\2\0\0\0\0\0\0\0\1\0\0\0", 12);
	assigned[9] = true;
	request(GHCB_EXIT_APIC_ID_LIST, 0x9000, 0);
	put_valid(GHCB_VALID_RAX);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
}

static void test_doorbell(void **state)
{
	uint16_t *word = (uint16_t *)(void *)(ram + 0x9000);

	(void)state;
	request(GHCB_EXIT_HV_DOORBELL_PAGE, GHCB_DOORBELL_SET, 0x9000);
	go();
	expect_ok();
	fake.pending.interrupt = true;
	fake.pending.vector = 0x40;
	assert_true(ghcb_doorbell_deliver(plane()));
	assert_int_equal(*word, HV_PENDING_NO_FURTHER_SIGNAL | 0x40);
	/* The next vector waits until the guest has taken this one; an NMI does not. */
	fake.pending.interrupt = true;
	assert_false(ghcb_doorbell_deliver(plane()));
	assert_int_equal(*word, HV_PENDING_NO_FURTHER_SIGNAL | 0x40);
	fake.pending.nmi = true;
	assert_false(ghcb_doorbell_deliver(plane()));
	assert_int_equal(*word, HV_PENDING_NO_FURTHER_SIGNAL | HV_PENDING_NMI | 0x40);
	*word = 0;
	assert_true(ghcb_doorbell_deliver(plane()));
	*word = 0;
	assert_false(ghcb_doorbell_deliver(plane()));
	fake.pending.interrupt = true;
	assigned[9] = true;
	assert_false(ghcb_doorbell_deliver(plane()));
	assert_true(fake.pending.interrupt);
	request(GHCB_EXIT_HV_DOORBELL_PAGE, GHCB_DOORBELL_SET, 0x9000);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
}

/* OVMF wakes its APs a second time without registering again. */
static void test_a_new_vmsa_keeps_the_registration(void **state)
{
	(void)state;
	plane()->ghcb.has_doorbell = true;
	ghcb_vmsa_changed(plane());
	assert_true(plane()->ghcb.is_registered);
	assert_int_equal(plane()->ghcb.msr, GHCB_AT);
	assert_false(plane()->ghcb.has_doorbell);
}

static void test_guest_request(void **state)
{
	struct guest_msg *message = (void *)(ram + 0x9000);

	(void)state;
	message->header.msg_seqno = 5;
	request(GHCB_EXIT_GUEST_REQUEST, 0x9000, 0xa000);
	go();
	expect_ok();
	assert_int_equal(page()->sw_exitinfo2, 0);
	assert_int_equal(((struct guest_msg *)(void *)(ram + 0xa000))->header.msg_seqno, 6);
	request(GHCB_EXIT_GUEST_REQUEST, 0x9000, 0x9000);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	request(GHCB_EXIT_GUEST_REQUEST, 0x9008, 0xa000);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	assigned[0xa] = true;
	request(GHCB_EXIT_GUEST_REQUEST, 0x9000, 0xa000);
	go();
	expect_malformed(GHCB_MALFORMED_INVALID_INPUT);
	assert_int_equal(fake.psp_calls, 1);
}

static void test_throttling(void **state)
{
	(void)state;
	machine.throttle = 1;
	request(GHCB_EXIT_GUEST_REQUEST, 0x9000, 0xa000);
	go();
	expect_ok();
	assert_int_equal(page()->sw_exitinfo2 >> 32, GHCB_REQUEST_VMM_BUSY);
	assert_int_equal(fake.psp_calls, 0);
}

static void test_certificates(void **state)
{
	struct guest_msg *message = (void *)(ram + 0x9000);

	(void)state;
	message->header.msg_type = GUEST_MSG_REPORT_REQ;
	request(GHCB_EXIT_EXT_GUEST_REQUEST, 0x9000, 0xa000);
	put_valid(GHCB_VALID_RAX);
	put_valid(GHCB_VALID_RBX);
	page()->rax = 0x20000;
	page()->rbx = 1;
	go();
	assert_int_equal(page()->sw_exitinfo2 >> 32, GHCB_REQUEST_VMM_INVALID_LEN);
	assert_int_equal(page()->rbx, 2);
	assert_int_equal(fake.psp_calls, 0);
	request(GHCB_EXIT_EXT_GUEST_REQUEST, 0x9000, 0xa000);
	put_valid(GHCB_VALID_RAX);
	put_valid(GHCB_VALID_RBX);
	page()->rax = 0x20000;
	go();
	assert_int_equal(page()->sw_exitinfo2, 0);
	assert_int_equal(ram[0x20000], 0xce);
	assert_int_equal(fake.psp_calls, 1);
}

static void lie(enum lie_kind kind, uint64_t value)
{
	fake.lies = true;
	fake.lie_kind = kind;
	fake.lie_value = value;
}

static void test_lies(void **state)
{
	(void)state;
	lie(LIE_INFO1, 7);
	request(GHCB_EXIT_FEATURES, 0, 0);
	go();
	assert_int_equal(page()->sw_exitinfo1, 7);
	lie(LIE_VALID, 0);
	request(GHCB_EXIT_FEATURES, 0, 0);
	go();
	assert_false(is_valid(GHCB_VALID_SW_EXITINFO2));
	lie(LIE_SILENT, 0);
	request(GHCB_EXIT_FEATURES, 0, 99);
	go();
	assert_int_equal(page()->sw_exitinfo2, 99);
	lie(LIE_PSC, 0);
	assert_int_equal(msr_call(GHCB_MSR_PSC_REQ_VALUE(0x9000, GHCB_PSC_PRIVATE)),
			 GHCB_MSR_PSC_RESP);
	assert_false(assigned[9]);
	lie(LIE_MSR, 0x10);
	assert_int_equal(GHCB_MSR_INFO(msr_call(GHCB_MSR_FEATURES_REQ)), 0x091);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int ghcb_vcpu_tests(void)
{
	const struct CMUnitTest vcpu_tests[] = {
		TEST(test_run_vmpl),
		TEST(test_ap_creation),
		TEST(test_nobody_creates_above_itself),
		TEST(test_apic_id_list),
		TEST(test_doorbell),
		TEST(test_a_new_vmsa_keeps_the_registration),
		TEST(test_guest_request),
		TEST(test_throttling),
		TEST(test_certificates),
		TEST(test_lies),
	};

	return cmocka_run_group_tests(vcpu_tests, NULL, NULL);
}

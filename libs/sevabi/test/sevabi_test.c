/* SPDX-License-Identifier: MIT */
/* The macros that build and take apart values; the layouts are asserted by the headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sevabi/certs.h"
#include "sevabi/cpuid_page.h"
#include "sevabi/ghcb.h"
#include "sevabi/guest_msg.h"
#include "sevabi/guid.h"
#include "sevabi/id_block.h"
#include "sevabi/launch.h"
#include "sevabi/msr.h"
#include "sevabi/report.h"
#include "sevabi/rmp.h"
#include "sevabi/secrets_page.h"
#include "sevabi/svm_exit.h"
#include "sevabi/svsm.h"
#include "sevabi/vmsa.h"

static void guid_orders(void **state)
{
	static const struct guid efi = SVSM_GUID_MANIFEST;
	static const struct guid text = CERT_GUID_VCEK;
	static const uint8_t efi_bytes[16] = {0xbb, 0x9e, 0x84, 0x63, 0x92, 0x3d, 0x70, 0x46,
					      0xa1, 0xff, 0x58, 0xf9, 0xc9, 0x4b, 0x87, 0xbb};
	static const uint8_t text_bytes[16] = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
					       0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};

	(void)state;
	assert_memory_equal(efi.bytes, efi_bytes, 16);
	assert_memory_equal(text.bytes, text_bytes, 16);
}

static void msr_protocol_values(void **state)
{
	(void)state;
	assert_int_equal(GHCB_MSR_SEV_INFO_VALUE(2, 1, 51), 0x0002000133000001ULL);
	assert_int_equal(GHCB_MSR_CPUID_REQ_VALUE(0x8000001f, GHCB_CPUID_EBX),
			 0x8000001f40000004ULL);
	assert_int_equal(GHCB_MSR_CPUID_REGISTER(0x8000001f40000004ULL), GHCB_CPUID_EBX);
	assert_int_equal(GHCB_MSR_PSC_REQ_VALUE(0x123456000ULL, GHCB_PSC_SHARED),
			 0x0020000123456014ULL);
	assert_int_equal(GHCB_MSR_PSC_OP(0x0020000123456014ULL), GHCB_PSC_SHARED);
	assert_int_equal(GHCB_MSR_PSC_GPA(0x0020000123456014ULL), 0x123456000ULL);
	assert_int_equal(GHCB_MSR_RUN_VMPL_REQ_VALUE(2), 0x0000000200000016ULL);
	assert_int_equal(GHCB_MSR_TERMINATE_VALUE(1, 8), 0x81100ULL);
	assert_int_equal(GHCB_MSR_TERMINATE_CODE(0x81100ULL), 8);
	assert_int_equal(GHCB_MSR_REGISTER_GPA_RESP_VALUE(GHCB_MSR_GFN_NONE),
			 0xfffffffffffff013ULL);
}

static void valid_bitmap_indices(void **state)
{
	(void)state;
	assert_int_equal(GHCB_VALID_INDEX(cpl), GHCB_VALID_CPL);
	assert_int_equal(GHCB_VALID_INDEX(xss), GHCB_VALID_XSS);
	assert_int_equal(GHCB_VALID_INDEX(rax), GHCB_VALID_RAX);
	assert_int_equal(GHCB_VALID_INDEX(rbx), GHCB_VALID_RBX);
	assert_int_equal(GHCB_VALID_INDEX(sw_exitcode), GHCB_VALID_SW_EXITCODE);
	assert_int_equal(GHCB_VALID_INDEX(sw_scratch), GHCB_VALID_SW_SCRATCH);
	assert_int_equal(GHCB_VALID_INDEX(xcr0), GHCB_VALID_XCR0);
}

static void event_values(void **state)
{
	(void)state;
	assert_int_equal(GHCB_AP_INFO1(3, 2, GHCB_AP_CREATE), 0x0000000300020001ULL);
	assert_int_equal(GHCB_AP_APIC_ID(0x0000000300020001ULL), 3);
	assert_int_equal(GHCB_AP_VMPL(0x0000000300020001ULL), 2);
	assert_int_equal(GHCB_IOIO_SIZE(0x03f80241), 4);
	assert_int_equal(GHCB_IOIO_PORT(0x03f80241), 0x3f8);
	assert_int_equal(GHCB_PSC_ENTRY(0x200000, GHCB_PSC_PRIVATE, 1), 0x0110000000200000ULL);
	assert_int_equal(GHCB_PSC_ENTRY_OP(0x0110000000200000ULL), GHCB_PSC_PRIVATE);
	assert_int_equal(SEV_STATUS_FROM_FEATURES(SEV_FEATURE_SNP | SEV_FEATURE_DEBUG_SWAP), 0x87);
}

static void svsm_values(void **state)
{
	(void)state;
	assert_int_equal(SVSM_RAX(SVSM_PROTOCOL_VTPM, SVSM_VTPM_CMD), 0x200000001ULL);
	assert_int_equal(SVSM_RAX_PROTOCOL(0x200000001ULL), 2);
	assert_int_equal(SVSM_QUERY_RESULT(1, 1), 0x100000001ULL);
	assert_int_equal(RMP_PERM_RWX, (uint64_t)VMPL_PERM_RWX << RMP_PERM_SHIFT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guid_orders),          cmocka_unit_test(msr_protocol_values),
		cmocka_unit_test(valid_bitmap_indices), cmocka_unit_test(event_values),
		cmocka_unit_test(svsm_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The GHCB MSR protocol, good and bad (GHCB 2.3, ghcb 1). */
#include "micro.h"
#include "sevabi/msr.h"

static void test_information(void)
{
	uint64_t answer = ghcb_msr(GHCB_MSR_SEV_INFO_REQ);

	check_equal(GHCB_MSR_INFO(answer), GHCB_MSR_SEV_INFO, "SEV information answers 001");
	check(GHCB_MSR_SEV_INFO_MIN(answer) <= 2 && GHCB_MSR_SEV_INFO_MAX(answer) >= 2,
	      "protocol version 2 is offered");
	check_equal(BIT(GHCB_MSR_SEV_INFO_CBIT(answer)), c_bit, "the C-bit is the shim's");
	answer = ghcb_msr(GHCB_MSR_FEATURES_REQ);
	check_equal(GHCB_MSR_INFO(answer), GHCB_MSR_FEATURES_RESP, "features answers 081");
	check((GHCB_MSR_DATA(answer) & GHCB_FEATURE_SNP) != 0, "feature: SNP");
	check((GHCB_MSR_DATA(answer) & GHCB_FEATURE_AP_CREATION) != 0, "feature: AP creation");
	check((GHCB_MSR_DATA(answer) & GHCB_FEATURE_MULTI_VMPL) != 0, "feature: multiple VMPLs");
}

static void test_cpuid(void)
{
	uint64_t answer = ghcb_msr(GHCB_MSR_CPUID_REQ_VALUE(0, GHCB_CPUID_EBX));

	check_equal(GHCB_MSR_INFO(answer), GHCB_MSR_CPUID_RESP, "CPUID answers 005");
	check_equal(GHCB_MSR_CPUID_VALUE(answer), 0x68747541, "CPUID 0 EBX: \"Auth\"");
	answer = ghcb_msr(GHCB_MSR_CPUID_REQ_VALUE(0, GHCB_CPUID_EDX));
	check_equal(GHCB_MSR_CPUID_VALUE(answer), 0x69746e65, "CPUID 0 EDX: \"enti\"");
	check_equal(GHCB_MSR_CPUID_REGISTER(answer), GHCB_CPUID_EDX, "the register is echoed");
	answer = ghcb_msr(GHCB_MSR_CPUID_REQ_VALUE(0x8000001f, GHCB_CPUID_EBX));
	check_equal(BIT(GHCB_MSR_CPUID_VALUE(answer) & 0x3f), c_bit, "CPUID 8000001F: the C-bit");
}

static void test_register(void)
{
	gpa_t page;
	uint64_t answer;

	(void)private_page(0, &page);
	answer = ghcb_msr(GHCB_MSR_PREF_GPA_REQ);
	check_equal(GHCB_MSR_INFO(answer), GHCB_MSR_PREF_GPA_RESP, "preferred GHCB answers 011");
	check_equal(GHCB_MSR_DATA(answer), GHCB_MSR_GFN_NONE, "no preference");
	answer = ghcb_msr(GHCB_MSR_REGISTER_GPA_REQ_VALUE(ghcb_gpa.raw));
	check_equal(GHCB_MSR_INFO(answer), GHCB_MSR_REGISTER_GPA_RESP, "register answers 013");
	check_equal(GHCB_MSR_DATA(answer), ghcb_gpa.raw >> 12, "with the same GFN");
	answer = ghcb_msr(GHCB_MSR_REGISTER_GPA_REQ_VALUE(0xfffffffff000));
	check_equal(GHCB_MSR_DATA(answer), GHCB_MSR_GFN_NONE, "a GPA beyond memory is refused");
	/* Leave the good page registered. */
	(void)ghcb_msr(GHCB_MSR_REGISTER_GPA_REQ_VALUE(ghcb_gpa.raw));
}

static void read_byte(void *arg)
{
	(void)*(volatile uint8_t *)arg;
}

static void test_psc(void)
{
	gpa_t gpa = fresh_page();
	uint64_t answer;
	volatile uint8_t *va;
	struct trap trap;

	answer = ghcb_msr(GHCB_MSR_PSC_REQ_VALUE(gpa.raw, GHCB_PSC_PRIVATE));
	check_equal(GHCB_MSR_INFO(answer), GHCB_MSR_PSC_RESP, "PSC answers 015");
	check_equal(GHCB_MSR_PSC_RESP_ERROR(answer), 0, "private: no error");
	check_equal(GHCB_MSR_PSC_RESP_RESERVED(answer), 0, "reserved bits are 0");
	va = window(0, gpa, 0);
	trap = trap_run(read_byte, (void *)va);
	check(trap.vector == VEC_VC && trap.error == 0x404, "the page is private, not validated");
	check_equal(psc_msr(gpa, GHCB_PSC_SHARED), 0, "shared: no error");
	va = window(0, gpa, MAP_SHARED);
	*va = 0x11;
	check_equal(*va, 0x11, "the page works as a shared one");
	check(psc_msr(GPA(0xfffffffff000), GHCB_PSC_PRIVATE) != 0, "a GPA beyond memory: error");
	check(psc_msr(gpa, 9) != 0, "an unknown operation: error");
}

static void test_unknown(void)
{
	uint64_t answer = ghcb_msr(0x0ab);

	check_equal(answer, 0x0ab, "an unknown request leaves the value");
	answer = ghcb_msr(GHCB_MSR_RUN_VMPL_REQ_VALUE(3));
	check_equal(GHCB_MSR_INFO(answer), GHCB_MSR_RUN_VMPL_RESP, "RUN_VMPL answers 017");
	check(GHCB_MSR_RUN_VMPL_RESP_ERROR(answer) != 0, "for a VMPL without VMSA: error");
	answer = ghcb_msr(GHCB_MSR_RUN_VMPL_REQ_VALUE(7));
	check(GHCB_MSR_RUN_VMPL_RESP_ERROR(answer) != 0, "VMPL7: error");
}

void micro_main(void)
{
	test_information();
	test_cpuid();
	test_register();
	test_psc();
	test_unknown();
}

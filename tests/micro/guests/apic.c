/* SPDX-License-Identifier: MIT */
/*
 * The local APICs: VMPL0's behind GHCB MSR exits, signalled by #HV and the doorbell page when the
 * image asks for restricted injection (this guest's recipe does); another one for each VMPL.
 */
#include "micro.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

#define VECTOR_TEST  0x51
#define VECTOR_TIMER 0x52

enum {
	SLOT_DOORBELL
};

static volatile struct hv_doorbell_page *doorbell;
static gpa_t doorbell_gpa;
static volatile unsigned signals;

static uint64_t apic_read(uint32_t msr)
{
	struct nae n = {.code = SVM_EXIT_MSR, .has_rcx = true, .rcx = msr};

	nae_call(&n);
	return n.info1 ? ~0ULL : n.rax | n.rdx << 32;
}

static bool apic_write(uint32_t msr, uint64_t value)
{
	struct nae n = {.code = SVM_EXIT_MSR, .info1 = 1};

	n.has_rcx = n.has_rax = n.has_rdx = true;
	n.rcx = msr;
	n.rax = value & 0xffffffff;
	n.rdx = value >> 32;
	nae_call(&n);
	return n.info1 == 0;
}

static bool on_hv(struct frame *frame)
{
	(void)frame;
	signals++;
	return true;
}

static uint64_t doorbell_call(uint64_t action, uint64_t gpa, uint64_t *info1)
{
	struct nae n = {.code = GHCB_EXIT_HV_DOORBELL_PAGE, .info1 = action, .info2 = gpa};

	nae_call(&n);
	*info1 = n.info1;
	return n.info2;
}

static void test_doorbell_page(void)
{
	uint64_t info1;

	doorbell_gpa = fresh_page();
	psc_msr(doorbell_gpa, GHCB_PSC_SHARED);
	doorbell = window(SLOT_DOORBELL, doorbell_gpa, MAP_SHARED);
	for (unsigned i = 0; i < PAGE_SIZE / 8; i++)
		((volatile uint64_t *)doorbell)[i] = 0;
	check_equal(doorbell_call(GHCB_DOORBELL_QUERY, 0, &info1), GHCB_DOORBELL_NONE,
		    "no doorbell page at first");
	(void)doorbell_call(GHCB_DOORBELL_SET, doorbell_gpa.raw + 4, &info1);
	check(info1 != 0, "an unaligned doorbell page is refused");
	check_equal(doorbell_call(GHCB_DOORBELL_SET, doorbell_gpa.raw, &info1), doorbell_gpa.raw,
		    "set the doorbell page");
	check_equal(doorbell_call(GHCB_DOORBELL_QUERY, 0, &info1), doorbell_gpa.raw, "query it");
}

static void enable_x2apic(void)
{
	uint64_t base = apic_read(MSR_APIC_BASE);

	check((base & APIC_BASE_ENABLE) != 0, "the APIC is on");
	check(apic_write(MSR_APIC_BASE, base | APIC_BASE_X2APIC), "x2APIC can be enabled");
	check_equal(apic_read(MSR_X2APIC_ID), 0, "APIC ID 0");
	check_equal(apic_read(MSR_X2APIC_VERSION) & 0xf0, 0x10, "version 0x1x");
	check(apic_write(MSR_X2APIC_SVR, 0x1ff), "software enable");
}

/* Waits until a vector is in the doorbell page (bounded by the TSC), takes it. */
static unsigned take_vector(void)
{
	uint64_t start = read_tsc();
	unsigned pending = 0;

	do {
		__asm__ volatile("sti; nop; cli; pause");
		pending = doorbell->pending;
	} while (!(pending & HV_PENDING_VECTOR_MASK) && read_tsc() - start < 20000000000ULL);
	pending = __atomic_exchange_n((volatile uint16_t *)&doorbell->pending, 0, __ATOMIC_SEQ_CST);
	return pending & HV_PENDING_VECTOR_MASK;
}

static void test_self_ipi(void)
{
	signals = 0;
	check(apic_write(MSR_X2APIC_ICR, 0x40000 | VECTOR_TEST), "a self IPI by the ICR");
	check_equal(take_vector(), VECTOR_TEST, "its vector is in the doorbell page");
	check(signals >= 1, "and #HV was raised");
	check_equal((apic_read(MSR_X2APIC_ISR0 + 2) >> (VECTOR_TEST - 64)) & 1, 1, "ISR has it");
	check(apic_write(MSR_X2APIC_EOI, 0), "EOI");
	check_equal((apic_read(MSR_X2APIC_ISR0 + 2) >> (VECTOR_TEST - 64)) & 1, 0, "ISR is clear");
	check(apic_write(MSR_X2APIC_SELF_IPI, VECTOR_TEST), "the SELF_IPI register");
	check_equal(take_vector(), VECTOR_TEST, "does the same");
	(void)apic_write(MSR_X2APIC_EOI, 0);
}

static void test_priority(void)
{
	(void)apic_write(MSR_X2APIC_TPR, 0xf0);
	(void)apic_write(MSR_X2APIC_SELF_IPI, VECTOR_TEST);
	check_equal(doorbell->pending & HV_PENDING_VECTOR_MASK, 0, "TPR holds a vector back");
	check_equal((apic_read(MSR_X2APIC_IRR0 + 2) >> (VECTOR_TEST - 64)) & 1, 1, "IRR has it");
	(void)apic_write(MSR_X2APIC_TPR, 0);
	check_equal(take_vector(), VECTOR_TEST, "until TPR is lowered");
	(void)apic_write(MSR_X2APIC_EOI, 0);
}

static void test_timer(void)
{
	(void)apic_write(MSR_X2APIC_TIMER_DIVIDE, 0xb);
	(void)apic_write(MSR_X2APIC_LVT_TIMER, VECTOR_TIMER);
	check(apic_write(MSR_X2APIC_TIMER_INITIAL, 100000), "start the timer");
	check_equal(take_vector(), VECTOR_TIMER, "it fires");
	(void)apic_write(MSR_X2APIC_EOI, 0);
	check_equal(apic_read(MSR_X2APIC_TIMER_CURRENT), 0, "one shot: the count stays 0");
}

static void test_bad_registers(void)
{
	check(!apic_write(MSR_X2APIC_ID, 1), "writing the ID: #GP");
	check(!apic_write(MSR_X2APIC_EOI, 1), "EOI with a value: #GP");
	check_equal(apic_read(MSR_X2APIC_EOI), ~0ULL, "reading EOI: #GP");
	check(!apic_write(MSR_X2APIC_TPR, 0x100), "TPR above 8 bit: #GP");
	check(!apic_write(0x8f0, 0), "an unknown register: #GP");
}

/* With NoFurtherSignal set the host writes the page and does not raise #HV again. */
static void test_no_further_signal(void)
{
	signals = 0;
	doorbell->pending = HV_PENDING_NO_FURTHER_SIGNAL;
	(void)apic_write(MSR_X2APIC_SELF_IPI, VECTOR_TEST);
	for (unsigned i = 0; i < 1000; i++)
		__asm__ volatile("sti; nop; cli; pause");
	check_equal(signals, 0, "NoFurtherSignal: no #HV");
	check_equal(take_vector(), VECTOR_TEST, "but the vector is there");
	(void)apic_write(MSR_X2APIC_EOI, 0);
}

void micro_main(void)
{
	trap_set_hook(VEC_HV, on_hv);
	check((read_msr(MSR_SEV_STATUS) >> SEV_STATUS_FEATURES_SHIFT &
	       SEV_FEATURE_RESTRICTED_INJECTION) != 0,
	      "restricted injection is on");
	test_doorbell_page();
	enable_x2apic();
	test_self_ipi();
	test_priority();
	test_timer();
	test_no_further_signal();
	test_bad_registers();
}

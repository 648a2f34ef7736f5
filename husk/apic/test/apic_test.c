/* SPDX-License-Identifier: MIT */
/* The local APIC against a fake clock and a fake real APIC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "husk/apic.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "husk/port.h"
#include "sevabi/msr.h"
#include "state.h"

struct machine machine = {.tsc_khz = 1000000};
struct vcpu vcpus[VCPU_MAX];
uint32_t vcpu_count = 2;
enum log_level log_limit;

static uint64_t now_ns;
static struct vmcb vmcb;
static uint32_t real[0x400 / 4];
static unsigned real_eois, kicks;
static uint32_t started_vcpu, init_vcpu;

void husk_log(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

void machine_end(uint32_t exit_value, const char *format, ...)
{
	(void)exit_value;
	(void)format;
	abort();
}

uint64_t machine_time_ns(void)
{
	return now_ns;
}

void *page_alloc(void)
{
	return calloc(1, PAGE_SIZE);
}

uint32_t lapic_read(unsigned offset)
{
	return real[offset / 4];
}

void lapic_write(unsigned offset, uint32_t value)
{
	real_eois += offset == 0xb0;
	real[offset / 4] = value;
}

void vcpu_kick(struct vcpu *v)
{
	(void)v;
	kicks++;
}

void vcpu_init_ipi(struct vcpu *v, uint8_t vmpl)
{
	assert_int_equal(vmpl, 2);
	init_vcpu = v->index;
}

void vcpu_startup_ipi(struct vcpu *v, uint8_t vmpl, uint8_t vector)
{
	assert_int_equal(vmpl, 2);
	assert_int_equal(vector, 0x9a);
	started_vcpu = v->index;
}

static int setup(void **state)
{
	(void)state;
	memset(vcpus, 0, sizeof(vcpus));
	memset(real, 0, sizeof(real));
	now_ns = 1000;
	real_eois = kicks = 0;
	started_vcpu = init_vcpu = UINT32_MAX;
	for (uint32_t i = 0; i < vcpu_count; i++) {
		vcpus[i].index = i;
		vcpus[i].apic_id = i;
		for (uint8_t vmpl = 0; vmpl < VMPL_COUNT; vmpl++) {
			struct plane *p = &vcpus[i].planes[vmpl];

			p->vcpu = &vcpus[i];
			p->vmpl = vmpl;
			p->vmcb = &vmcb;
			p->state = vmpl == 0 || vmpl == 2 ? PLANE_RUNNABLE : PLANE_ABSENT;
			apic_init(p);
		}
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < vcpu_count; i++) {
		for (unsigned vmpl = 0; vmpl < VMPL_COUNT; vmpl++)
			free(vcpus[i].planes[vmpl].apic);
	}
	return 0;
}

static struct plane *plane(uint32_t cpu)
{
	return &vcpus[cpu].planes[2];
}

static void write_reg(struct plane *p, unsigned reg, uint32_t value)
{
	apic_mmio_write(p, reg << 4, value);
}

static uint32_t read_reg(struct plane *p, unsigned reg)
{
	return apic_mmio_read(p, reg << 4);
}

static void enable(struct plane *p)
{
	write_reg(p, REG_SVR, 0x1ff);
}

static void enable_x2(struct plane *p)
{
	assert_true(apic_msr_write(p, MSR_APIC_BASE, 0xfee00c00));
	enable(p);
	assert_true(apic_msr_write(p, MSR_X2APIC_SVR, 0x1ff));
}

/* Take what is pending; -1 nothing. */
static int take(struct plane *p)
{
	struct apic_event event = apic_pending(p);

	if (!event.interrupt)
		return -1;
	event.nmi = false;
	apic_accept(p, event);
	return event.vector;
}

static void test_reset_state(void **state)
{
	uint64_t base;
	gpa_t page;

	(void)state;
	assert_true(apic_msr_read(plane(0), MSR_APIC_BASE, &base));
	assert_int_equal(base, 0xfee00900);
	assert_true(apic_msr_read(plane(1), MSR_APIC_BASE, &base));
	assert_int_equal(base, 0xfee00800);
	assert_true(apic_mmio_page(plane(0), &page));
	assert_int_equal(page.raw, 0xfee00000);
	assert_int_equal(read_reg(plane(1), REG_ID), 1U << 24);
	assert_int_equal(read_reg(plane(0), REG_SVR), 0xff);
	assert_int_equal(read_reg(plane(0), REG_LVT_TIMER), LVT_MASKED);
}

static void test_disabled_takes_nothing(void **state)
{
	(void)state;
	apic_raise(plane(0), 0x40);
	enable(plane(0));
	assert_int_equal(take(plane(0)), -1);
}

static void test_priorities(void **state)
{
	struct plane *p = plane(0);

	(void)state;
	enable(p);
	apic_raise(p, 0x41);
	apic_raise(p, 0x61);
	apic_raise(p, 0x48);
	assert_int_equal(take(p), 0x61);
	assert_int_equal(read_reg(p, REG_PPR), 0x60);
	assert_int_equal(take(p), -1);
	apic_raise(p, 0x6f); /* same class */
	assert_int_equal(take(p), -1);
	apic_raise(p, 0x70);
	assert_int_equal(take(p), 0x70);
	write_reg(p, REG_EOI, 0);
	assert_int_equal(take(p), -1);
	write_reg(p, REG_EOI, 0);
	assert_int_equal(take(p), 0x6f);
	write_reg(p, REG_EOI, 0);
	write_reg(p, REG_TPR, 0x40);
	assert_int_equal(take(p), -1);
	assert_int_equal(apic_task_priority(p), 0x40);
	apic_set_task_priority(p, 0x30);
	assert_int_equal(take(p), 0x48);
	write_reg(p, REG_EOI, 0);
	assert_int_equal(take(p), 0x41);
	write_reg(p, REG_EOI, 0);
	assert_int_equal(take(p), -1);
	write_reg(p, REG_EOI, 0); /* nothing in service: no harm */
}

static void test_timer_one_shot(void **state)
{
	struct plane *p = plane(0);

	(void)state;
	enable(p);
	write_reg(p, REG_TIMER_DIVIDE, 0xb); /* 1 */
	write_reg(p, REG_LVT_TIMER, 0xec);
	assert_int_equal(apic_next_deadline_ns(&vcpus[0]), APIC_NO_TIMER);
	write_reg(p, REG_TIMER_INITIAL, 500);
	assert_int_equal(apic_next_deadline_ns(&vcpus[0]), 1500);
	now_ns = 1400;
	assert_int_equal(read_reg(p, REG_TIMER_CURRENT), 100);
	apic_tick(&vcpus[0]);
	assert_int_equal(take(p), -1);
	now_ns = 1500;
	apic_tick(&vcpus[0]);
	assert_int_equal(take(p), 0xec);
	assert_int_equal(apic_next_deadline_ns(&vcpus[0]), APIC_NO_TIMER);
	assert_int_equal(read_reg(p, REG_TIMER_CURRENT), 0);
}

static void test_timer_periodic(void **state)
{
	struct plane *p = plane(0);

	(void)state;
	enable(p);
	write_reg(p, REG_TIMER_DIVIDE, 3); /* 16 */
	write_reg(p, REG_LVT_TIMER, 0x20000 | 0x40);
	write_reg(p, REG_TIMER_INITIAL, 10);
	assert_int_equal(apic_next_deadline_ns(&vcpus[0]), 1160);
	now_ns = 1170;
	apic_tick(&vcpus[0]);
	assert_int_equal(take(p), 0x40);
	assert_int_equal(apic_next_deadline_ns(&vcpus[0]), 1320);
	now_ns = 5000;
	apic_tick(&vcpus[0]);
	assert_true(apic_next_deadline_ns(&vcpus[0]) > 5000);
	write_reg(p, REG_TIMER_INITIAL, 0);
	assert_int_equal(apic_next_deadline_ns(&vcpus[0]), APIC_NO_TIMER);
}

static void test_timer_deadline(void **state)
{
	struct plane *p = plane(0);
	uint64_t value;

	(void)state;
	enable(p);
	assert_true(apic_msr_write(p, MSR_TSC_DEADLINE, 1));
	assert_int_equal(apic_next_deadline_ns(&vcpus[0]), APIC_NO_TIMER);
	write_reg(p, REG_LVT_TIMER, 0x40000 | 0x41);
	assert_true(apic_msr_write(p, MSR_TSC_DEADLINE, 1)); /* long gone */
	apic_tick(&vcpus[0]);
	assert_int_equal(take(p), 0x41);
	assert_true(apic_msr_read(p, MSR_TSC_DEADLINE, &value));
	assert_int_equal(value, 0);
	assert_true(apic_msr_write(p, MSR_TSC_DEADLINE, UINT64_MAX));
	write_reg(p, REG_LVT_TIMER, 0x41); /* leaving the mode disarms */
	assert_int_equal(apic_next_deadline_ns(&vcpus[0]), APIC_NO_TIMER);
}

static void test_masked_timer_is_silent(void **state)
{
	struct plane *p = plane(0);

	(void)state;
	enable(p);
	write_reg(p, REG_LVT_TIMER, LVT_MASKED | 0x40);
	write_reg(p, REG_TIMER_INITIAL, 1);
	now_ns += 1000;
	apic_tick(&vcpus[0]);
	assert_int_equal(take(p), -1);
}

static void test_xapic_ipis(void **state)
{
	(void)state;
	enable(plane(0));
	enable(plane(1));
	enable(&vcpus[1].planes[0]);
	write_reg(plane(0), REG_ICR_HIGH, 1U << 24);
	write_reg(plane(0), REG_ICR, 0x40fb);
	assert_int_equal(take(plane(1)), 0xfb);
	write_reg(plane(1), REG_EOI, 0);
	assert_int_equal(take(plane(0)), -1);
	assert_int_equal(take(&vcpus[1].planes[0]), -1); /* another VMPL never */
	assert_true(kicks > 0);
	write_reg(plane(0), REG_ICR, 0xc0400); /* NMI to all others */
	assert_true(apic_pending(plane(1)).nmi);
	assert_false(apic_pending(plane(0)).nmi);
	write_reg(plane(0), REG_ICR, 0x40040 | 0x9); /* self */
	assert_int_equal(take(plane(0)), 0x49);
	write_reg(plane(0), REG_ICR, 0x80041); /* all */
	assert_int_equal(apic_pending(plane(1)).vector, 0x41);
	write_reg(plane(0), REG_ICR_HIGH, 0xffU << 24);
	write_reg(plane(0), REG_ICR, 0x42);
	assert_int_equal(apic_pending(plane(1)).vector, 0x42);
}

static void test_logical_destinations(void **state)
{
	(void)state;
	enable(plane(0));
	enable(plane(1));
	write_reg(plane(0), REG_LDR, 1U << 24);
	write_reg(plane(1), REG_LDR, 2U << 24);
	write_reg(plane(0), REG_ICR_HIGH, 2U << 24);
	write_reg(plane(0), REG_ICR, 0x850);
	assert_int_equal(take(plane(1)), 0x50);
	assert_int_equal(take(plane(0)), -1);
	write_reg(plane(0), REG_ICR_HIGH, 3U << 24);
	write_reg(plane(0), REG_ICR, 0x960); /* lowest priority: one of them */
	assert_int_equal((take(plane(0)) == 0x60) + (take(plane(1)) == 0x60), 1);
	enable_x2(plane(0));
	enable_x2(plane(1));
	assert_true(apic_msr_write(plane(0), MSR_X2APIC_ICR, 2ULL << 32 | 0x870));
	assert_int_equal(take(plane(1)), 0x70);
}

static void test_init_and_startup(void **state)
{
	(void)state;
	write_reg(plane(0), REG_ICR_HIGH, 1U << 24);
	write_reg(plane(0), REG_ICR, 0x8500); /* de-assert */
	assert_int_equal(init_vcpu, UINT32_MAX);
	write_reg(plane(0), REG_ICR, 0xc500);
	assert_int_equal(init_vcpu, 1);
	write_reg(plane(0), REG_ICR, 0x69a);
	assert_int_equal(started_vcpu, 1);
}

static void test_x2apic_rules(void **state)
{
	struct plane *p = plane(0);
	uint64_t value;
	gpa_t page;

	(void)state;
	assert_false(apic_msr_read(p, MSR_X2APIC_ID, &value));
	assert_false(apic_msr_write(p, MSR_APIC_BASE, 0xfee00400)); /* x2 without enable */
	assert_false(apic_msr_write(p, MSR_APIC_BASE, 0xfee00801));
	enable_x2(p);
	assert_false(apic_mmio_page(p, &page));
	assert_true(apic_msr_read(p, MSR_X2APIC_ID, &value));
	assert_int_equal(value, 0);
	assert_false(apic_msr_write(p, MSR_APIC_BASE, 0xfee00800)); /* back to xAPIC */
	assert_false(apic_msr_read(p, MSR_X2APIC_EOI, &value));
	assert_false(apic_msr_write(p, MSR_X2APIC_EOI, 1));
	assert_true(apic_msr_write(p, MSR_X2APIC_EOI, 0));
	assert_false(apic_msr_write(p, MSR_X2APIC_ID, 1));
	assert_false(apic_msr_write(p, MSR_X2APIC_TPR, BIT(32)));
	assert_false(apic_msr_write(p, MSR_X2APIC_SELF_IPI, 0x100));
	assert_true(apic_msr_write(p, MSR_X2APIC_SELF_IPI, 0x55));
	assert_int_equal(take(p), 0x55);
	assert_false(apic_msr_read(p, 0x8ff, &value));
	assert_true(apic_msr_write(p, MSR_X2APIC_ICR, 1ULL << 32 | 0x40));
	assert_true(apic_msr_read(p, MSR_X2APIC_ICR, &value));
	assert_int_equal(value, 1ULL << 32 | 0x40);
}

static void test_illegal_vectors(void **state)
{
	struct plane *p = plane(0);

	(void)state;
	enable(p);
	write_reg(p, REG_ICR, 0x40005);
	assert_int_equal(take(p), -1);
	write_reg(p, REG_ESR, 0);
	assert_int_equal(read_reg(p, REG_ESR), ESR_SEND_ILLEGAL);
	write_reg(p, REG_ESR, 0);
	assert_int_equal(read_reg(p, REG_ESR), 0);
}

static void real_interrupt(uint8_t vector, bool level)
{
	real[(0x100 + 16U * (vector / 32)) / 4] |= 1U << (vector % 32);
	if (level)
		real[(0x180 + 16U * (vector / 32)) / 4] |= 1U << (vector % 32);
	apic_machine_interrupt(&vcpus[0], vector);
}

static void test_device_edge(void **state)
{
	(void)state;
	enable(plane(0));
	real_interrupt(0x33, false);
	assert_int_equal(real_eois, 1);
	assert_int_equal(take(plane(0)), 0x33);
	write_reg(plane(0), REG_EOI, 0);
	assert_int_equal(real_eois, 1);
}

static void test_device_level_waits_for_the_guest(void **state)
{
	(void)state;
	enable(plane(0));
	real_interrupt(0x33, true);
	assert_int_equal(real_eois, 0);
	assert_int_equal(take(plane(0)), 0x33);
	assert_true((read_reg(plane(0), REG_TMR + 1) >> 19 & 1) != 0);
	write_reg(plane(0), REG_EOI, 0);
	assert_int_equal(real_eois, 1);
	write_reg(plane(0), REG_EOI, 0);
	assert_int_equal(real_eois, 1);
}

static void test_device_goes_to_the_least_privileged(void **state)
{
	(void)state;
	enable(plane(0));
	enable(&vcpus[0].planes[0]);
	real_interrupt(0x34, false);
	assert_int_equal(apic_pending(&vcpus[0].planes[0]).interrupt, false);
	assert_int_equal(take(plane(0)), 0x34);
	plane(0)->state = PLANE_ABSENT;
	real_interrupt(0x35, false);
	assert_int_equal(take(&vcpus[0].planes[0]), 0x35);
}

static void test_8259(void **state)
{
	(void)state;
	apic_machine_interrupt(&vcpus[0], 0x68); /* no bit in the real ISR */
	assert_int_equal(real_eois, 0);
	assert_int_equal(take(plane(0)), 0x68); /* APIC disabled or not */
	assert_int_equal(take(plane(0)), -1);
	assert_int_equal(vector_highest(&plane(0)->apic->isr), -1);
	apic_gate_external(&vcpus[0]);
	assert_int_equal(real[0x350 / 4], 0); /* untouched */
	vcpus[0].current = 2;
	write_reg(plane(0), REG_SVR, 0x1ff);
	write_reg(plane(0), REG_LVT_LINT0, 0x700);
	vmcb.save.rflags = RFLAGS_IF;
	apic_gate_external(&vcpus[0]);
	assert_int_equal(real[0x350 / 4], 0x700);
	vmcb.save.rflags = 0; /* interrupts off: the 8259 must not be asked */
	apic_gate_external(&vcpus[0]);
	assert_int_equal(real[0x350 / 4], 0x10700);
	vmcb.save.rflags = RFLAGS_IF;
	vcpus[0].current = 0; /* VMPL0 runs, VMPL2 owns the devices */
	apic_gate_external(&vcpus[0]);
	assert_int_equal(real[0x350 / 4], 0x10700);
	vcpus[0].current = 2;
	write_reg(plane(0), REG_LVT_LINT0, 0x10700);
	apic_gate_external(&vcpus[0]);
	assert_int_equal(real[0x350 / 4], 0x10700);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reset_state),
		TEST(test_disabled_takes_nothing),
		TEST(test_priorities),
		TEST(test_timer_one_shot),
		TEST(test_timer_periodic),
		TEST(test_timer_deadline),
		TEST(test_masked_timer_is_silent),
		TEST(test_xapic_ipis),
		TEST(test_logical_destinations),
		TEST(test_init_and_startup),
		TEST(test_x2apic_rules),
		TEST(test_illegal_vectors),
		TEST(test_device_edge),
		TEST(test_device_level_waits_for_the_guest),
		TEST(test_device_goes_to_the_least_privileged),
		TEST(test_8259),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

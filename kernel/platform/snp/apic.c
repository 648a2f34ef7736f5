/* SPDX-License-Identifier: MIT */
/*
 * The local APIC of VMPL0: each VMPL has one, the host emulates it, and we reach its registers with
 * MSR exits. A host without it answers with an error; Copra then has no timer and no IPIs, and says
 * so once.
 */
#include "arch/insn.h"
#include "kernel/log.h"
#include "kernel/trap.h"
#include "snp.h"

#define APIC_SVR_ENABLE      0x1ffU
#define APIC_LVT_MASKED      0x10000U
#define APIC_LVT_DEADLINE    0x40000U
#define APIC_DIVIDE_BY_1     0xbU
#define APIC_ICR_NMI         0x400U
#define CALIBRATION_COUNT    0xffffffffU
#define CPUID_1_ECX_DEADLINE BIT(24)

/* PIT channel 2, the only clock whose rate is known without the host's word on it. */
#define PIT_HZ          1193182ULL
#define PIT_CHANNEL_2   0x42
#define PIT_COMMAND     0x43
#define PIT_CONTROL     0x61
#define PIT_COUNT       11932U /* 10 ms */
#define PIT_POLLS       100000U
#define TSC_HZ_FALLBACK 1000000000ULL

static uint64_t tsc_hz;
static bool use_deadline;
static uint64_t apic_per_tsc; /* APIC timer ticks per TSC tick, 32.32 fixed point */

uint64_t snp_apic_read(uint32_t msr)
{
	uint64_t value;

	return ghcb_msr_read(msr, &value) == OK ? value : 0;
}

void snp_apic_write(uint32_t msr, uint64_t value)
{
	/* A host that refuses has no APIC for us: what depends on it was not offered. */
	if (ghcb_msr_write(msr, value) != OK && this_cpu()->platform)
		this_cpu()->platform->timer_ready = false;
}

void snp_send_ipi(uint32_t apic_id, uint8_t vector)
{
	snp_apic_write(MSR_X2APIC_ICR, ((uint64_t)apic_id << 32) | vector);
}

void snp_send_nmi(uint32_t apic_id)
{
	snp_apic_write(MSR_X2APIC_ICR, ((uint64_t)apic_id << 32) | APIC_ICR_NMI);
}

void snp_end_of_interrupt(uint8_t vector)
{
	struct platform_cpu *cpu = this_cpu()->platform;

	(void)vector;
	/* The host may have done it for us. */
	if (cpu->doorbell &&
	    __atomic_exchange_n(&cpu->doorbell->no_eoi_required, 0, __ATOMIC_ACQ_REL))
		return;
	snp_apic_write(MSR_X2APIC_EOI, 0);
}

static bool port_read(uint16_t port, uint32_t *value)
{
	return ghcb_io_read(port, 1, value) == OK;
}

static bool port_write(uint16_t port, uint32_t value)
{
	return ghcb_io_write(port, 1, value) == OK;
}

/* Gate off, mode 0, count, gate on. */
static bool pit_start(void)
{
	uint32_t control;

	return port_read(PIT_CONTROL, &control) && port_write(PIT_CONTROL, (control & ~3U)) &&
	       port_write(PIT_COMMAND, 0xb0) && port_write(PIT_CHANNEL_2, PIT_COUNT & 0xff) &&
	       port_write(PIT_CHANNEL_2, PIT_COUNT >> 8) &&
	       port_write(PIT_CONTROL, (control & ~3U) | 1);
}

static uint64_t measure_tsc(void)
{
	uint64_t start;
	uint32_t control = 0;

	if (!pit_start())
		return TSC_HZ_FALLBACK;
	start = insn_rdtsc();
	for (uint32_t i = 0; i < PIT_POLLS && !(control & 0x20); i++)
		if (!port_read(PIT_CONTROL, &control))
			return TSC_HZ_FALLBACK;
	return (insn_rdtsc() - start) * PIT_HZ / PIT_COUNT;
}

uint64_t snp_tsc_hz(void)
{
	if (!tsc_hz)
		tsc_hz = measure_tsc();
	return tsc_hz;
}

/* How fast the APIC's timer counts, against the TSC over 2 ms. */
static void calibrate(void)
{
	uint64_t span = snp_tsc_hz() / 500, start, left;

	snp_apic_write(MSR_X2APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_TIMER);
	snp_apic_write(MSR_X2APIC_TIMER_INITIAL, CALIBRATION_COUNT);
	start = insn_rdtsc();
	while (insn_rdtsc() - start < span)
		insn_pause();
	left = snp_apic_read(MSR_X2APIC_TIMER_CURRENT);
	span = insn_rdtsc() - start;
	snp_apic_write(MSR_X2APIC_TIMER_INITIAL, 0);
	if (span && left < CALIBRATION_COUNT)
		apic_per_tsc = ((CALIBRATION_COUNT - left) << 32) / span;
}

static bool apic_enable(void)
{
	uint64_t base;

	if (ghcb_msr_read(MSR_APIC_BASE, &base) != OK)
		return false;
	base |= APIC_BASE_ENABLE | APIC_BASE_X2APIC;
	if (ghcb_msr_write(MSR_APIC_BASE, base) != OK)
		return false;
	return ghcb_msr_write(MSR_X2APIC_SVR, APIC_SVR_ENABLE) == OK;
}

void snp_apic_setup(struct platform_cpu *cpu)
{
	cpu->timer_ready = cpu->doorbell && apic_enable();
	if (!cpu->timer_ready) {
		log_warn("snp: the host offers no local APIC to VMPL0: running cooperatively");
		return;
	}
	snp_apic_write(MSR_X2APIC_TPR, 0);
	snp_apic_write(MSR_X2APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	use_deadline = snp_cpuid(1, 0).ecx & CPUID_1_ECX_DEADLINE;
	if (!use_deadline && !apic_per_tsc)
		calibrate();
	if (use_deadline)
		snp_apic_write(MSR_X2APIC_LVT_TIMER, APIC_LVT_DEADLINE | VECTOR_TIMER);
	else
		snp_apic_write(MSR_X2APIC_LVT_TIMER, VECTOR_TIMER);
	cpu->timer_ready = cpu->timer_ready && (use_deadline || apic_per_tsc);
}

bool snp_timer_available(void)
{
	return this_cpu()->platform && this_cpu()->platform->timer_ready;
}

void snp_timer_set(uint64_t tsc_deadline)
{
	uint64_t now = insn_rdtsc(), ticks = 0;

	if (!snp_timer_available())
		return;
	if (use_deadline) {
		snp_apic_write(MSR_TSC_DEADLINE, tsc_deadline);
		return;
	}
	if (tsc_deadline) {
		uint64_t span = tsc_deadline > now ? tsc_deadline - now : 1;

		/* Far ones fire early and are armed again. */
		if (span > UINT32_MAX)
			span = UINT32_MAX;
		ticks = (span * apic_per_tsc >> 32) + 1;
		if (ticks > UINT32_MAX)
			ticks = UINT32_MAX;
	}
	snp_apic_write(MSR_X2APIC_TIMER_INITIAL, ticks);
}

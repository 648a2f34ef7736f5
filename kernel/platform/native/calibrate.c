/* SPDX-License-Identifier: MIT */
/*
 * The rates of the TSC and of the local APIC's timer, measured against channel 0 of the PIT, whose
 * interrupt is masked. The best of a few short rounds: a round in which the host took the CPU away
 * shows more TSC ticks per PIT tick and loses.
 */
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "native.h"

#define PIT_HZ        1193182ULL
#define PIT_CHANNEL_0 0x40
#define PIT_COMMAND   0x43
#define PIT_MODE_2    0x34 /* channel 0, low then high byte, rate generator */
#define PIT_MODE_0    0x30
#define PIT_LATCH_0   0x00
#define PIC_MASTER    0x21
#define PIC_SLAVE     0xa1
#define ROUNDS        3
#define ROUND_TICKS   400 /* of the PIT: 335 us */
#define SPIN_LIMIT    1000000
#define FALLBACK_HZ   1000000000ULL

struct sample {
	uint64_t tsc;
	uint32_t apic;
	uint16_t pit;
};

static struct sample take(void)
{
	struct sample s;

	insn_out8(PIT_COMMAND, PIT_LATCH_0);
	s.pit = insn_in8(PIT_CHANNEL_0);
	s.pit = (uint16_t)(s.pit | insn_in8(PIT_CHANNEL_0) << 8);
	s.tsc = insn_rdtsc();
	s.apic = (uint32_t)apic_read(APIC_TIMER_NOW);
	return s;
}

/* One round; false when the PIT does not count. */
static bool measure(struct calibration *out)
{
	struct sample first = take(), now;
	uint64_t ticks = 0;

	for (unsigned int i = 0; i < SPIN_LIMIT; i++) {
		now = take();
		ticks = (uint16_t)(first.pit - now.pit); /* it counts down */
		if (ticks >= ROUND_TICKS)
			break;
	}
	if (ticks < ROUND_TICKS)
		return false;
	out->tsc_hz = (now.tsc - first.tsc) * PIT_HZ / ticks;
	out->apic_hz = (uint64_t)(first.apic - now.apic) * PIT_HZ / ticks;
	return true;
}

static void start_counters(void)
{
	insn_out8(PIC_MASTER, 0xff);
	insn_out8(PIC_SLAVE, 0xff);
	insn_out8(PIT_COMMAND, PIT_MODE_2);
	insn_out8(PIT_CHANNEL_0, 0);
	insn_out8(PIT_CHANNEL_0, 0);
	apic_write(APIC_TIMER_COUNT, UINT32_MAX);
}

static void stop_counters(void)
{
	insn_out8(PIT_COMMAND, PIT_MODE_0);
	apic_write(APIC_TIMER_COUNT, 0);
}

void calibrate(struct calibration *out)
{
	struct calibration round;

	*out = (struct calibration){UINT64_MAX, FALLBACK_HZ};
	start_counters();
	for (unsigned int i = 0; i < ROUNDS; i++)
		if (measure(&round) && round.tsc_hz < out->tsc_hz)
			*out = round;
	stop_counters();
	if (out->tsc_hz == UINT64_MAX) {
		log_warn("native: no PIT to measure time with, assuming 1 GHz");
		out->tsc_hz = FALLBACK_HZ;
	}
}

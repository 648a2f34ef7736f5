/* SPDX-License-Identifier: MIT */
/* The APIC timer (APM2 16.4.1), as if on a bus of 1 GHz, which is what QEMU's is. */
#include "husk/machine.h"
#include "state.h"

/* Divide configuration bits 3, 1, 0: 2, 4, ... 128, 1. */
static unsigned divide_shift(const struct apic *a)
{
	unsigned code = (a->divide & 3) | ((a->divide & 8) >> 1);

	return (code + 1) & 7;
}

static unsigned mode(const struct apic *a)
{
	return LVT_TIMER(a->lvt[0]);
}

static uint64_t period(const struct apic *a)
{
	return (uint64_t)a->initial << divide_shift(a);
}

void timer_start(struct apic *a)
{
	a->deadline = APIC_NO_TIMER;
	if (mode(a) == TIMER_DEADLINE || a->initial == 0)
		return;
	a->timer_start = machine_time_ns();
	a->deadline = a->timer_start + period(a);
}

void timer_mode_changed(struct apic *a)
{
	a->deadline = APIC_NO_TIMER;
	a->deadline_tsc = 0;
	a->initial = 0;
}

void timer_set_deadline(struct plane *p, uint64_t tsc)
{
	struct apic *a = p->apic;
	uint64_t now = __builtin_ia32_rdtsc() + p->vmcb->control.tsc_offset;
	uint64_t ticks = tsc > now ? tsc - now : 0;
	uint64_t khz = machine.tsc_khz ? machine.tsc_khz : 1;

	if (mode(a) != TIMER_DEADLINE)
		return;
	a->deadline_tsc = tsc;
	a->deadline = APIC_NO_TIMER;
	if (tsc == 0 || ticks / khz > UINT64_MAX / 4000000)
		return;
	a->deadline = machine_time_ns() + ticks / khz * 1000000 + ticks % khz * 1000000 / khz;
}

uint32_t timer_current(const struct apic *a)
{
	uint64_t now = machine_time_ns();

	if (a->deadline == APIC_NO_TIMER || mode(a) == TIMER_DEADLINE || now >= a->deadline)
		return 0;
	return (uint32_t)((a->deadline - now) >> divide_shift(a));
}

static void fire(struct plane *p)
{
	struct apic *a = p->apic;
	uint32_t lvt = *apic_lvt(a, REG_LVT_TIMER);

	if (!(lvt & LVT_MASKED))
		apic_raise(p, LVT_VECTOR(lvt));
}

static void tick(struct plane *p, uint64_t now)
{
	struct apic *a = p->apic;

	if (!a || now < a->deadline)
		return;
	if (mode(a) == TIMER_PERIODIC && period(a) != 0) {
		/* Periods that were missed while the CPU was away are not made up for. */
		a->deadline += ((now - a->deadline) / period(a) + 1) * period(a);
	} else {
		a->deadline = APIC_NO_TIMER;
		a->deadline_tsc = 0;
	}
	fire(p);
}

void apic_tick(struct vcpu *v)
{
	uint64_t now = machine_time_ns();

	for (unsigned vmpl = 0; vmpl < VMPL_COUNT; vmpl++)
		tick(&v->planes[vmpl], now);
}

uint64_t apic_next_deadline_ns(struct vcpu *v)
{
	uint64_t next = APIC_NO_TIMER;

	for (unsigned vmpl = 0; vmpl < VMPL_COUNT; vmpl++) {
		const struct apic *a = v->planes[vmpl].apic;

		if (a && a->deadline < next)
			next = a->deadline;
	}
	return next;
}

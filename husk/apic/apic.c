/* SPDX-License-Identifier: MIT */
/* The APIC's core: what is pending, taken, ended (APM2 16.6). */
#include <string.h>

#include "husk/machine.h"
#include "husk/pages.h"
#include "huskabi/huskabi.h"
#include "state.h"

#define BASE_BSP    BIT(8)
#define BASE_ENABLE BIT(11)

void apic_reset(struct plane *p)
{
	struct apic *a = p->apic;

	if (!a)
		return;
	memset(a, 0, sizeof(*a));
	a->base = BASE_ADDRESS | BASE_ENABLE | (p->vcpu->index == 0 ? BASE_BSP : 0);
	a->dfr = DFR_FLAT;
	a->svr = 0xff;
	a->deadline = APIC_NO_TIMER;
	for (unsigned i = 0; i < LVT_COUNT; i++)
		a->lvt[i] = LVT_MASKED;
}

void apic_init(struct plane *p)
{
	p->apic = page_alloc();
	if (!p->apic)
		machine_end(HUSK_EXIT_BAD_MACHINE, "no memory for a local APIC");
	apic_reset(p);
}

uint32_t apic_ppr(const struct apic *a)
{
	int served = vector_highest(&a->isr);
	uint32_t in_service = served < 0 ? 0 : PRIORITY_CLASS((uint32_t)served);

	return PRIORITY_CLASS(a->tpr) >= in_service ? a->tpr : in_service;
}

struct apic_event apic_pending(struct plane *p)
{
	const struct apic *a = p->apic;
	struct apic_event event = {0};
	int highest;

	if (!a)
		return event;
	event.nmi = a->nmi;
	if (a->external) {
		event.interrupt = true;
		event.vector = a->external_vector;
		return event;
	}
	highest = apic_is_enabled(a) ? vector_highest(&a->irr) : -1;
	if (highest >= 0 && PRIORITY_CLASS((uint32_t)highest) > PRIORITY_CLASS(apic_ppr(a))) {
		event.interrupt = true;
		event.vector = (uint8_t)highest;
	}
	return event;
}

void apic_accept(struct plane *p, struct apic_event event)
{
	struct apic *a = p->apic;

	if (event.nmi)
		a->nmi = false;
	if (!event.interrupt)
		return;
	if (a->external && a->external_vector == event.vector) {
		a->external = false;
		return;
	}
	vector_clear(&a->irr, event.vector);
	vector_set(&a->isr, event.vector);
}

void apic_accept_vector(struct plane *p, uint8_t vector)
{
	struct apic *a = p->apic;

	if (vector < VECTOR_FIRST) {
		a->esr_next |= ESR_RECV_ILLEGAL;
		return;
	}
	vector_set(&a->irr, vector);
	vector_clear(&a->level, vector);
	vcpu_kick(p->vcpu);
}

void apic_raise(struct plane *p, uint8_t vector)
{
	if (p->apic && apic_is_enabled(p->apic))
		apic_accept_vector(p, vector);
}

void apic_raise_nmi(struct plane *p)
{
	if (!p->apic)
		return;
	p->apic->nmi = true;
	vcpu_kick(p->vcpu);
}

uint8_t apic_task_priority(struct plane *p)
{
	return (uint8_t)p->apic->tpr;
}

void apic_set_task_priority(struct plane *p, uint8_t tpr)
{
	p->apic->tpr = tpr;
}

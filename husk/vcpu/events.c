/* SPDX-License-Identifier: MIT */
/* What an entry delivers: exceptions first, then what the plane's APIC has (APM2 15.20, 15.36.16).
 */
#include "husk/apic.h"
#include "husk/ghcb.h"
#include "sevabi/vmsa.h"
#include "vcpu/run.h"

#define V_IRQ          BIT(8)
#define V_PRIORITY_MAX (0xfU << 16)
#define V_IGNORE_TPR   BIT(20)
#define V_MASK         (V_IRQ | V_PRIORITY_MAX | V_IGNORE_TPR)
#define OPCODE_HLT     0xf4

/* An event whose delivery an exit interrupted is delivered again, software interrupts excepted:
 * their instruction is executed again. */
static uint64_t interrupted_event(struct plane *p)
{
	uint64_t info = p->vmcb->control.exit_interrupt_info;

	p->vmcb->control.exit_interrupt_info = 0;
	if (!(info & EVENT_VALID) || (info & EVENT_TYPE_MASK) == EVENT_TYPE_SOFTWARE)
		return 0;
	return info;
}

/* QEMU 7.2 aborts on a write of CR8 while V_IRQ is set: such writes exit (instructions.c). */
static void window_open(struct plane *p)
{
	p->vmcb->control.intercept_cr |= INTERCEPT_WRITE_CR8;
	p->vmcb->control.interrupt_control |= (uint32_t)V_MASK;
}

static void window_close(struct plane *p)
{
	p->vmcb->control.intercept_cr &= ~INTERCEPT_WRITE_CR8;
	p->vmcb->control.interrupt_control &= (uint32_t)~V_MASK;
}

/*
 * An exit fell between STI and the instruction behind it. QEMU 7.2 forgets the shadow at VMRUN
 * (tcg-svm 5, row 12); what must not happen is an interrupt before a HLT, which would then sleep.
 */
static void step_over_shadowed_halt(struct plane *p)
{
	uint8_t opcode;

	if (!(p->vmcb->control.interrupt_shadow & 1))
		return;
	p->vmcb->control.interrupt_shadow = 0;
	if (guest_fetch(p, &opcode, 1) == 1 && opcode == OPCODE_HLT)
		plane_skip(p, 1);
}

static void deliver_classic(struct plane *p)
{
	struct apic_event event = apic_pending(p);

	if (event.nmi && !p->nmi_blocked) {
		event.interrupt = false;
		apic_accept(p, event);
		p->nmi_blocked = true;
		p->vmcb->control.event_injection = EVENT_VALID | EVENT_TYPE_NMI | 2;
		return;
	}
	if (!event.interrupt)
		return;
	if (!(p->vmcb->save.rflags & RFLAGS_IF)) {
		window_open(p);
		return;
	}
	step_over_shadowed_halt(p);
	event.nmi = false;
	apic_accept(p, event);
	if (!plane_deliver_interrupt(p, event.vector))
		p->vmcb->control.event_injection = EVENT_VALID | EVENT_TYPE_INTR | event.vector;
}

void plane_deliver_events(struct plane *p)
{
	struct vmcb_control *c = &p->vmcb->control;
	uint64_t again = interrupted_event(p);

	c->event_injection = 0;
	window_close(p);
	if (p->vc_pending)
		plane_deliver_vc(p);
	if (p->pending_event) {
		c->event_injection = p->pending_event;
		p->pending_event = 0;
	} else if (again) {
		c->event_injection = again;
	} else if (p->sev_features & SEV_FEATURE_RESTRICTED_INJECTION) {
		if (ghcb_doorbell_deliver(p))
			c->event_injection = EVENT_VALID | EVENT_TYPE_EXCEPTION | VECTOR_HV;
	} else {
		deliver_classic(p);
	}
}

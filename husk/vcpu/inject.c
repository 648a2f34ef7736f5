/* SPDX-License-Identifier: MIT */
/*
 * Events through the guest's IDT by software, where QEMU's EVENTINJ does it wrong: it pushes no
 * error code for #VC (tcg-svm 5, row 1), and delivers an external interrupt twice if QEMU is asked
 * to leave the CPU loop right after VMRUN (the vector stays in exception_index). APM2 8.9 (long
 * mode), 8.7 (legacy mode), 8.6 (real mode).
 */
#include "husk/log.h"
#include "husk/machine.h"
#include "mem/mem.h"
#include "vcpu/run.h"

#define VECTOR_DF_EVENT (EVENT_VALID | EVENT_TYPE_EXCEPTION | EVENT_ERROR_VALID | VECTOR_DF)

#define GATE_PRESENT    0x80
#define GATE_TYPE(type) ((type)&0x1f)
#define GATE_INTERRUPT  0x0e
#define GATE_TRAP       0x0f
#define SELECTOR_LOCAL  4
#define SELECTOR_RPL    3U
#define CS_LONG         BIT(9)
#define CS_CONFORMING   BIT(2)
#define SEGMENT_DPL(a)  ((a) >> 5 & 3)
#define TSS64_RSP0      0x04
#define TSS64_IST1      0x24
#define SS_BIG          BIT(10)

struct delivery {
	uint8_t vector;
	bool has_error;
	uint64_t error;
	uint64_t rip;
	struct svm_segment cs;
	bool interrupt_gate;
	unsigned ist;
	unsigned cpl; /* new */
	uint64_t rsp;
};

static bool read_descriptor(struct plane *p, uint16_t selector, struct svm_segment *out)
{
	const struct vmcb_save *s = &p->vmcb->save;
	const struct svm_segment *table = selector & SELECTOR_LOCAL ? &s->ldtr : &s->gdtr;
	uint64_t index = selector & ~7ULL;
	uint64_t d;

	if (!(selector & ~3) || index + 7 > table->limit ||
	    !guest_linear_read(p, table->base + index, &d, sizeof(d)))
		return false;
	out->selector = selector;
	out->attributes = (uint16_t)((d >> 40 & 0xff) | (d >> 52 & 0xf) << 8);
	out->limit = (uint32_t)((d & 0xffff) | (d >> 48 & 0xf) << 16);
	if (out->attributes & BIT(11))
		out->limit = out->limit << 12 | 0xfff;
	out->base = (d >> 16 & 0xffffff) | (d >> 56) << 24;
	return true;
}

/* Gate and target code segment, both modes; `size` of a gate is 16 or 8. */
static bool read_gate(struct plane *p, struct delivery *d, size_t size)
{
	const struct vmcb_save *s = &p->vmcb->save;
	uint16_t gate[8] = {0};
	unsigned type, dpl;

	if (d->vector * size + size - 1 > s->idtr.limit ||
	    !guest_linear_read(p, s->idtr.base + d->vector * size, gate, size))
		return false;
	type = GATE_TYPE(gate[2] >> 8);
	if (!(gate[2] >> 8 & GATE_PRESENT) || (type != GATE_INTERRUPT && type != GATE_TRAP))
		return false;
	d->interrupt_gate = type == GATE_INTERRUPT;
	d->rip = gate[0] | (uint64_t)gate[3] << 16;
	if (size == 16) {
		d->rip |= (uint64_t)gate[4] << 32 | (uint64_t)gate[5] << 48;
		d->ist = gate[2] & 7;
	}
	if (!read_descriptor(p, gate[1], &d->cs))
		return false;
	dpl = SEGMENT_DPL(d->cs.attributes);
	d->cpl = d->cs.attributes & CS_CONFORMING ? s->cpl : dpl;
	d->cs.selector = (uint16_t)((d->cs.selector & ~SELECTOR_RPL) | d->cpl);
	return d->cpl <= s->cpl;
}

static bool choose_stack64(struct plane *p, struct delivery *d)
{
	const struct vmcb_save *s = &p->vmcb->save;

	d->rsp = s->rsp;
	if (d->ist)
		return guest_linear_read(p, s->tr.base + TSS64_IST1 + 8 * (d->ist - 1), &d->rsp,
					 sizeof(d->rsp));
	if (d->cpl != s->cpl)
		return guest_linear_read(p, s->tr.base + TSS64_RSP0 + 8 * d->cpl, &d->rsp,
					 sizeof(d->rsp));
	return true;
}

/* The new RFLAGS, code segment and RIP. */
static void enter_handler(struct plane *p, const struct delivery *d)
{
	struct vmcb_save *s = &p->vmcb->save;

	s->rflags &= ~(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM);
	if (d->interrupt_gate)
		s->rflags &= ~RFLAGS_IF;
	s->cs = d->cs;
	s->rip = d->rip;
	s->rsp = d->rsp;
	p->gpr[GPR_RSP] = d->rsp;
	p->vmcb->control.interrupt_shadow = 0;
}

static bool deliver64(struct plane *p, struct delivery *d)
{
	struct vmcb_save *s = &p->vmcb->save;
	unsigned first = d->has_error ? 0 : 1;
	uint64_t frame[6];
	size_t size = (ARRAY_SIZE(frame) - first) * sizeof(frame[0]);

	if (!read_gate(p, d, 16) || !(d->cs.attributes & CS_LONG) || !choose_stack64(p, d))
		return false;
	frame[0] = d->error;
	frame[1] = s->rip;
	frame[2] = s->cs.selector;
	frame[3] = s->rflags;
	frame[4] = s->rsp;
	frame[5] = s->ss.selector;
	d->rsp = ALIGN_DOWN(d->rsp, 16) - size;
	if (!guest_linear_write(p, d->rsp, &frame[first], size))
		return false;
	if (d->cpl != s->cpl) {
		s->ss.selector = (uint16_t)d->cpl;
		s->ss.attributes = (uint16_t)(d->cpl << 5);
		s->cpl = (uint8_t)d->cpl;
	}
	enter_handler(p, d);
	return true;
}

/* 32-bit protected mode, without a change of privilege. */
static bool deliver32(struct plane *p, struct delivery *d)
{
	struct vmcb_save *s = &p->vmcb->save;
	unsigned first = d->has_error ? 0 : 1;
	uint32_t frame[4];
	size_t size = (ARRAY_SIZE(frame) - first) * sizeof(frame[0]);
	uint32_t top;

	if (!read_gate(p, d, 8) || d->cpl != s->cpl)
		return false;
	frame[0] = (uint32_t)d->error;
	frame[1] = (uint32_t)s->rip;
	frame[2] = s->cs.selector;
	frame[3] = (uint32_t)s->rflags;
	top = (uint32_t)s->rsp;
	if (!(s->ss.attributes & SS_BIG))
		top &= 0xffff;
	d->rsp = top - (uint32_t)size;
	if (!guest_linear_write(p, (uint32_t)(s->ss.base + d->rsp), &frame[first], size))
		return false;
	enter_handler(p, d);
	return true;
}

/* Real mode has no error codes. */
static bool deliver16(struct plane *p, struct delivery *d)
{
	struct vmcb_save *s = &p->vmcb->save;
	uint16_t vector[2];
	uint16_t frame[3] = {(uint16_t)s->rip, s->cs.selector, (uint16_t)s->rflags};

	if (!guest_linear_read(p, s->idtr.base + d->vector * sizeof(vector), vector,
			       sizeof(vector)))
		return false;
	d->interrupt_gate = true;
	d->cs = s->cs;
	d->rip = vector[0];
	d->cs.selector = vector[1];
	d->cs.base = (uint64_t)vector[1] << 4;
	d->rsp = (uint16_t)(s->rsp - sizeof(frame));
	if (!guest_linear_write(p, s->ss.base + d->rsp, frame, sizeof(frame)))
		return false;
	enter_handler(p, d);
	return true;
}

/* Either all of the event is delivered, or nothing has changed. */
static bool deliver(struct plane *p, struct delivery *d)
{
	const struct vmcb_save *s = &p->vmcb->save;

	if (s->efer & EFER_LMA)
		return deliver64(p, d);
	return s->cr0 & CR0_PE ? deliver32(p, d) : deliver16(p, d);
}

bool plane_deliver_interrupt(struct plane *p, uint8_t vector)
{
	return deliver(p, &(struct delivery){.vector = vector});
}

void plane_deliver_vc(struct plane *p)
{
	struct delivery d = {.vector = VECTOR_VC, .has_error = true, .error = p->vc_code};

	p->vc_pending = false;
	if (deliver(p, &d))
		return;
	log_detail("vcpu %u vmpl %u: #VC 0x%lx at rip %lx can't be delivered: #DF", p->vcpu->index,
		   p->vmpl, p->vc_code, p->vmcb->save.rip);
	p->pending_event = VECTOR_DF_EVENT;
}

void plane_raise_vc(struct plane *p, uint64_t exit_code)
{
	p->vc_pending = true;
	p->vc_code = exit_code;
}

void plane_raise(struct plane *p, uint8_t vector, bool has_error, uint32_t error)
{
	p->pending_event = EVENT_VALID | EVENT_TYPE_EXCEPTION | vector;
	if (has_error)
		p->pending_event |= EVENT_ERROR_VALID | (uint64_t)error << EVENT_ERROR_SHIFT;
}

/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of QEMU's devices. They come to the machine CPU's real APIC with the guest's own
 * vectors; the real APIC's state says what they were.
 */
#include "husk/port.h"
#include "state.h"

#define REAL_TPR   0x080
#define REAL_EOI   0x0b0
#define REAL_LDR   0x0d0
#define REAL_DFR   0x0e0
#define REAL_ISR   0x100
#define REAL_TMR   0x180
#define REAL_LINT0 0x350

/* The least privileged plane that is there. */
static struct plane *device_plane(struct vcpu *v)
{
	for (unsigned vmpl = VMPL_COUNT; vmpl-- > 1;) {
		if (v->planes[vmpl].state != PLANE_ABSENT)
			return &v->planes[vmpl];
	}
	return &v->planes[0];
}

bool apic_owns_devices(const struct plane *p)
{
	return device_plane(p->vcpu) == p;
}

static bool real_bit(unsigned base, uint8_t vector)
{
	return (lapic_read(base + 16U * (vector / 32)) >> (vector % 32) & 1) != 0;
}

void apic_machine_interrupt(struct vcpu *v, uint8_t vector)
{
	struct plane *p = device_plane(v);
	struct apic *a = p->apic;

	if (!real_bit(REAL_ISR, vector)) {
		/* Not from the real APIC: the 8259 through LINT0 has given its vector. */
		a->external = true;
		a->external_vector = vector;
		return;
	}
	vector_set(&a->irr, vector);
	if (real_bit(REAL_TMR, vector)) {
		vector_set(&a->level, vector);
		vector_set(&a->held, vector);
	} else {
		vector_clear(&a->level, vector);
		lapic_write(REAL_EOI, 0);
	}
}

void apic_eoi(struct apic *a)
{
	int vector = vector_highest(&a->isr);

	if (vector < 0)
		return;
	vector_clear(&a->isr, (uint8_t)vector);
	/* The real APIC tells the IOAPIC, which looks at the line again. */
	if (vector_test(&a->held, (uint8_t)vector)) {
		vector_clear(&a->held, (uint8_t)vector);
		lapic_write(REAL_EOI, 0);
	}
}

/*
 * The 8259 is asked for its vector when a CPU takes the interrupt, so only when the guest would
 * take it: while it initialises the 8259 its interrupts are off and the vectors are nonsense.
 */
static bool guest_takes_external(struct vcpu *v)
{
	struct plane *p = device_plane(v);
	uint32_t lint0 = *apic_lvt(p->apic, REG_LVT_LINT0);

	return p == vcpu_plane(v) && LVT_MODE(lint0) == MODE_EXTINT && !(lint0 & LVT_MASKED) &&
	       (p->vmcb->save.rflags & RFLAGS_IF) != 0;
}

void apic_gate_external(struct vcpu *v)
{
	static bool is_open[VCPU_MAX];
	bool open = guest_takes_external(v);

	if (is_open[v->index] == open)
		return;
	is_open[v->index] = open;
	lapic_write(REAL_LINT0, (MODE_EXTINT << 8) | (open ? 0 : LVT_MASKED));
	/* QEMU drops a request that is no longer let in when the priority is written. */
	lapic_write(REAL_TPR, 0);
}

void apic_mirror(struct plane *p)
{
	struct apic *a = p->apic;

	if (!apic_owns_devices(p))
		return;
	if (apic_is_x2(a)) {
		/* Cluster 0 of x2APIC, as far as an IOAPIC's eight bits reach. */
		lapic_write(REAL_DFR, DFR_FLAT);
		lapic_write(REAL_LDR, 1U << (24 + p->vcpu->apic_id % 8));
	} else {
		lapic_write(REAL_DFR, a->dfr);
		lapic_write(REAL_LDR, a->ldr);
	}
}

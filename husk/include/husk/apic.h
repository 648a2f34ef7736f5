/* SPDX-License-Identifier: MIT */
/*
 * The guest's local APICs: one per VMPL of each vCPU (APM2 chapter 16), reached as xAPIC (MMIO
 * events) or x2APIC (MSR events). All functions are called under the machine lock.
 *
 * Devices. The guest programs QEMU's IOAPIC, MSIs and 8259 itself, with its own vectors; their
 * interrupts reach the machine CPU's real local APIC, Husk takes them there and raises the same
 * vector in the APIC of the plane that owns the devices (the lowest privileged one that is
 * present). An edge is acknowledged at once, a level only when the guest writes its EOI.
 */
#ifndef HUSK_APIC_H
#define HUSK_APIC_H

#include "base/compiler.h"
#include "husk/vcpu.h"

#define APIC_MMIO_SIZE 0x1000
#define APIC_NO_TIMER  UINT64_MAX

/* Allocates the plane's APIC in reset state and sets p->apic; out of memory ends the machine. */
void apic_init(struct plane *p);
/* Reset state, for a plane that gets a new VMSA. */
void apic_reset(struct plane *p);

/* A device interrupt arrived at the machine CPU of `v`, as `vector`. */
void apic_machine_interrupt(struct vcpu *v, uint8_t vector);

/* Before the machine CPU takes interrupts: let the 8259's in if the guest would take them now. */
void apic_gate_external(struct vcpu *v);

/* Fire the timers of all planes of `v` that are due. */
void apic_tick(struct vcpu *v);
/* When the next timer of `v` is due (machine_time_ns() clock), or APIC_NO_TIMER. */
uint64_t apic_next_deadline_ns(struct vcpu *v);

/* The event that a plane would take now if its interrupt flag and shadow allow. */
struct apic_event {
	bool nmi;
	bool interrupt;
	uint8_t vector;
};

/* Honours TPR, ISR and software enable; not RFLAGS.IF. */
struct apic_event apic_pending(struct plane *p);
/* The plane takes the event: IRR to ISR, or the NMI is no longer pending. */
void apic_accept(struct plane *p, struct apic_event event);

/* The task priority register; bits 7:4 are CR8. */
uint8_t apic_task_priority(struct plane *p);
void apic_set_task_priority(struct plane *p, uint8_t tpr);

/* --- Registers ---------------------------------------------------------------------------- */

/* The guest physical page of the plane's xAPIC registers; false in x2APIC mode or disabled. */
bool apic_mmio_page(const struct plane *p, gpa_t *page);
/* xAPIC register at an offset below APIC_MMIO_SIZE. */
uint32_t apic_mmio_read(struct plane *p, uint32_t offset);
void apic_mmio_write(struct plane *p, uint32_t offset, uint32_t value);

/* True: the MSR is one of the APIC's (APIC_BASE, TSC deadline, x2APIC range). */
bool apic_owns_msr(uint32_t msr);
/* False: #GP(0). */
bool MUST_CHECK apic_msr_read(struct plane *p, uint32_t msr, uint64_t *value);
bool MUST_CHECK apic_msr_write(struct plane *p, uint32_t msr, uint64_t value);

/* Send an IPI as a write of `icr` (x2APIC form) by this plane would; for #HV IPI. */
void apic_send_ipi(struct plane *p, uint64_t icr);

/* Raise an edge interrupt or an NMI in a plane, and wake it. */
void apic_raise(struct plane *p, uint8_t vector);
void apic_raise_nmi(struct plane *p);

#endif

/* SPDX-License-Identifier: MIT */
/* The run loop's parts, seen by each other. */
#ifndef HUSK_VCPU_RUN_H
#define HUSK_VCPU_RUN_H

#include "base/compiler.h"
#include "husk/vcpu.h"

/* --- run.c ------------------------------------------------------------------------------ */

/* What a machine CPU does from its start to the machine's end. */
void NORETURN vcpu_loop(struct vcpu *v);
/* Every other CPU has left the guest since the call began; the caller holds the machine lock. */
void vcpus_leave_guest(void);

/* --- vmcb.c ----------------------------------------------------------------------------- */

/* Builds the permission maps; once. */
void vmcb_init_maps(void);
/* The control area of a plane whose VMSA is about to be loaded. */
void vmcb_init(struct plane *p);

/* --- vmsa.c ----------------------------------------------------------------------------- */

/* Would VMRUN take the plane's VMSA (APM2 15.36.12)? */
bool MUST_CHECK plane_vmsa_acceptable(const struct plane *p);
/* Make the plane the one that runs on this CPU: registers come from the VMSA. False: refused. */
bool MUST_CHECK plane_load(struct plane *p);
/* The plane stops being the one that runs: registers go to the VMSA. */
void plane_save(struct plane *p);

/* --- planes.c --------------------------------------------------------------------------- */

/* Choose what runs next and load it. False: nothing can run now, the vCPU sleeps. */
bool MUST_CHECK vcpu_choose_plane(struct vcpu *v);

/* --- events.c --------------------------------------------------------------------------- */

/* Fill in EVENTINJ and the interrupt window for the next entry. */
void plane_deliver_events(struct plane *p);

/* --- inject.c --------------------------------------------------------------------------- */

/* Deliver #VC through the guest's IDT by software; #DF is queued if that is impossible. */
void plane_deliver_vc(struct plane *p);
/* The same for an external interrupt; false: a fault is in the way, nothing has changed. */
bool MUST_CHECK plane_deliver_interrupt(struct plane *p, uint8_t vector);

/* --- exit.c, npf.c, instructions.c ------------------------------------------------------- */

/* Act on the exit that the VMCB describes. */
void plane_handle_exit(struct plane *p);
void plane_nested_fault(struct plane *p);
/* #UD: PVALIDATE, RMPADJUST, RMPQUERY, or the guest's own. */
void plane_undefined_opcode(struct plane *p);
/* MOV to CR8, which exits only while an interrupt window is open. */
void plane_write_cr8(struct plane *p);
/* The host's side of a nested fault that an RMP instruction met: makes repeating it sensible. */
void plane_host_fixup(struct plane *p, gpa_t gpa, uint64_t npf_bits);

/* --- walk.c ----------------------------------------------------------------------------- */

enum guest_use {
	GUEST_READ,
	GUEST_WRITE,
	GUEST_FETCH,
};

struct guest_address {
	gpa_t gpa;
	bool encrypted;
};

/* What a failed translation or access is to the guest. */
struct guest_fault {
	enum {
		FAULT_PAGE,
		FAULT_NESTED,
		FAULT_NOT_VALIDATED
	} kind;
	uint32_t error; /* of #PF */
	uint64_t address;
};

/*
 * Translate a linear address as the plane's CPU would, at privilege `cpl`. Accessed and dirty bits
 * are not set (a documented difference).
 */
bool MUST_CHECK guest_translate(struct plane *p, uint64_t linear, enum guest_use use, unsigned cpl,
				struct guest_address *out, struct guest_fault *fault);
/* Copy from or to linear addresses as supervisor, RMP permissions checked. */
bool MUST_CHECK guest_linear_read(struct plane *p, uint64_t linear, void *to, size_t size);
bool MUST_CHECK guest_linear_write(struct plane *p, uint64_t linear, const void *from, size_t size);
/* Fetch up to `size` bytes of the instruction at RIP; how many could be fetched. */
size_t guest_fetch(struct plane *p, uint8_t *to, size_t size);

/* --- statistics.c ------------------------------------------------------------------------- */

void statistics_exit(uint64_t exit_code);

#endif

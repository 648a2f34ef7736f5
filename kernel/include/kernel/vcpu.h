/* SPDX-License-Identifier: MIT */
/*
 * The guest's vCPUs. There is one per CPU of the VM, for ever. What the guest makes and deletes are
 * its VMSAs; a vCPU runs the newest. Linux brings a CPU back with a new VMSA before it deletes the
 * old one, and with the same calling area, so a vCPU may have several VMSAs at a time and a calling
 * area several users.
 */
#ifndef KERNEL_VCPU_H
#define KERNEL_VCPU_H

#include "kernel/attest.h"
#include "kernel/guest.h"
#include "kernel/spinlock.h"
#include "kernel/wait.h"
#include "sevabi/svsm.h"
#include "sevabi/vmsa.h"

struct service_slot;

/* More undeleted VMSAs than this no guest needs for one vCPU. */
#define VCPU_VMSA_MAX 8

enum vcpu_state {
	VCPU_ABSENT,   /* no VMSA */
	VCPU_READY,    /* may be entered by its thread */
	VCPU_ENTERED,  /* given to the host to run: its VMSA is the CPU's */
	VCPU_HANDLING, /* its thread works on a call, or sleeps for it */
};

struct guest_vmsa {
	struct guest_vmsa *next; /* older ones of the same vCPU */
	struct guest_vcpu *vcpu;
	gpa_t gpa;
	gpa_t calling_area;
	struct vmsa *page;    /* mapped as long as it is registered */
	struct svsm_caa *caa; /* mapped likewise; the guest writes it at any time */
	bool boot;            /* the firmware's first one: not to be deleted */
	bool retired;         /* a newer one took its place */
};

struct guest_vcpu {
	uint32_t index; /* the CPU it lives on */
	uint32_t apic_id;
	enum vcpu_state state;       /* under vcpu_lock */
	struct guest_vmsa *newest;   /* under vcpu_lock */
	struct guest_vmsa *handling; /* whose call its thread works on; NULL after it deleted it */
	uint64_t stop_since; /* somebody wants it out of ENTERED since this clock_ns(); 0: nobody */
	bool poll_wanted;    /* its thread shall look again */
	struct service_slot *slot;
	struct attest_slot attest;
	struct thread *thread;
	struct wait_queue wake; /* its thread waits here for something to run */
};

/* How a change of VMSAs ends; the protocol makes result codes of it. */
enum vcpu_result {
	VCPU_OK,
	VCPU_BAD_ADDRESS,   /* a page that cannot be a VMSA or calling area */
	VCPU_BAD_PARAMETER, /* APIC ID or VMSA contents, or no such VMSA */
	VCPU_IN_USE,        /* it runs and could not be stopped */
	VCPU_TRY_AGAIN,     /* a page is being changed by a sibling */
	VCPU_NO_MEMORY,
	VCPU_RMP_ERROR, /* the instruction's status is in *status */
};

/* The vCPU on CPU `index` / with an APIC ID; NULL: none. */
struct guest_vcpu *vcpu_at(uint32_t index);
struct guest_vcpu *vcpu_by_apic_id(uint32_t apic_id);

/* Make the vCPU objects, one per CPU. ERR_NO_MEMORY. */
enum error vcpu_init(void) MUST_CHECK;

/* SVSM 4.3, 4.4 and 4.1, on behalf of `caller`. `status`: see VCPU_RMP_ERROR. */
enum vcpu_result vcpu_create(gpa_t vmsa, gpa_t calling_area, uint32_t apic_id,
			     uint32_t *status) MUST_CHECK;
enum vcpu_result vcpu_delete(struct guest_vcpu *caller, gpa_t vmsa, uint32_t *status) MUST_CHECK;
enum vcpu_result vcpu_remap(struct guest_vcpu *caller, gpa_t calling_area) MUST_CHECK;

/* The firmware's first VMSA: `vmsa` is a page of Copra's own that is a VMSA already. */
enum vcpu_result vcpu_create_boot(struct guest_vcpu *vcpu, gpa_t vmsa,
				  gpa_t calling_area) MUST_CHECK;

/*
 * Steps of a vCPU's thread. vcpu_enter_begin: its VMSAs may run from now on (SVME set, state
 * ENTERED); false: there is none, or somebody wants it stopped. vcpu_enter_end: they may not any
 * more; returns the one that may hold a call, state HANDLING, or NULL. vcpu_handled: the call is
 * done.
 */
bool vcpu_enter_begin(struct guest_vcpu *vcpu);
struct guest_vmsa *vcpu_enter_end(struct guest_vcpu *vcpu);
void vcpu_handled(struct guest_vcpu *vcpu);

/* Its thread looks again whether there is something to run. Any context. */
void vcpu_wake(struct guest_vcpu *vcpu);

/* Set MEM_AVAILABLE in the boot vCPU's calling area (SVSM 4.5). */
void vcpu_set_memory_available(bool available);

/* --- Pure parts (guest/vmsa.c) --- */

/* Architectural reset state (APM2 14.1.3) for a guest at `vmpl`. */
void vmsa_reset(struct vmsa *vmsa, uint8_t vmpl, uint64_t features);

/* May the guest run this VMSA? `page` is out of the guest's reach. SVSM 4.3. */
bool vmsa_acceptable(const struct vmsa *page, uint8_t vmpl, uint64_t features);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Which VMPL a vCPU runs: RUN_VMPL, events, AP creation, INIT and SIPI. The rules follow the
 * published planes work for KVM: a switch is asked for by the guest; an event for VMPL0 enters
 * VMPL0.
 */
#include "arch/cpu.h"
#include "husk/apic.h"
#include "husk/ghcb.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/rmp.h"
#include "vcpu/run.h"

struct vcpu vcpus[VCPU_MAX];
uint32_t vcpu_count;

struct vcpu *vcpu_by_apic_id(uint32_t apic_id)
{
	for (uint32_t i = 0; i < vcpu_count; i++) {
		if (vcpus[i].apic_id == apic_id)
			return &vcpus[i];
	}
	return NULL;
}

void vcpu_kick(struct vcpu *v)
{
	if (v->cpu && v->cpu != this_cpu())
		cpu_kick(v->cpu);
}

static bool started(const struct plane *p)
{
	return p->state == PLANE_RUNNABLE || p->state == PLANE_HALTED ||
	       p->state == PLANE_RESET_HOLD;
}

bool vcpu_run_vmpl(struct vcpu *v, uint8_t vmpl)
{
	struct plane *p;

	if (vmpl >= VMPL_COUNT || vmpl == v->current)
		return false;
	p = &v->planes[vmpl];
	if (p->state == PLANE_ABSENT || !plane_vmsa_acceptable(p))
		return false;
	/* A plane that was registered "on INIT" is started by this; VMPL0's HLT ends. */
	if (p->state == PLANE_WAIT_INIT || (p->state == PLANE_HALTED && vmpl == 0))
		p->state = PLANE_RUNNABLE;
	v->switch_wanted = true;
	v->wanted = vmpl;
	return true;
}

void plane_halt(struct plane *p)
{
	p->state = PLANE_HALTED;
}

void plane_reset_hold(struct plane *p)
{
	p->state = PLANE_RESET_HOLD;
}

static bool event_pending(struct plane *p)
{
	struct apic_event e;

	if (!started(p) || p->state == PLANE_RESET_HOLD || !p->apic)
		return false;
	e = apic_pending(p);
	return e.interrupt || (e.nmi && !p->nmi_blocked);
}

/* The plane becomes the vCPU's current one; registers follow when it is loaded. */
static void make_current(struct vcpu *v, uint8_t vmpl)
{
	plane_save(vcpu_plane(v));
	v->current = vmpl;
}

static void switch_planes(struct vcpu *v)
{
	struct plane *vmpl0 = &v->planes[0];

	if (v->switch_wanted) {
		v->switch_wanted = false;
		make_current(v, v->wanted);
	}
	if (v->current != 0 && event_pending(vmpl0))
		make_current(v, 0);
	for (uint8_t i = 0; i < VMPL_COUNT; i++) {
		struct plane *p = &v->planes[i];

		if (p->start_wanted && p->state == PLANE_RUNNABLE && i != v->current &&
		    vcpu_plane(v)->state != PLANE_RUNNABLE) {
			make_current(v, i);
			break;
		}
	}
}

bool vcpu_choose_plane(struct vcpu *v)
{
	struct plane *p;

	switch_planes(v);
	p = vcpu_plane(v);
	if (p->state == PLANE_HALTED && event_pending(p))
		p->state = PLANE_RUNNABLE;
	if (p->state != PLANE_RUNNABLE) {
		/*
		 * Who sleeps has left its VMSA, as after every exit on hardware: the guest may use
		 * the page for something else, as Linux does with those of the firmware's APs.
		 */
		plane_save(p);
		return false;
	}
	p->start_wanted = false;
	if (!p->in_use) {
		if (!plane_load(p)) {
			log_error("vcpu %u vmpl %u: the VMSA at %lx can't be run", v->index,
				  p->vmpl, p->vmsa.raw);
			p->state = PLANE_WAIT_INIT;
			return false;
		}
		if (p->ghcb.pending_run_vmpl)
			ghcb_complete_run_vmpl(p);
	}
	return true;
}

/* --- AP creation (GHCB 4.1.9) -------------------------------------------------------------- */

static void stop_plane(struct plane *p)
{
	/* The VMSA page keeps the registers as they are now; nobody runs it any more. */
	if (p->in_use)
		plane_save(p);
	p->state = PLANE_ABSENT;
	p->start_wanted = false;
	p->vc_pending = false;
	p->pending_event = 0;
	p->nmi_blocked = false;
}

static void set_vmsa(struct plane *p, gpa_t vmsa, uint64_t sev_features)
{
	p->vmsa = vmsa;
	p->vmsa_is_initial = false;
	p->sev_features = sev_features;
	ghcb_vmsa_changed(p);
}

bool vcpu_ap_creation(struct vcpu *target, uint8_t vmpl, enum ap_creation action, gpa_t vmsa,
		      uint64_t sev_features)
{
	struct plane *p = &target->planes[vmpl];
	struct rmp_access access;

	if (action == AP_DESTROY) {
		if (p->in_use && target->cpu != this_cpu())
			vcpus_leave_guest();
		stop_plane(p);
		return true;
	}
	access = rmp_lookup(vmsa, vmpl);
	if (!machine_is_guest_ram(vmsa) || !access.matches || !access.vmsa)
		return false;
	if (p->in_use && target->cpu != this_cpu())
		vcpus_leave_guest();
	stop_plane(p);
	set_vmsa(p, vmsa, sev_features);
	p->state = action == AP_CREATE ? PLANE_RUNNABLE : PLANE_WAIT_INIT;
	p->start_wanted = action == AP_CREATE;
	vcpu_kick(target);
	return true;
}

/* --- INIT and SIPI (GHCB 4.1.7, 4.3.2) ------------------------------------------------------ */

void vcpu_init_ipi(struct vcpu *v, uint8_t vmpl)
{
	struct plane *p = &v->planes[vmpl];

	/* A running plane of an SNP guest has no INIT state to go to: only a waiting one cares. */
	if (p->state == PLANE_WAIT_INIT)
		vcpu_kick(v);
}

void vcpu_startup_ipi(struct vcpu *v, uint8_t vmpl, uint8_t vector)
{
	struct plane *p = &v->planes[vmpl];

	/* The vector means nothing here: a VMSA says where it starts. */
	(void)vector;
	if (p->state == PLANE_WAIT_INIT) {
		p->state = PLANE_RUNNABLE;
		p->start_wanted = true;
	} else if (p->state == PLANE_RESET_HOLD) {
		p->state = PLANE_RUNNABLE;
		ghcb_complete_reset_hold(p, true);
	}
	vcpu_kick(v);
}

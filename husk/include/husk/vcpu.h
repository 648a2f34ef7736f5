/* SPDX-License-Identifier: MIT */
/*
 * The emulated CPUs. A vCPU has up to four planes, one per VMPL; each plane has its VMSA, its
 * VMCB, its GHCB and its local APIC. One machine CPU runs one vCPU. All of it is protected by
 * the machine lock (husk/machine.h), which is held everywhere but while the guest runs.
 */
#ifndef HUSK_VCPU_H
#define HUSK_VCPU_H

#include "base/compiler.h"
#include "base/types.h"
#include "husk/svm.h"

#define VMPL_COUNT 4
#define VCPU_MAX   64

struct apic;
struct vcpu;

/* Index into struct plane.gpr: the hardware's numbering. */
enum gpr {
	GPR_RAX,
	GPR_RCX,
	GPR_RDX,
	GPR_RBX,
	GPR_RSP,
	GPR_RBP,
	GPR_RSI,
	GPR_RDI,
	GPR_R8,
	GPR_R9,
	GPR_R10,
	GPR_R11,
	GPR_R12,
	GPR_R13,
	GPR_R14,
	GPR_R15,
	GPR_COUNT
};

enum plane_state {
	PLANE_ABSENT,    /* no VMSA is registered for this VMPL */
	PLANE_WAIT_INIT, /* registered (AP creation, "create on INIT"), not started yet */
	PLANE_RUNNABLE,
	PLANE_HALTED,     /* HLT: until an event is pending for it */
	PLANE_RESET_HOLD, /* AP reset hold: until a SIPI */
};

/* Which of the three GHCB ways a RUN_VMPL came; the answer goes back the same way. */
enum ghcb_reply {
	GHCB_REPLY_NONE,
	GHCB_REPLY_MSR,
	GHCB_REPLY_PAGE,
};

/* State of the GHCB protocol; owner: husk/ghcb. */
struct ghcb_state {
	uint64_t msr;     /* MSR C001_0130 */
	gpa_t registered; /* GHCB page; meaningful if is_registered */
	gpa_t doorbell;   /* #HV doorbell page; meaningful if has_doorbell */
	bool is_registered;
	bool has_doorbell;
	enum ghcb_reply pending_run_vmpl; /* what is to be answered when this VMPL runs again */
};

struct plane {
	uint64_t gpr[GPR_COUNT]; /* RAX and RSP too: the run loop moves them to and from the VMCB */
	struct vmcb *vmcb;       /* save area: all other registers */
	uint8_t *fpu;            /* 512-byte FXSAVE image while the plane isn't the current one */
	struct vcpu *vcpu;
	struct apic *apic; /* owner: husk/apic */
	struct ghcb_state ghcb;
	enum plane_state state;
	uint8_t vmpl;
	bool in_use;          /* VMSA is loaded here: the page's content is stale */
	gpa_t vmsa;           /* meaningful unless PLANE_ABSENT */
	bool vmsa_is_initial; /* launched with the image: in Husk's memory, out of the guest's reach
			       */
	uint64_t sev_features;
	uint64_t pending_event; /* to raise at the next entry; EVENTINJ format, 0: none */
	bool nmi_blocked;       /* until NMI complete (GHCB 0x80000003) */
	bool start_wanted;      /* AP creation: run it as soon as VMPL0 rests */
	bool paged;             /* CR0.PG at the last entry: which nested table is loaded */
	uint64_t fault_rip;     /* the last nested fault, to find endless ones */
	uint64_t fault_gpa;
	uint32_t fault_count;
	uint64_t npt_generation; /* of the nested tables at the last entry */
	bool vc_pending;         /* software injection of #VC */
	uint64_t vc_code;        /* its error code */
};

struct vcpu {
	uint32_t index;
	uint32_t apic_id;
	uint8_t current;    /* VMPL that runs, or ran last */
	bool switch_wanted; /* RUN_VMPL: switch to `wanted` before the next entry */
	uint8_t wanted;
	struct plane planes[VMPL_COUNT];
	struct cpu *cpu; /* the machine CPU below it */
};

extern struct vcpu vcpus[VCPU_MAX];
extern uint32_t vcpu_count;

static inline struct plane *vcpu_plane(struct vcpu *v)
{
	return &v->planes[v->current];
}

/* The vCPU with an APIC ID, or NULL. */
struct vcpu *vcpu_by_apic_id(uint32_t apic_id);

/*
 * Raise an exception in a plane instead of its next instruction. `error` is used if the vector
 * has an error code. #VC is raised by software (see vcpu/inject.c), everything else by EVENTINJ.
 */
void plane_raise(struct plane *p, uint8_t vector, bool has_error, uint32_t error);
/* The same for #VC (APM2 15.35.4): `exit_code` becomes the error code. */
void plane_raise_vc(struct plane *p, uint64_t exit_code);
/* Go on behind the current instruction, which is `length` bytes long. */
void plane_skip(struct plane *p, unsigned length);

/*
 * RUN_VMPL (GHCB 4.1.x): leave the current plane, enter `vmpl`'s. False: there is no plane that
 * could run. The caller has recorded in ghcb.pending_run_vmpl how the answer is given; the run
 * loop calls ghcb_complete_run_vmpl() when the leaving plane is entered again.
 */
bool MUST_CHECK vcpu_run_vmpl(struct vcpu *v, uint8_t vmpl);
/* HLT, or an idle NAE event: the plane sleeps until an event is pending for it. */
void plane_halt(struct plane *p);
/* AP reset hold: the plane sleeps until SIPI; ghcb_complete_reset_hold() then answers. */
void plane_reset_hold(struct plane *p);
/* A SIPI or INIT reached the vCPU (from husk/apic). */
void vcpu_init_ipi(struct vcpu *v, uint8_t vmpl);
void vcpu_startup_ipi(struct vcpu *v, uint8_t vmpl, uint8_t vector);

enum ap_creation {
	AP_CREATE_ON_INIT = 0,
	AP_CREATE = 1,
	AP_DESTROY = 2,
};

/*
 * SNP AP creation (GHCB 4.1.9). The caller has checked the request's format and rights; here:
 * the page is an assigned VMSA page, its VMPL and SEV_FEATURES match. False: refused, nothing
 * changed. Takes effect before the target's next entry.
 */
bool MUST_CHECK vcpu_ap_creation(struct vcpu *target, uint8_t vmpl, enum ap_creation action,
				 gpa_t vmsa, uint64_t sev_features);

/* Make the vCPU leave the guest soon and look at its pending work; any CPU may call it. */
void vcpu_kick(struct vcpu *v);

#endif

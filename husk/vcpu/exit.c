/* SPDX-License-Identifier: MIT */
/*
 * Exits. Automatic ones are the host's business; for all others SEV-ES hardware raises #VC inside
 * the guest, with the exit code as error code (APM2 15.35.4).
 */
#include "husk/ghcb.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "huskabi/huskabi.h"
#include "sevabi/msr.h"
#include "sevabi/vmsa.h"
#include "vcpu/run.h"
#include "vcpu/trace.h"

#define VMGEXIT_LENGTH 4
#define VMMCALL_LENGTH 3
#define MSR_LENGTH     2
#define HLT_LENGTH     1

void plane_skip(struct plane *p, unsigned length)
{
	p->vmcb->save.rip += length;
	if (!(p->vmcb->save.efer & EFER_LMA))
		p->vmcb->save.rip = (uint32_t)p->vmcb->save.rip;
	p->vmcb->control.interrupt_shadow = 0;
}

static void exit_vmmcall(struct plane *p)
{
	uint8_t b[VMGEXIT_LENGTH];

	if (guest_fetch(p, b, sizeof(b)) == sizeof(b) && b[0] == 0xf3 && b[1] == 0x0f &&
	    b[2] == 0x01 && b[3] == 0xd9) {
		plane_skip(p, VMGEXIT_LENGTH);
		ghcb_vmgexit(p->vcpu);
		return;
	}
	plane_raise_vc(p, SVM_EXIT_VMMCALL);
}

static void msr_result(struct plane *p, uint64_t value)
{
	p->gpr[GPR_RAX] = (uint32_t)value;
	p->gpr[GPR_RDX] = value >> 32;
	plane_skip(p, MSR_LENGTH);
}

/* GHCB and SEV_STATUS belong to the CPU, and never exit on hardware. */
static void exit_msr(struct plane *p)
{
	uint32_t msr = (uint32_t)p->gpr[GPR_RCX];
	bool write = p->vmcb->control.exit_info1 & 1;

	if (msr == MSR_GHCB && write) {
		p->ghcb.msr = (uint32_t)p->gpr[GPR_RAX] | p->gpr[GPR_RDX] << 32;
		plane_skip(p, MSR_LENGTH);
	} else if (msr == MSR_GHCB) {
		msr_result(p, p->ghcb.msr);
	} else if (msr == MSR_SEV_STATUS && write) {
		plane_raise(p, VECTOR_GP, true, 0);
	} else if (msr == MSR_SEV_STATUS) {
		msr_result(p, SEV_STATUS_FROM_FEATURES(p->sev_features));
	} else {
		plane_raise_vc(p, SVM_EXIT_MSR);
	}
}

/* QEMU reports RDTSCP as RDTSC and INVD as WBINVD (tcg-svm 5, rows 5 and 7). */
static void exit_wbinvd(struct plane *p)
{
	uint8_t b[2];

	if (guest_fetch(p, b, sizeof(b)) == sizeof(b) && b[0] == 0x0f && b[1] == 0x08)
		plane_raise_vc(p, SVM_EXIT_INVD);
	else
		plane_raise_vc(p, SVM_EXIT_WBINVD);
}

static void exit_shutdown(const struct plane *p)
{
	machine_end(HUSK_EXIT_SHUTDOWN, "guest shutdown (triple fault): vcpu %u vmpl %u rip %lx",
		    p->vcpu->index, p->vmpl, p->vmcb->save.rip);
}

static void exit_invalid(const struct plane *p)
{
	const struct vmcb_save *s = &p->vmcb->save;

	machine_end(HUSK_EXIT_VMRUN,
		    "VMRUN refuses the VMSA: vcpu %u vmpl %u cr0 %lx cr3 %lx cr4 %lx efer %lx",
		    p->vcpu->index, p->vmpl, s->cr0, s->cr3, s->cr4, s->efer);
}

void plane_handle_exit(struct plane *p)
{
	uint64_t code = p->vmcb->control.exit_code;

	trace_exit(p);
	statistics_exit(code);
	if (code != SVM_EXIT_NPF && code != SVM_EXIT_INTR && code != SVM_EXIT_VINTR)
		p->fault_count = 0;
	/* QEMU 7.2 gives 32 bits of -1, later versions 64 (tcg-svm 5, row 9). */
	if ((int32_t)code < 0)
		exit_invalid(p);
	switch (code) {
	case SVM_EXIT_INTR:
	case SVM_EXIT_NMI:
	case SVM_EXIT_INIT:
	case SVM_EXIT_VINTR:
		break;
	case SVM_EXIT_NPF:
		plane_nested_fault(p);
		break;
	case SVM_EXIT_MSR:
		exit_msr(p);
		break;
	case SVM_EXIT_VMMCALL:
		exit_vmmcall(p);
		break;
	case EXIT_WRITE_CR8:
		plane_write_cr8(p);
		break;
	case SVM_EXIT_EXCP_UD:
		plane_undefined_opcode(p);
		break;
	case SVM_EXIT_HLT:
		plane_skip(p, HLT_LENGTH);
		plane_halt(p);
		break;
	case SVM_EXIT_WBINVD:
		exit_wbinvd(p);
		break;
	case SVM_EXIT_SHUTDOWN:
		exit_shutdown(p);
		break;
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_SKINIT:
	case SVM_EXIT_INVLPGA:
		/* There is no nested SVM in an SNP guest. */
		plane_raise(p, VECTOR_UD, false, 0);
		break;
	default:
		plane_raise_vc(p, code);
	}
}

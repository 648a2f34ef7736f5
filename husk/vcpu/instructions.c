/* SPDX-License-Identifier: MIT */
/* #UD exits: the RMP instructions that QEMU's CPU doesn't have (APM3), and the guest's own #UD. */
#include "husk/apic.h"
#include "husk/machine.h"
#include "husk/rmp.h"
#include "mem/mem.h"
#include "vcpu/run.h"

#define RMP_INSTRUCTION_LENGTH 4
#define RFLAGS_STATUS          0x8d5ULL /* OF, SF, ZF, AF, PF, CF */
#define CS_LONG                BIT(9)

enum rmp_instruction {
	NOT_RMP,
	PVALIDATE,
	RMPADJUST,
	RMPQUERY,
};

static enum rmp_instruction decode(const uint8_t b[RMP_INSTRUCTION_LENGTH])
{
	if (b[1] != 0x0f || b[2] != 0x01)
		return NOT_RMP;
	if (b[0] == 0xf2 && b[3] == 0xff)
		return PVALIDATE;
	if (b[0] == 0xf3 && b[3] == 0xfe)
		return RMPADJUST;
	if (b[0] == 0xf3 && b[3] == 0xfd)
		return RMPQUERY;
	return NOT_RMP;
}

static bool in_64bit_mode(const struct plane *p)
{
	const struct vmcb_save *s = &p->vmcb->save;

	return (s->efer & EFER_LMA) && (s->cs.attributes & CS_LONG);
}

/* Where RAX leads, for a supervisor's read. False: the fault is raised, or the host has acted. */
static bool locate(struct plane *p, gpa_t *gpa, enum guest_use use)
{
	uint64_t linear = p->gpr[GPR_RAX];
	struct guest_address at;
	struct guest_fault fault;

	if (!in_64bit_mode(p))
		linear = (uint32_t)linear;
	if (!guest_translate(p, linear, use, 0, &at, &fault)) {
		if (fault.kind == FAULT_PAGE) {
			p->vmcb->save.cr2 = linear;
			plane_raise(p, VECTOR_PF, true, fault.error);
		} else {
			plane_host_fixup(p, GPA(fault.address & ~BIT(machine.c_bit)),
					 NPF_PAGE_WALK | NPF_ENCRYPTED);
		}
		return false;
	}
	/* The page counts: OVMF's probe for VMPL0 passes an address inside one. */
	*gpa = GPA(ALIGN_DOWN(at.gpa.raw, PAGE_SIZE));
	return true;
}

/* The status flags follow EAX; PVALIDATE's CF says whether anything changed. */
static void finish(struct plane *p, const struct rmp_outcome *o)
{
	uint64_t *rflags = &p->vmcb->save.rflags;

	*rflags &= ~RFLAGS_STATUS;
	if (o->eax == RMP_OK)
		*rflags |= RFLAGS_ZF;
	if (o->cf)
		*rflags |= RFLAGS_CF;
	p->gpr[GPR_RAX] = o->eax;
	plane_skip(p, RMP_INSTRUCTION_LENGTH);
}

static struct rmp_outcome execute(struct plane *p, enum rmp_instruction what, gpa_t gpa)
{
	uint64_t *rcx = &p->gpr[GPR_RCX];
	uint64_t *rdx = &p->gpr[GPR_RDX];

	switch (what) {
	case PVALIDATE:
		return rmp_pvalidate(p->vmpl, gpa, *rcx, *rdx);
	case RMPADJUST:
		return rmp_rmpadjust(p->vmpl, gpa, *rcx, *rdx);
	default:
		return rmp_rmpquery(p->vmpl, gpa, rcx, rdx);
	}
}

static void rmp_instruction(struct plane *p, enum rmp_instruction what)
{
	struct rmp_outcome outcome;
	gpa_t gpa;

	/* RMPADJUST and RMPQUERY are instructions of 64-bit mode only (APM3). */
	if (what != PVALIDATE && !in_64bit_mode(p)) {
		plane_raise(p, VECTOR_UD, false, 0);
		return;
	}
	/* PVALIDATE is VMPL0's alone (APM3). */
	if (p->vmcb->save.cpl != 0 || (what == PVALIDATE && p->vmpl != 0)) {
		plane_raise(p, VECTOR_GP, true, 0);
		return;
	}
	if (!locate(p, &gpa, GUEST_READ))
		return;
	if (!machine_is_guest_ram(gpa)) {
		plane_host_fixup(p, gpa, NPF_RMP);
		return;
	}
	outcome = execute(p, what, gpa);
	switch (outcome.action) {
	case RMP_DONE:
		finish(p, &outcome);
		break;
	case RMP_VC_NOT_VALIDATED:
		plane_raise_vc(p, SVM_EXIT_PAGE_NOT_VALIDATED);
		break;
	case RMP_NPF:
		plane_host_fixup(p, gpa, outcome.npf_bits);
		break;
	}
}

#define CR8_LENGTH     4
#define REX_R_REQUIRED 0x44
#define REX_B          0x01

/* REX.R 0F 22 /0: MOV CR8, r64. Any other encoding is taken for an invalid one. */
void plane_write_cr8(struct plane *p)
{
	uint8_t b[CR8_LENGTH];
	uint64_t value;

	if (guest_fetch(p, b, sizeof(b)) != sizeof(b) || (b[0] & 0xf4) != REX_R_REQUIRED ||
	    b[1] != 0x0f || b[2] != 0x22) {
		plane_raise(p, VECTOR_UD, false, 0);
		return;
	}
	value = p->gpr[(b[3] & 7) | (b[0] & REX_B ? 8 : 0)];
	if (value >> 4) {
		plane_raise(p, VECTOR_GP, true, 0);
		return;
	}
	apic_set_task_priority(p, (uint8_t)(value << 4));
	plane_skip(p, CR8_LENGTH);
}

void plane_undefined_opcode(struct plane *p)
{
	uint8_t bytes[RMP_INSTRUCTION_LENGTH];
	enum rmp_instruction what = NOT_RMP;

	if (guest_fetch(p, bytes, sizeof(bytes)) == sizeof(bytes))
		what = decode(bytes);
	if (what == NOT_RMP)
		plane_raise(p, VECTOR_UD, false, 0);
	else
		rmp_instruction(p, what);
}

/* SPDX-License-Identifier: MIT */
/* Registers between a plane's VMSA page, the VMCB and the machine CPU (APM2 table B-4). */
#include "arch/insn.h"
#include "husk/machine.h"
#include "husk/rmp.h"
#include "husk/svm.h"
#include "mem/mem.h"
#include "sevabi/vmsa.h"
#include "vcpu/run.h"

#define MXCSR_MASK 0xffffU
#define X87_EMPTY  3U

/* The 512 bytes of FXSAVE64 (APM2 11.4.4). */
struct fxsave {
	uint16_t fcw, fsw;
	uint8_t ftw, reserved;
	uint16_t fop;
	uint64_t rip, rdp;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t st[8][16];
	uint8_t xmm[16][16];
	uint8_t rest[96];
};
LAYOUT_SIZE(struct fxsave, 512);

static struct vmsa *vmsa_of(const struct plane *p)
{
	return machine_map(machine_translate(p->vmsa));
}

bool plane_vmsa_acceptable(const struct plane *p)
{
	const struct vmsa *vmsa = vmsa_of(p);
	struct rmp_access access = rmp_lookup(p->vmsa, p->vmpl);

	return (p->vmsa_is_initial || machine_is_guest_ram(p->vmsa)) && access.matches &&
	       access.validated && access.vmsa && !access.in_use && vmsa->vmpl == p->vmpl &&
	       (vmsa->efer & EFER_SVME) && (vmsa->sev_features & SEV_FEATURE_SNP);
}

/* The abridged tag of FXSAVE has one bit for each register: not empty. */
static uint8_t abridge_tags(uint16_t full)
{
	uint8_t tags = 0;

	for (unsigned i = 0; i < 8; i++) {
		if ((full >> (2 * i) & 3U) != X87_EMPTY)
			tags = (uint8_t)(tags | 1U << i);
	}
	return tags;
}

static uint16_t expand_tags(uint8_t abridged)
{
	uint16_t tags = 0;

	for (unsigned i = 0; i < 8; i++) {
		if (!(abridged >> i & 1))
			tags = (uint16_t)(tags | X87_EMPTY << (2 * i));
	}
	return tags;
}

static void load_fpu(struct fxsave *to, const struct vmsa *from)
{
	memset(to, 0, sizeof(*to));
	to->fcw = from->x87_fcw;
	to->fsw = from->x87_fsw;
	to->ftw = abridge_tags(from->x87_ftw);
	to->fop = from->x87_fop;
	to->rip = from->x87_rip;
	to->rdp = from->x87_dp;
	to->mxcsr = from->mxcsr & MXCSR_MASK;
	for (unsigned i = 0; i < 8; i++) {
		memcpy(to->st[i], &from->x87_mantissa[i], 8);
		memcpy(to->st[i] + 8, &from->x87_exponent[i], 2);
	}
	memcpy(to->xmm, from->xmm, sizeof(to->xmm));
	cpu_fxrstor(to);
}

static void save_fpu(struct vmsa *to, struct fxsave *from)
{
	cpu_fxsave(from);
	to->x87_fcw = from->fcw;
	to->x87_fsw = from->fsw;
	to->x87_ftw = expand_tags(from->ftw);
	to->x87_fop = from->fop;
	to->x87_rip = from->rip;
	to->x87_dp = from->rdp;
	to->mxcsr = from->mxcsr;
	for (unsigned i = 0; i < 8; i++) {
		memcpy(&to->x87_mantissa[i], from->st[i], 8);
		memcpy(&to->x87_exponent[i], from->st[i] + 8, 2);
	}
	memcpy(to->xmm, from->xmm, sizeof(to->xmm));
}

static void load_gprs(struct plane *p, const struct vmsa *v)
{
	p->gpr[GPR_RAX] = v->rax;
	p->gpr[GPR_RCX] = v->rcx;
	p->gpr[GPR_RDX] = v->rdx;
	p->gpr[GPR_RBX] = v->rbx;
	p->gpr[GPR_RSP] = v->rsp;
	p->gpr[GPR_RBP] = v->rbp;
	p->gpr[GPR_RSI] = v->rsi;
	p->gpr[GPR_RDI] = v->rdi;
	memcpy(&p->gpr[GPR_R8], &v->r8, 8 * sizeof(uint64_t));
}

static void save_gprs(struct vmsa *v, const struct plane *p)
{
	v->rax = p->gpr[GPR_RAX];
	v->rcx = p->gpr[GPR_RCX];
	v->rdx = p->gpr[GPR_RDX];
	v->rbx = p->gpr[GPR_RBX];
	v->rsp = p->gpr[GPR_RSP];
	v->rbp = p->gpr[GPR_RBP];
	v->rsi = p->gpr[GPR_RSI];
	v->rdi = p->gpr[GPR_RDI];
	memcpy(&v->r8, &p->gpr[GPR_R8], 8 * sizeof(uint64_t));
}

/* Ten segments and table registers have the same place and form in both. */
static void copy_segments(void *to, const void *from)
{
	memcpy(to, from, offsetof(struct vmcb_save, reserved0));
}

static void load_save_area(struct vmcb_save *s, const struct vmsa *v)
{
	memset(s, 0, sizeof(*s));
	copy_segments(s, v);
	s->cpl = v->cpl;
	s->efer = v->efer;
	s->cr0 = v->cr0;
	s->cr2 = v->cr2;
	s->cr3 = v->cr3;
	s->cr4 = v->cr4;
	s->dr6 = v->dr6;
	s->dr7 = v->dr7;
	s->rflags = v->rflags | BIT(1);
	s->rip = v->rip;
	s->rsp = v->rsp;
	s->rax = v->rax;
	s->pat = v->g_pat;
	s->star = v->star;
	s->lstar = v->lstar;
	s->cstar = v->cstar;
	s->sfmask = v->sfmask;
	s->kernel_gs_base = v->kernel_gs_base;
	s->sysenter_cs = v->sysenter_cs;
	s->sysenter_esp = v->sysenter_esp;
	s->sysenter_eip = v->sysenter_eip;
	s->debug_control = v->dbgctl;
}

static void save_save_area(struct vmsa *v, const struct vmcb_save *s)
{
	copy_segments(v, s);
	v->cpl = s->cpl;
	v->efer = s->efer;
	v->cr0 = s->cr0;
	v->cr2 = s->cr2;
	v->cr3 = s->cr3;
	v->cr4 = s->cr4;
	v->dr6 = s->dr6;
	v->dr7 = s->dr7;
	v->rflags = s->rflags;
	v->rip = s->rip;
	v->star = s->star;
	v->lstar = s->lstar;
	v->cstar = s->cstar;
	v->sfmask = s->sfmask;
	v->kernel_gs_base = s->kernel_gs_base;
	v->sysenter_cs = s->sysenter_cs;
	v->sysenter_esp = s->sysenter_esp;
	v->sysenter_eip = s->sysenter_eip;
	v->dbgctl = s->debug_control;
}

bool plane_load(struct plane *p)
{
	const struct vmsa *vmsa = vmsa_of(p);

	if (p->in_use)
		return true;
	if (!plane_vmsa_acceptable(p) || !rmp_vmsa_take(p->vmsa))
		return false;
	p->sev_features = vmsa->sev_features;
	vmcb_init(p);
	load_save_area(&p->vmcb->save, vmsa);
	p->vmcb->control.interrupt_control |= (uint32_t)(vmsa->vintr_ctrl & 0xf);
	p->vmcb->control.interrupt_shadow = vmsa->vintr_ctrl >> 10 & 1;
	p->pending_event = vmsa->eventinj & EVENT_VALID ? vmsa->eventinj : 0;
	load_gprs(p, vmsa);
	load_fpu((struct fxsave *)(void *)p->fpu, vmsa);
	/* These two are neither in the VMCB's reach (PAT in TCG) nor switched by VMLOAD. */
	wrmsr(MSR_PAT, vmsa->g_pat ? vmsa->g_pat : 0x0007040600070406);
	wrmsr(MSR_TSC_AUX, vmsa->tsc_aux);
	write_debug_addresses((const uint64_t[4]){vmsa->dr0, vmsa->dr1, vmsa->dr2, vmsa->dr3});
	p->in_use = true;
	return true;
}

void plane_save(struct plane *p)
{
	struct vmsa *vmsa = vmsa_of(p);
	const struct vmcb_control *c = &p->vmcb->control;
	uint64_t dr[4];

	if (!p->in_use)
		return;
	save_save_area(vmsa, &p->vmcb->save);
	save_gprs(vmsa, p);
	save_fpu(vmsa, (struct fxsave *)(void *)p->fpu);
	vmsa->g_pat = rdmsr(MSR_PAT);
	vmsa->tsc_aux = (uint32_t)rdmsr(MSR_TSC_AUX);
	read_debug_addresses(dr);
	vmsa->dr0 = dr[0];
	vmsa->dr1 = dr[1];
	vmsa->dr2 = dr[2];
	vmsa->dr3 = dr[3];
	vmsa->vintr_ctrl = (c->interrupt_control & 0xf) | (c->interrupt_shadow & 1) << 10;
	vmsa->eventinj = p->pending_event;
	/* QEMU's SVM reports VMGEXIT as the VMMCALL that it is; bare VMMCALL is #VC, no exit. */
	vmsa->guest_exitcode = c->exit_code == SVM_EXIT_VMMCALL ? SVM_EXIT_VMGEXIT : c->exit_code;
	vmsa->guest_exitinfo1 = c->exit_info1;
	vmsa->guest_exitinfo2 = c->exit_info2;
	vmsa->guest_exitintinfo = c->exit_interrupt_info;
	p->in_use = false;
	rmp_vmsa_release(p->vmsa);
}

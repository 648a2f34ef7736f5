/* SPDX-License-Identifier: MIT */
/* The table of NAE events (GHCB 4.1) and those that need few lines. */
#include "husk/apic.h"
#include "husk/cpuid.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/lies.h"
#include "huskabi/huskabi.h"
#include "request.h"
#include "sevabi/svm_exit.h"

#define KVM_ENOSYS       1000
#define CPUID_LEAF_XSAVE 0xd
#define DR7_FIXED_ONE    0x400

static void event_none(struct request *r)
{
	r->result2 = 0;
}

static void event_dr7_read(struct request *r)
{
	r->rax = r->plane->vmcb->save.dr7;
}

static void event_dr7_write(struct request *r)
{
	r->plane->vmcb->save.dr7 = (uint32_t)r->rax | DR7_FIXED_ONE;
}

static void event_rdtsc(struct request *r)
{
	uint64_t tsc = __builtin_ia32_rdtsc() + r->plane->vmcb->control.tsc_offset;

	r->rax = (uint32_t)tsc;
	r->rdx = tsc >> 32;
}

static void event_rdtscp(struct request *r)
{
	event_rdtsc(r);
	r->rcx = r->vcpu->index;
}

static void event_cpuid(struct request *r)
{
	struct cpuid_regs regs;
	uint64_t mask;

	if ((uint32_t)r->rax == CPUID_LEAF_XSAVE && !request_has(r, GHCB_VALID_XCR0)) {
		request_malformed(r, GHCB_MALFORMED_MISSING_INPUT);
		return;
	}
	regs = husk_cpuid(r->vcpu->apic_id, (uint32_t)r->rax, (uint32_t)r->rcx);
	if (lie_now(LIE_CPUID, r->plane->vmpl, (uint32_t)r->rax, &mask))
		regs.eax ^= (uint32_t)mask;
	r->rax = regs.eax;
	r->rbx = regs.ebx;
	r->rcx = regs.ecx;
	r->rdx = regs.edx;
}

static void event_halt(struct request *r)
{
	plane_halt(r->plane);
}

static void event_vmmcall(struct request *r)
{
	r->rax = (uint64_t)-KVM_ENOSYS;
}

static void event_nmi_complete(struct request *r)
{
	r->plane->nmi_blocked = false;
}

static void event_reset_hold(struct request *r)
{
	plane_reset_hold(r->plane);
	r->no_answer = true;
}

/* Kept for the guest's firmware and kernel to find each other (GHCB 4.1.10). */
static void event_ap_jump_table(struct request *r)
{
	static uint64_t table;

	if (r->info1 == GHCB_AP_JUMP_TABLE_SET) {
		table = r->info2;
		r->result2 = 0;
	} else if (r->info1 == GHCB_AP_JUMP_TABLE_GET) {
		r->result2 = table;
	} else {
		request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
	}
}

static void event_run_vmpl(struct request *r)
{
	r->plane->ghcb.pending_run_vmpl = GHCB_REPLY_PAGE;
	if (r->info1 < VMPL_COUNT && vcpu_run_vmpl(r->vcpu, (uint8_t)r->info1)) {
		r->no_answer = true;
		return;
	}
	r->plane->ghcb.pending_run_vmpl = GHCB_REPLY_NONE;
	request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
}

static void event_hv_ipi(struct request *r)
{
	apic_send_ipi(r->plane, r->info1);
}

static void event_features(struct request *r)
{
	r->result2 = GHCB_HOST_FEATURES;
}

static void event_terminate(struct request *r)
{
	ghcb_terminate(r->plane, r->info1 & 0xf, (r->info1 >> 4) & 0xff);
}

static void event_unsupported(struct request *r)
{
	machine_end(HUSK_EXIT_TERMINATED, "vcpu %u vmpl %u: the guest met #VC %lx, unsupported",
		    r->vcpu->index, r->plane->vmpl, r->info1);
}

struct event {
	uint64_t code;
	unsigned needs; /* enum request_needs */
	void (*handle)(struct request *r);
};

static const struct event events[] = {
	{SVM_EXIT_IOIO, NEEDS_NOTHING, event_ioio},
	{SVM_EXIT_MSR, NEEDS_RCX, event_msr},
	{GHCB_EXIT_MMIO_READ, NEEDS_SCRATCH, event_mmio_read},
	{GHCB_EXIT_MMIO_WRITE, NEEDS_SCRATCH, event_mmio_write},
	{GHCB_EXIT_RUN_VMPL, NEEDS_NOTHING, event_run_vmpl},
	{GHCB_EXIT_PSC, NEEDS_SCRATCH, event_page_state_change},
	{SVM_EXIT_CPUID, NEEDS_RAX | NEEDS_RCX, event_cpuid},
	{SVM_EXIT_HLT, NEEDS_NOTHING, event_halt},
	{SVM_EXIT_READ_DR7, NEEDS_NOTHING, event_dr7_read},
	{SVM_EXIT_WRITE_DR7, NEEDS_RAX, event_dr7_write},
	{SVM_EXIT_RDTSC, NEEDS_NOTHING, event_rdtsc},
	{SVM_EXIT_RDTSCP, NEEDS_NOTHING, event_rdtscp},
	{SVM_EXIT_RDPMC, NEEDS_RCX, request_raise_gp},
	{SVM_EXIT_INVD, NEEDS_NOTHING, event_none},
	{SVM_EXIT_WBINVD, NEEDS_NOTHING, event_none},
	{SVM_EXIT_MONITOR, NEEDS_RAX | NEEDS_RCX | NEEDS_RDX, event_none},
	{SVM_EXIT_MWAIT, NEEDS_RAX | NEEDS_RCX, event_none},
	{SVM_EXIT_VMMCALL, NEEDS_RAX | NEEDS_CPL, event_vmmcall},
	{GHCB_EXIT_NMI_COMPLETE, NEEDS_NOTHING, event_nmi_complete},
	{GHCB_EXIT_AP_RESET_HOLD, NEEDS_NOTHING, event_reset_hold},
	{GHCB_EXIT_AP_JUMP_TABLE, NEEDS_NOTHING, event_ap_jump_table},
	{GHCB_EXIT_GUEST_REQUEST, NEEDS_NOTHING, event_guest_request},
	{GHCB_EXIT_EXT_GUEST_REQUEST, NEEDS_RAX | NEEDS_RBX, event_extended_guest_request},
	{GHCB_EXIT_AP_CREATION, NEEDS_NOTHING, event_ap_creation},
	{GHCB_EXIT_HV_DOORBELL_PAGE, NEEDS_NOTHING, event_doorbell_page},
	{GHCB_EXIT_HV_IPI, NEEDS_NOTHING, event_hv_ipi},
	{GHCB_EXIT_APIC_ID_LIST, NEEDS_RAX, event_apic_id_list},
	{GHCB_EXIT_FEATURES, NEEDS_NOTHING, event_features},
	{GHCB_EXIT_TERMINATE, NEEDS_NOTHING, event_terminate},
	{GHCB_EXIT_UNSUPPORTED, NEEDS_NOTHING, event_unsupported},
};

static bool has_all(const struct request *r, unsigned needs)
{
	static const struct {
		unsigned need, index;
	} fields[] = {
		{NEEDS_RAX, GHCB_VALID_RAX}, {NEEDS_RBX, GHCB_VALID_RBX},
		{NEEDS_RCX, GHCB_VALID_RCX}, {NEEDS_RDX, GHCB_VALID_RDX},
		{NEEDS_CPL, GHCB_VALID_CPL}, {NEEDS_SCRATCH, GHCB_VALID_SW_SCRATCH},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
		if ((needs & fields[i].need) && !request_has(r, fields[i].index))
			return false;
	}
	return true;
}

void request_handle(struct request *r)
{
	for (unsigned i = 0; i < ARRAY_SIZE(events); i++) {
		if (events[i].code != r->code)
			continue;
		if (has_all(r, events[i].needs))
			events[i].handle(r);
		else
			request_malformed(r, GHCB_MALFORMED_MISSING_INPUT);
		return;
	}
	request_malformed(r, GHCB_MALFORMED_INVALID_EVENT);
}

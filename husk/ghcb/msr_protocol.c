/* SPDX-License-Identifier: MIT */
/* The MSR protocol (GHCB 2.3.1). A request that nobody knows leaves the MSR as it is. */
#include "husk/cpuid.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/lies.h"
#include "request.h"

#define RUN_VMPL_BAD    1
#define PSC_ERROR       0xffffffffU
#define RUN_VMPL_UNUSED 0xffffff00fffff000ULL
#define PSC_UNUSED      0xff00000000000000ULL

static uint64_t cpuid_answer(const struct vcpu *v, const struct plane *p, uint64_t msr)
{
	uint64_t mask;
	struct cpuid_regs r = husk_cpuid(v->apic_id, GHCB_MSR_CPUID_FUNCTION(msr), 0);
	uint32_t reg = GHCB_MSR_CPUID_REGISTER(msr);
	uint32_t value = r.eax;

	if (lie_now(LIE_CPUID, p->vmpl, GHCB_MSR_CPUID_FUNCTION(msr), &mask))
		value ^= (uint32_t)mask;
	if (reg == GHCB_CPUID_EBX)
		value = r.ebx;
	else if (reg == GHCB_CPUID_ECX)
		value = r.ecx;
	else if (reg == GHCB_CPUID_EDX)
		value = r.edx;
	return GHCB_MSR_CPUID_RESP_VALUE(value, reg);
}

static uint64_t register_answer(struct plane *p, uint64_t msr)
{
	gpa_t page = GPA(msr & ~(uint64_t)GHCB_MSR_INFO_MASK);

	if (!machine_is_guest_ram(page))
		return GHCB_MSR_REGISTER_GPA_RESP_VALUE(GHCB_MSR_GFN_NONE);
	p->ghcb.registered = page;
	p->ghcb.is_registered = true;
	return GHCB_MSR_REGISTER_GPA_RESP_VALUE(GHCB_MSR_DATA(msr));
}

static uint64_t psc_answer(const struct plane *p, uint64_t msr)
{
	uint32_t op = GHCB_MSR_PSC_OP(msr);
	uint64_t lie;

	if ((msr & PSC_UNUSED) || (op != GHCB_PSC_PRIVATE && op != GHCB_PSC_SHARED))
		return GHCB_MSR_PSC_RESP_VALUE(PSC_ERROR);
	if (lie_now(LIE_PSC, p->vmpl, 0, &lie))
		return GHCB_MSR_PSC_RESP_VALUE(0);
	if (!page_state_set(GPA(GHCB_MSR_PSC_GPA(msr)), op == GHCB_PSC_PRIVATE, false))
		return GHCB_MSR_PSC_RESP_VALUE(PSC_ERROR);
	return GHCB_MSR_PSC_RESP_VALUE(0);
}

static uint64_t run_vmpl_answer(struct vcpu *v, struct plane *p, uint64_t msr)
{
	p->ghcb.pending_run_vmpl = GHCB_REPLY_MSR;
	if (!(msr & RUN_VMPL_UNUSED) && vcpu_run_vmpl(v, GHCB_MSR_RUN_VMPL(msr)))
		return msr;
	p->ghcb.pending_run_vmpl = GHCB_REPLY_NONE;
	return GHCB_MSR_RUN_VMPL_RESP_VALUE(RUN_VMPL_BAD);
}

void msr_protocol(struct vcpu *v, struct plane *p, uint64_t msr)
{
	switch (GHCB_MSR_INFO(msr)) {
	case GHCB_MSR_SEV_INFO_REQ:
		p->ghcb.msr = GHCB_MSR_SEV_INFO_VALUE(GHCB_PROTOCOL_MAX, GHCB_PROTOCOL_MIN,
						      machine.c_bit);
		break;
	case GHCB_MSR_CPUID_REQ:
		p->ghcb.msr = cpuid_answer(v, p, msr);
		break;
	case GHCB_MSR_AP_RESET_HOLD_REQ:
		plane_reset_hold(p);
		break;
	case GHCB_MSR_PREF_GPA_REQ:
		p->ghcb.msr = GHCB_MSR_PREF_GPA_RESP_VALUE(GHCB_MSR_GFN_NONE);
		break;
	case GHCB_MSR_REGISTER_GPA_REQ:
		p->ghcb.msr = register_answer(p, msr);
		break;
	case GHCB_MSR_PSC_REQ:
		p->ghcb.msr = psc_answer(p, msr);
		break;
	case GHCB_MSR_RUN_VMPL_REQ:
		p->ghcb.msr = run_vmpl_answer(v, p, msr);
		break;
	case GHCB_MSR_FEATURES_REQ:
		p->ghcb.msr = GHCB_MSR_FEATURES_RESP_VALUE(GHCB_HOST_FEATURES);
		break;
	case GHCB_MSR_TERMINATE_REQ:
		ghcb_terminate(p, GHCB_MSR_TERMINATE_SET(msr), GHCB_MSR_TERMINATE_CODE(msr));
	default:
		log_detail("vcpu %u vmpl %u: unknown GHCB MSR request %lx", v->index, p->vmpl, msr);
	}
}

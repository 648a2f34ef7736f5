/* SPDX-License-Identifier: MIT */
/* VMSA contents: what a vCPU starts with, and what the guest may ask us to run. */
#include "kernel/vcpu.h"
#include "sevabi/msr.h"

static struct vmsa_segment segment(uint16_t attributes)
{
	return (struct vmsa_segment){.attributes = attributes, .limit = VMSA_INIT_LIMIT};
}

void vmsa_reset(struct vmsa *vmsa, uint8_t vmpl, uint64_t features)
{
	*vmsa = (struct vmsa){
		.vmpl = vmpl,
		.sev_features = features,
		.efer = EFER_SVME,
		.cr0 = VMSA_INIT_CR0,
		.rflags = VMSA_INIT_RFLAGS,
		.dr6 = VMSA_INIT_DR6,
		.dr7 = VMSA_INIT_DR7,
		.g_pat = VMSA_INIT_PAT,
		.xcr0 = VMSA_INIT_XCR0,
		.mxcsr = VMSA_INIT_MXCSR,
		.x87_ftw = VMSA_INIT_X87_FTW,
		.x87_fcw = VMSA_INIT_X87_FCW,
		.rip = VMSA_RESET_RIP,
	};
	vmsa->cs = (struct vmsa_segment){
		.selector = VMSA_RESET_CS_SEL,
		.attributes = VMSA_ATTR_CODE16,
		.limit = VMSA_INIT_LIMIT,
		.base = VMSA_RESET_CS_BASE,
	};
	vmsa->ds = vmsa->es = vmsa->fs = vmsa->gs = vmsa->ss = segment(VMSA_ATTR_DATA16);
	vmsa->gdtr = vmsa->idtr = segment(0);
	vmsa->ldtr = segment(VMSA_ATTR_LDTR);
	vmsa->tr = segment(VMSA_ATTR_TR);
}

bool vmsa_acceptable(const struct vmsa *page, uint8_t vmpl, uint64_t features)
{
	return page->vmpl == vmpl && (page->efer & EFER_SVME) && page->sev_features == features;
}

/* SPDX-License-Identifier: MIT */
/* A VMSA that runs a function in this address space. */
#include "internal.h"
#include "sevabi/msr.h"

struct vmsa_segment vmsa_segment(uint16_t selector, uint16_t attributes)
{
	return (struct vmsa_segment){selector, attributes, 0xffffffff, 0};
}

static uint64_t read_cr(unsigned n)
{
	uint64_t value;

	if (n == 0)
		__asm__ volatile("mov %%cr0, %0" : "=r"(value));
	else
		__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

void vmsa_fill(volatile struct vmsa *v, unsigned vmpl, uint64_t rip, uint64_t rsp)
{
	struct table_register gdtr = trap_gdt(), idtr = trap_idt();

	for (unsigned i = 0; i < PAGE_SIZE / 8; i++)
		((volatile uint64_t *)v)[i] = 0;
	v->cs = vmsa_segment(0x08, VMSA_ATTR_CODE64);
	v->ss = v->ds = v->es = v->fs = v->gs = vmsa_segment(0x10, VMSA_ATTR_DATA32);
	v->gdtr = (struct vmsa_segment){0, 0, gdtr.limit, gdtr.base};
	v->idtr = (struct vmsa_segment){0, 0, idtr.limit, idtr.base};
	v->ldtr = (struct vmsa_segment){0, VMSA_ATTR_LDTR, 0xffff, 0};
	v->tr = (struct vmsa_segment){trap_tss_selector(vmpl), VMSA_ATTR_TR, 0x67,
				      trap_tss_base(vmpl)};
	v->vmpl = (uint8_t)vmpl;
	v->efer = read_msr(MSR_EFER) | EFER_SVME;
	v->cr0 = read_cr(0);
	v->cr3 = memory_root();
	v->cr4 = read_cr(4);
	v->dr6 = VMSA_INIT_DR6;
	v->dr7 = VMSA_INIT_DR7;
	v->rflags = VMSA_INIT_RFLAGS;
	v->rip = rip;
	v->rsp = rsp;
	v->g_pat = VMSA_INIT_PAT;
	v->xcr0 = VMSA_INIT_XCR0;
	v->mxcsr = VMSA_INIT_MXCSR;
	v->x87_ftw = VMSA_INIT_X87_FTW;
	v->x87_fcw = VMSA_INIT_X87_FCW;
	v->sev_features = SEV_FEATURE_SNP | SEV_FEATURE_DEBUG_SWAP;
}

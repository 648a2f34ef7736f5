/* SPDX-License-Identifier: MIT */
/* What makes the guest exit: intercepts and permission maps, as KVM sets them for SNP guests. */
#include "husk/machine.h"
#include "husk/npt.h"
#include "husk/pages.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"
#include "sevabi/msr.h"
#include "sevabi/vmsa.h"
#include "vcpu/run.h"

#define IOPM_PAGES     3
#define MSRPM_PAGES    2
#define NESTED_PAGING  1
#define V_INTR_MASKING BIT(24)

/* Registers that live in the VMSA, or that no host has reason to see: the guest's own. */
static const uint32_t passed_msrs[] = {
	MSR_SYSENTER_CS, MSR_SYSENTER_ESP,   MSR_SYSENTER_EIP, MSR_PAT,    MSR_EFER,
	MSR_STAR,        MSR_LSTAR,          MSR_CSTAR,        MSR_SFMASK, MSR_FS_BASE,
	MSR_GS_BASE,     MSR_KERNEL_GS_BASE, MSR_TSC_AUX,
};

static uint8_t *iopm;
static uint8_t *msrpm;

/* The bit pair of an MSR: read intercept, then write intercept (APM2 15.11). */
static uint32_t msrpm_bit(uint32_t msr)
{
	if (msr >= 0xc0010000)
		return 0x8000 + (msr - 0xc0010000) * 2;
	if (msr >= 0xc0000000)
		return 0x4000 + (msr - 0xc0000000) * 2;
	return msr * 2;
}

static void msrpm_pass(uint32_t msr, bool write)
{
	uint32_t bit = msrpm_bit(msr);

	msrpm[bit / 8] &= (uint8_t)~BIT(bit % 8);
	if (write)
		msrpm[bit / 8] &= (uint8_t)~BIT(bit % 8 + 1);
}

void vmcb_init_maps(void)
{
	iopm = pages_reserve(IOPM_PAGES);
	msrpm = pages_reserve(MSRPM_PAGES);
	if (!iopm || !msrpm)
		machine_end(HUSK_EXIT_BAD_MACHINE, "out of memory for permission maps");
	memset(iopm, 0xff, IOPM_PAGES * PAGE_SIZE);
	memset(msrpm, 0xff, MSRPM_PAGES * PAGE_SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(passed_msrs); i++)
		msrpm_pass(passed_msrs[i], true);
	msrpm_pass(MSR_TSC, false);
}

void vmcb_init(struct plane *p)
{
	struct vmcb_control *c = &p->vmcb->control;

	memset(c, 0, sizeof(*c));
	/* With DebugSwap the debug registers belong to the guest. */
	if (!(p->sev_features & SEV_FEATURE_DEBUG_SWAP))
		c->intercept_dr = BIT(7) | BIT(16 + 7);
	c->intercept_exceptions = BIT(VECTOR_UD);
	c->intercept_misc1 = INTERCEPT1(SVM_EXIT_INTR) | INTERCEPT1(SVM_EXIT_NMI) |
			     INTERCEPT1(SVM_EXIT_INIT) | INTERCEPT1(SVM_EXIT_VINTR) |
			     INTERCEPT1(SVM_EXIT_RDPMC) | INTERCEPT1(SVM_EXIT_CPUID) |
			     INTERCEPT1(SVM_EXIT_INVD) | INTERCEPT1(SVM_EXIT_HLT) |
			     INTERCEPT1(SVM_EXIT_INVLPGA) | INTERCEPT1(SVM_EXIT_IOIO) |
			     INTERCEPT1(SVM_EXIT_MSR) | INTERCEPT1(SVM_EXIT_SHUTDOWN);
	c->intercept_misc2 = INTERCEPT2(SVM_EXIT_VMRUN) | INTERCEPT2(SVM_EXIT_VMMCALL) |
			     INTERCEPT2(SVM_EXIT_VMLOAD) | INTERCEPT2(SVM_EXIT_VMSAVE) |
			     INTERCEPT2(SVM_EXIT_STGI) | INTERCEPT2(SVM_EXIT_CLGI) |
			     INTERCEPT2(SVM_EXIT_SKINIT) | INTERCEPT2(SVM_EXIT_WBINVD) |
			     INTERCEPT2(SVM_EXIT_MONITOR) | INTERCEPT2(SVM_EXIT_MWAIT);
	c->iopm_base = page_physical(iopm).raw;
	c->msrpm_base = page_physical(msrpm).raw;
	c->asid = p->vmpl + 1U;
	c->interrupt_control = V_INTR_MASKING;
	c->nested_control = NESTED_PAGING;
}

/* SPDX-License-Identifier: MIT */
/*
 * MSR events (GHCB 4.1.4): the local APIC's go there; others are a list of registers that firmware
 * and kernels touch, most of which have a value and no effect, as under KVM.
 */
#include "husk/apic.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "request.h"
#include "sevabi/msr.h"

#define MSR_UCODE_REV       0x0000008b
#define MSR_MISC_ENABLE     0x000001a0
#define MSR_PLATFORM_INFO   0x000000ce
#define MSR_K7_HWCR         0xc0010015
#define MSR_TOP_MEM         0xc001001a
#define MSR_TOP_MEM2        0xc001001d
#define MSR_NB_CFG          0xc001001f
#define MSR_PSTATE_STATUS   0xc0010063
#define MSR_PSTATE0         0xc0010064
#define MSR_OSVW_ID_LENGTH  0xc0010140
#define MSR_OSVW_STATUS     0xc0010141
#define MSR_DE_CFG          0xc0011029
#define MSR_VIRT_SPEC_CTRL  0xc001011f
#define MSR_PRED_CMD        0x00000049
#define MSR_MTRR_PHYS_LAST  0x0000020f
#define MSR_MTRR_FIX_16K_A0 0x00000259
#define MSR_MTRR_FIX_4K_F8  0x0000026f
#define MTRR_VARIABLE_COUNT 8
#define MTRR_CAP_VALUE      (BIT(10) | BIT(8) | MTRR_VARIABLE_COUNT) /* WC, fixed ranges */
#define HWCR_TSC_FREQ_SEL   BIT(24)
#define UCODE_REVISION      0x01000065

/* Those with a value of their own per vCPU. */
static const uint32_t stored[] = {
	MSR_MTRR_DEF_TYPE, MSR_MTRR_FIX_64K_00000, MSR_MTRR_FIX_16K_80000, MSR_MTRR_FIX_16K_A0,
	MSR_PAT,           MSR_TSC_ADJUST,         MSR_SPEC_CTRL,          MSR_VIRT_SPEC_CTRL,
	MSR_MISC_ENABLE,   MSR_MCG_STATUS,         MSR_DEBUGCTL,           MSR_TSC_AUX,
	MSR_K7_HWCR,
};

/* Those that read as constants and ignore writes. */
static const struct {
	uint32_t msr;
	uint64_t value;
} constant[] = {
	{MSR_MTRR_CAP, MTRR_CAP_VALUE},
	{MSR_UCODE_REV, UCODE_REVISION},
	{MSR_MCG_CAP, 0},
	{MSR_PLATFORM_INFO, 0},
	{MSR_SYSCFG, 0},
	{MSR_TOP_MEM, 0},
	{MSR_TOP_MEM2, 0},
	{MSR_NB_CFG, 0},
	{MSR_PSTATE_STATUS, 0},
	{MSR_PSTATE0, 0},
	{MSR_OSVW_ID_LENGTH, 0},
	{MSR_OSVW_STATUS, 0},
	{MSR_DE_CFG, BIT(1)}, /* LFENCE serializes */
	{MSR_VM_CR, 0},
	{MSR_PRED_CMD, 0},
	{MSR_LAST_BRANCH_FROM, 0},
	{MSR_LAST_BRANCH_TO, 0},
	{MSR_LAST_INT_FROM, 0},
	{MSR_LAST_INT_TO, 0},
};

#define FIX_4K_COUNT   (MSR_MTRR_FIX_4K_F8 - MSR_MTRR_FIX_4K_C0000 + 1)
#define VARIABLE_COUNT (2 * MTRR_VARIABLE_COUNT)

static struct msr_values {
	uint64_t stored[ARRAY_SIZE(stored)];
	uint64_t fixed_4k[FIX_4K_COUNT];
	uint64_t variable[VARIABLE_COUNT];
} values[VCPU_MAX];

/* Where the MSR's value is kept, or NULL. */
static uint64_t *storage(struct plane *p, uint32_t msr)
{
	struct msr_values *v = &values[p->vcpu->index % VCPU_MAX];

	if (msr >= MSR_MTRR_PHYS_BASE0 && msr <= MSR_MTRR_PHYS_LAST)
		return &v->variable[msr - MSR_MTRR_PHYS_BASE0];
	if (msr >= MSR_MTRR_FIX_4K_C0000 && msr <= MSR_MTRR_FIX_4K_F8)
		return &v->fixed_4k[msr - MSR_MTRR_FIX_4K_C0000];
	for (unsigned i = 0; i < ARRAY_SIZE(stored); i++) {
		if (stored[i] == msr)
			return &v->stored[i];
	}
	return NULL;
}

static bool is_constant(uint32_t msr, uint64_t *value)
{
	for (unsigned i = 0; i < ARRAY_SIZE(constant); i++) {
		if (constant[i].msr == msr) {
			*value = constant[i].value;
			return true;
		}
	}
	return false;
}

static uint64_t guest_tsc(const struct plane *p)
{
	return __builtin_ia32_rdtsc() + p->vmcb->control.tsc_offset;
}

bool host_msr_read(struct plane *p, uint32_t msr, uint64_t *value)
{
	const uint64_t *kept = storage(p, msr);

	if (apic_owns_msr(msr))
		return apic_msr_read(p, msr, value);
	if (msr == MSR_TSC) {
		*value = guest_tsc(p);
		return true;
	}
	if (msr == MSR_PAT) {
		*value = p->vmcb->save.pat;
		return true;
	}
	if (kept) {
		*value = *kept | (msr == MSR_K7_HWCR ? HWCR_TSC_FREQ_SEL : 0);
		return true;
	}
	return is_constant(msr, value);
}

bool host_msr_write(struct plane *p, uint32_t msr, uint64_t value)
{
	uint64_t *kept = storage(p, msr);
	uint64_t ignored;

	if (apic_owns_msr(msr))
		return apic_msr_write(p, msr, value);
	if (msr == MSR_TSC) {
		p->vmcb->control.tsc_offset += value - guest_tsc(p);
		return true;
	}
	if (msr == MSR_PAT)
		p->vmcb->save.pat = value;
	if (kept) {
		*kept = value;
		return true;
	}
	return msr != MSR_MTRR_CAP && is_constant(msr, &ignored);
}

void event_msr(struct request *r)
{
	uint32_t msr = (uint32_t)r->rcx;
	bool write = r->info1 == 1, ok;
	uint64_t value = (r->rdx << 32) | (uint32_t)r->rax;

	if (r->info1 > 1) {
		request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
		return;
	}
	if (write && (!request_has(r, GHCB_VALID_RAX) || !request_has(r, GHCB_VALID_RDX))) {
		request_malformed(r, GHCB_MALFORMED_MISSING_INPUT);
		return;
	}
	ok = write ? host_msr_write(r->plane, msr, value) : host_msr_read(r->plane, msr, &value);
	if (!ok) {
		log_detail("vcpu %u vmpl %u: %s of unknown MSR %x", r->vcpu->index, r->plane->vmpl,
			   write ? "write" : "read", msr);
		request_raise_gp(r);
		return;
	}
	if (!write) {
		r->rax = (uint32_t)value;
		r->rdx = value >> 32;
	}
	r->result2 = 0;
}

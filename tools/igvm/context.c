/* SPDX-License-Identifier: MIT */
/* Entry state of the boot vCPU: 32-bit protected mode, paging off (bootabi.h, spec/igvm.md 9). */
#include <string.h>

#include "image.h"
#include "launch/measure.h"
#include "sevabi/msr.h"

#define CR0_PE_ET_NE 0x31
#define CR4_MCE      0x40
#define CODE_SEL     0x08
#define DATA_SEL     0x10
#define FLAT_LIMIT   0xffffffff
#define CODE_ATTR    0xc09b /* IGVM's 16 bits: G and D in 15:14, type and P in 7:0 */
#define DATA_ATTR    0xc093

void context_snp(struct vmsa *vmsa, const struct recipe *recipe)
{
	struct vmsa_segment data = {DATA_SEL, VMSA_ATTR_DATA32, FLAT_LIMIT, 0};

	launch_vmsa_reset(vmsa, recipe->sev_features, 0);
	vmsa->cs = (struct vmsa_segment){CODE_SEL, VMSA_ATTR_CODE32, FLAT_LIMIT, 0};
	vmsa->ds = data;
	vmsa->es = data;
	vmsa->ss = data;
	vmsa->fs = data;
	vmsa->gs = data;
	vmsa->cr0 = CR0_PE_ET_NE;
	vmsa->cr4 = CR4_MCE;
	vmsa->efer = EFER_SVME | EFER_NXE;
	vmsa->rip = recipe->region_base + BOOT_SHIM_OFFSET;
	vmsa->rax = BOOT_PLATFORM_SNP;
	vmsa->rsi = recipe->region_base + BOOT_PARAMS_OFFSET;
}

void context_native(struct igvm_native_context *context, const struct recipe *recipe)
{
	memset(context, 0, sizeof(*context));
	context->rax = BOOT_PLATFORM_NATIVE;
	context->rsi = recipe->region_base + BOOT_PARAMS_OFFSET;
	context->rip = recipe->region_base + BOOT_SHIM_OFFSET;
	context->rflags = VMSA_INIT_RFLAGS;
	context->code_selector = CODE_SEL;
	context->code_attributes = CODE_ATTR;
	context->code_limit = FLAT_LIMIT;
	context->data_selector = DATA_SEL;
	context->data_attributes = DATA_ATTR;
	context->data_limit = FLAT_LIMIT;
	context->cr0 = CR0_PE_ET_NE;
}

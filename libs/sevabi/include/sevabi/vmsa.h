/* SPDX-License-Identifier: MIT */
/* The VM save area of an SEV-ES or SEV-SNP vCPU (APM2 table B-4, snp-arch 2). */
#ifndef SEVABI_VMSA_H
#define SEVABI_VMSA_H

#include <stdint.h>

#include "base/compiler.h"

/* Attributes have 12 bits: descriptor bits 47:40 in 7:0, 55:52 in 11:8. */
struct vmsa_segment {
	uint16_t selector;
	uint16_t attributes;
	uint32_t limit;
	uint64_t base;
};
LAYOUT_SIZE(struct vmsa_segment, 16);

struct vmsa {
	struct vmsa_segment es, cs, ss, ds, fs, gs;
	struct vmsa_segment gdtr, ldtr, idtr, tr;
	uint64_t pl0_ssp, pl1_ssp, pl2_ssp, pl3_ssp;
	uint64_t u_cet;
	uint8_t reserved_0c8[2];
	uint8_t vmpl;
	uint8_t cpl;
	uint8_t reserved_0cc[4];
	uint64_t efer;
	uint8_t reserved_0d8[104];
	uint64_t xss;
	uint64_t cr4, cr3, cr0;
	uint64_t dr7, dr6;
	uint64_t rflags;
	uint64_t rip;
	uint64_t dr0, dr1, dr2, dr3;
	uint64_t dr0_addr_mask, dr1_addr_mask, dr2_addr_mask, dr3_addr_mask;
	uint8_t reserved_1c0[24];
	uint64_t rsp;
	uint64_t s_cet;
	uint64_t ssp;
	uint64_t interrupt_ssp_table;
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask;
	uint64_t kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2;
	uint8_t reserved_248[32];
	uint64_t g_pat;
	uint64_t dbgctl;
	uint64_t br_from, br_to;
	uint64_t last_excp_from, last_excp_to;
	uint8_t reserved_298[72];
	uint64_t spec_ctrl;
	uint32_t pkru;
	uint32_t tsc_aux;
	uint64_t guest_tsc_scale;
	uint64_t guest_tsc_offset;
	uint64_t reg_prot_nonce;
	uint64_t rcx, rdx, rbx;
	uint64_t secure_avic_control;
	uint64_t rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint8_t reserved_380[16];
	uint64_t guest_exitinfo1;
	uint64_t guest_exitinfo2;
	uint64_t guest_exitintinfo;
	uint64_t guest_nrip;
	uint64_t sev_features;
	uint64_t vintr_ctrl;
	uint64_t guest_exitcode;
	uint64_t virtual_tom;
	uint64_t tlb_id;
	uint64_t pcpu_id; /* 0 forces a full TLB flush on entry */
	uint64_t eventinj;
	uint64_t xcr0;
	uint8_t xsave_valid_bitmap[16];
	uint64_t x87_dp;
	uint32_t mxcsr;
	uint16_t x87_ftw;
	uint16_t x87_fsw;
	uint16_t x87_fcw;
	uint16_t x87_fop;
	uint16_t x87_ds;
	uint16_t x87_cs;
	uint64_t x87_rip;
	uint64_t x87_mantissa[8];
	uint16_t x87_exponent[8];
	uint8_t xmm[16][16];
	uint8_t ymm_high[16][16];
	uint8_t lbr_stack[256];
	uint64_t lbr_select;
	uint64_t ibs_fetch_ctl;
	uint64_t ibs_fetch_linaddr;
	uint64_t ibs_op_ctl;
	uint64_t ibs_op_rip;
	uint64_t ibs_op_data;
	uint64_t ibs_op_data2;
	uint64_t ibs_op_data3;
	uint64_t ibs_dc_linaddr;
	uint64_t bp_ibstgt_rip;
	uint64_t ic_ibs_extd_ctl;
	uint8_t reserved_7c8[2104];
};
LAYOUT_SIZE(struct vmsa, 4096);
LAYOUT_AT(struct vmsa, es, 0x000);
LAYOUT_AT(struct vmsa, cs, 0x010);
LAYOUT_AT(struct vmsa, ss, 0x020);
LAYOUT_AT(struct vmsa, ds, 0x030);
LAYOUT_AT(struct vmsa, fs, 0x040);
LAYOUT_AT(struct vmsa, gs, 0x050);
LAYOUT_AT(struct vmsa, gdtr, 0x060);
LAYOUT_AT(struct vmsa, ldtr, 0x070);
LAYOUT_AT(struct vmsa, idtr, 0x080);
LAYOUT_AT(struct vmsa, tr, 0x090);
LAYOUT_AT(struct vmsa, pl0_ssp, 0x0a0);
LAYOUT_AT(struct vmsa, pl3_ssp, 0x0b8);
LAYOUT_AT(struct vmsa, u_cet, 0x0c0);
LAYOUT_AT(struct vmsa, vmpl, 0x0ca);
LAYOUT_AT(struct vmsa, cpl, 0x0cb);
LAYOUT_AT(struct vmsa, efer, 0x0d0);
LAYOUT_AT(struct vmsa, xss, 0x140);
LAYOUT_AT(struct vmsa, cr4, 0x148);
LAYOUT_AT(struct vmsa, cr3, 0x150);
LAYOUT_AT(struct vmsa, cr0, 0x158);
LAYOUT_AT(struct vmsa, dr7, 0x160);
LAYOUT_AT(struct vmsa, dr6, 0x168);
LAYOUT_AT(struct vmsa, rflags, 0x170);
LAYOUT_AT(struct vmsa, rip, 0x178);
LAYOUT_AT(struct vmsa, dr0, 0x180);
LAYOUT_AT(struct vmsa, dr0_addr_mask, 0x1a0);
LAYOUT_AT(struct vmsa, rsp, 0x1d8);
LAYOUT_AT(struct vmsa, s_cet, 0x1e0);
LAYOUT_AT(struct vmsa, ssp, 0x1e8);
LAYOUT_AT(struct vmsa, interrupt_ssp_table, 0x1f0);
LAYOUT_AT(struct vmsa, rax, 0x1f8);
LAYOUT_AT(struct vmsa, star, 0x200);
LAYOUT_AT(struct vmsa, lstar, 0x208);
LAYOUT_AT(struct vmsa, cstar, 0x210);
LAYOUT_AT(struct vmsa, sfmask, 0x218);
LAYOUT_AT(struct vmsa, kernel_gs_base, 0x220);
LAYOUT_AT(struct vmsa, sysenter_cs, 0x228);
LAYOUT_AT(struct vmsa, sysenter_esp, 0x230);
LAYOUT_AT(struct vmsa, sysenter_eip, 0x238);
LAYOUT_AT(struct vmsa, cr2, 0x240);
LAYOUT_AT(struct vmsa, g_pat, 0x268);
LAYOUT_AT(struct vmsa, dbgctl, 0x270);
LAYOUT_AT(struct vmsa, br_from, 0x278);
LAYOUT_AT(struct vmsa, last_excp_to, 0x290);
LAYOUT_AT(struct vmsa, spec_ctrl, 0x2e0);
LAYOUT_AT(struct vmsa, pkru, 0x2e8);
LAYOUT_AT(struct vmsa, tsc_aux, 0x2ec);
LAYOUT_AT(struct vmsa, guest_tsc_scale, 0x2f0);
LAYOUT_AT(struct vmsa, guest_tsc_offset, 0x2f8);
LAYOUT_AT(struct vmsa, reg_prot_nonce, 0x300);
LAYOUT_AT(struct vmsa, rcx, 0x308);
LAYOUT_AT(struct vmsa, rdx, 0x310);
LAYOUT_AT(struct vmsa, rbx, 0x318);
LAYOUT_AT(struct vmsa, secure_avic_control, 0x320);
LAYOUT_AT(struct vmsa, rbp, 0x328);
LAYOUT_AT(struct vmsa, rsi, 0x330);
LAYOUT_AT(struct vmsa, rdi, 0x338);
LAYOUT_AT(struct vmsa, r8, 0x340);
LAYOUT_AT(struct vmsa, r15, 0x378);
LAYOUT_AT(struct vmsa, guest_exitinfo1, 0x390);
LAYOUT_AT(struct vmsa, guest_exitinfo2, 0x398);
LAYOUT_AT(struct vmsa, guest_exitintinfo, 0x3a0);
LAYOUT_AT(struct vmsa, guest_nrip, 0x3a8);
LAYOUT_AT(struct vmsa, sev_features, 0x3b0);
LAYOUT_AT(struct vmsa, vintr_ctrl, 0x3b8);
LAYOUT_AT(struct vmsa, guest_exitcode, 0x3c0);
LAYOUT_AT(struct vmsa, virtual_tom, 0x3c8);
LAYOUT_AT(struct vmsa, tlb_id, 0x3d0);
LAYOUT_AT(struct vmsa, pcpu_id, 0x3d8);
LAYOUT_AT(struct vmsa, eventinj, 0x3e0);
LAYOUT_AT(struct vmsa, xcr0, 0x3e8);
LAYOUT_AT(struct vmsa, xsave_valid_bitmap, 0x3f0);
LAYOUT_AT(struct vmsa, x87_dp, 0x400);
LAYOUT_AT(struct vmsa, mxcsr, 0x408);
LAYOUT_AT(struct vmsa, x87_ftw, 0x40c);
LAYOUT_AT(struct vmsa, x87_fsw, 0x40e);
LAYOUT_AT(struct vmsa, x87_fcw, 0x410);
LAYOUT_AT(struct vmsa, x87_rip, 0x418);
LAYOUT_AT(struct vmsa, x87_mantissa, 0x420);
LAYOUT_AT(struct vmsa, x87_exponent, 0x460);
LAYOUT_AT(struct vmsa, xmm, 0x470);
LAYOUT_AT(struct vmsa, ymm_high, 0x570);
LAYOUT_AT(struct vmsa, lbr_stack, 0x670);
LAYOUT_AT(struct vmsa, lbr_select, 0x770);
LAYOUT_AT(struct vmsa, ibs_fetch_ctl, 0x778);
LAYOUT_AT(struct vmsa, ibs_op_ctl, 0x788);
LAYOUT_AT(struct vmsa, ibs_dc_linaddr, 0x7b0);
LAYOUT_AT(struct vmsa, bp_ibstgt_rip, 0x7b8);
LAYOUT_AT(struct vmsa, ic_ibs_extd_ctl, 0x7c0);

/* VMSA.SEV_FEATURES. SEV_STATUS has the same bits two to the left (snp-arch 1.1). */
#define SEV_FEATURE_SNP                  (1ULL << 0)
#define SEV_FEATURE_VTOM                 (1ULL << 1)
#define SEV_FEATURE_REFLECT_VC           (1ULL << 2)
#define SEV_FEATURE_RESTRICTED_INJECTION (1ULL << 3)
#define SEV_FEATURE_ALTERNATE_INJECTION  (1ULL << 4)
#define SEV_FEATURE_DEBUG_SWAP           (1ULL << 5)
#define SEV_FEATURE_PREVENT_HOST_IBS     (1ULL << 6)
#define SEV_FEATURE_BTB_ISOLATION        (1ULL << 7)
#define SEV_FEATURE_VMPL_SSS             (1ULL << 8)
#define SEV_FEATURE_SECURE_TSC           (1ULL << 9)
#define SEV_FEATURE_VMGEXIT_PARAMETER    (1ULL << 10)
#define SEV_FEATURE_PMC_VIRTUALIZATION   (1ULL << 11)
#define SEV_FEATURE_IBS_VIRTUALIZATION   (1ULL << 12)
#define SEV_FEATURE_GUEST_INTERCEPT_CTL  (1ULL << 13)
#define SEV_FEATURE_VMSA_REG_PROTECTION  (1ULL << 14)
#define SEV_FEATURE_SMT_PROTECTION       (1ULL << 15)
#define SEV_FEATURE_SECURE_AVIC          (1ULL << 16)
#define SEV_FEATURE_IBPB_ON_ENTRY        (1ULL << 21)
#define SEV_FEATURE_ALLOWED_VALID        (1ULL << 63)

/* MSR_SEV_STATUS */
#define SEV_STATUS_SEV              (1ULL << 0)
#define SEV_STATUS_SEV_ES           (1ULL << 1)
#define SEV_STATUS_SNP              (1ULL << 2)
#define SEV_STATUS_FEATURES_SHIFT   2
#define SEV_STATUS_FROM_FEATURES(f) (((f) << 2) | SEV_STATUS_SEV | SEV_STATUS_SEV_ES)

/* VMSA.VINTR_CTRL */
#define VINTR_TPR_MASK         0xffULL
#define VINTR_IRQ              (1ULL << 8)
#define VINTR_GIF              (1ULL << 9)
#define VINTR_INTERRUPT_SHADOW (1ULL << 10)
#define VINTR_NMI              (1ULL << 11)
#define VINTR_NMI_MASK         (1ULL << 12)
#define VINTR_PRIORITY_SHIFT   16
#define VINTR_PRIORITY_MASK    (0xfULL << 16)
#define VINTR_IGNORE_TPR       (1ULL << 20)
#define VINTR_NMI_ENABLE       (1ULL << 26)
#define VINTR_VECTOR_SHIFT     32
#define VINTR_VECTOR_MASK      (0xffULL << 32)
#define VINTR_BUSY             (1ULL << 63)

/* Initial register values (APM2 14.1.3, snp-arch 2.2). */
#define VMSA_INIT_CR0      0x60000010ULL
#define VMSA_INIT_RFLAGS   0x2ULL
#define VMSA_INIT_DR6      0xffff0ff0ULL
#define VMSA_INIT_DR7      0x400ULL
#define VMSA_INIT_PAT      0x0007040600070406ULL
#define VMSA_INIT_XCR0     0x1ULL
#define VMSA_INIT_MXCSR    0x1f80U
#define VMSA_INIT_X87_FTW  0x5555U
#define VMSA_INIT_X87_FCW  0x0040U
#define VMSA_INIT_LIMIT    0xffffU
#define VMSA_ATTR_CODE16   0x09b /* present, code, read, accessed */
#define VMSA_ATTR_DATA16   0x093
#define VMSA_ATTR_LDTR     0x082
#define VMSA_ATTR_TR       0x08b
#define VMSA_ATTR_CODE32   0xc9b
#define VMSA_ATTR_CODE64   0xa9b
#define VMSA_ATTR_DATA32   0xc93
#define VMSA_RESET_CS_SEL  0xf000
#define VMSA_RESET_CS_BASE 0xffff0000ULL
#define VMSA_RESET_RIP     0xfff0ULL

/* Where KVM measures a VMSA at launch (the GPA in PAGE_INFO). */
#define VMSA_LAUNCH_GPA 0x0000fffffffff000ULL

#endif

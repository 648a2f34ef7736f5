/* SPDX-License-Identifier: MIT */
/* Model-specific registers of an SEV-SNP guest and its host (snp-arch 1, APM2 15.34-15.36). */
#ifndef SEVABI_MSR_H
#define SEVABI_MSR_H

/* --- SEV-SNP ------------------------------------------------------------------------- */
#define MSR_SYSCFG           0xc0010010 /* host */
#define MSR_VM_HSAVE_PA      0xc0010117 /* host */
#define MSR_VM_CR            0xc0010114 /* host */
#define MSR_GHCB             0xc0010130 /* guest: read, write; never intercepted by hardware */
#define MSR_SEV_STATUS       0xc0010131 /* guest: read only, per VMSA; bits in vmsa.h */
#define MSR_RMP_BASE         0xc0010132 /* host */
#define MSR_RMP_END          0xc0010133 /* host */
#define MSR_GUEST_TSC_FREQ   0xc0010134 /* guest, with Secure TSC: MHz in 17:0 */
#define MSR_VIRTUAL_TOM      0xc0010135 /* guest, with CPUID 0x8000001F EAX[18] */
#define MSR_IDLE_WAKEUP_ICR  0xc0010137 /* guest */
#define MSR_SAVIC_CONTROL    0xc0010138 /* guest: 0 enable, 1 NMI allowed, 51:12 backing page */
#define MSR_SVSM_CAA         0xc001f000 /* software only: answered by the guest's own #VC handler */
#define MSR_PAGE_STATE_FLUSH 0xc001011e /* VM page flush */

#define SYSCFG_SNP_EN  0x01000000
#define SYSCFG_VMPL_EN 0x02000000

#define GUEST_TSC_FREQ_MHZ_MASK 0x3ffff

#define SAVIC_CONTROL_ENABLE      0x1
#define SAVIC_CONTROL_ALLOWED_NMI 0x2

/* --- Architectural ------------------------------------------------------------------- */
#define MSR_TSC                0x00000010
#define MSR_APIC_BASE          0x0000001b
#define MSR_SPEC_CTRL          0x00000048
#define MSR_TSC_ADJUST         0x0000003b
#define MSR_MTRR_CAP           0x000000fe
#define MSR_SYSENTER_CS        0x00000174
#define MSR_SYSENTER_ESP       0x00000175
#define MSR_SYSENTER_EIP       0x00000176
#define MSR_MCG_CAP            0x00000179
#define MSR_MCG_STATUS         0x0000017a
#define MSR_DEBUGCTL           0x000001d9
#define MSR_LAST_BRANCH_FROM   0x000001db
#define MSR_LAST_BRANCH_TO     0x000001dc
#define MSR_LAST_INT_FROM      0x000001dd
#define MSR_LAST_INT_TO        0x000001de
#define MSR_MTRR_PHYS_BASE0    0x00000200
#define MSR_MTRR_PHYS_MASK0    0x00000201
#define MSR_MTRR_FIX_64K_00000 0x00000250
#define MSR_MTRR_FIX_16K_80000 0x00000258
#define MSR_MTRR_FIX_4K_C0000  0x00000268
#define MSR_PAT                0x00000277
#define MSR_MTRR_DEF_TYPE      0x000002ff
#define MSR_U_CET              0x000006a0
#define MSR_S_CET              0x000006a2
#define MSR_PL0_SSP            0x000006a4
#define MSR_PL1_SSP            0x000006a5
#define MSR_PL2_SSP            0x000006a6
#define MSR_PL3_SSP            0x000006a7
#define MSR_ISST_ADDR          0x000006a8
#define MSR_TSC_DEADLINE       0x000006e0
#define MSR_XSS                0x00000da0
#define MSR_EFER               0xc0000080
#define MSR_STAR               0xc0000081
#define MSR_LSTAR              0xc0000082
#define MSR_CSTAR              0xc0000083
#define MSR_SFMASK             0xc0000084
#define MSR_FS_BASE            0xc0000100
#define MSR_GS_BASE            0xc0000101
#define MSR_KERNEL_GS_BASE     0xc0000102
#define MSR_TSC_AUX            0xc0000103
#define MSR_TSC_RATIO          0xc0000104

#define APIC_BASE_BSP       0x100
#define APIC_BASE_X2APIC    0x400
#define APIC_BASE_ENABLE    0x800
#define APIC_BASE_ADDR_MASK 0x000ffffffffff000

#define EFER_SCE   0x0001
#define EFER_LME   0x0100
#define EFER_LMA   0x0400
#define EFER_NXE   0x0800
#define EFER_SVME  0x1000
#define EFER_LMSLE 0x2000
#define EFER_FFXSR 0x4000
#define EFER_TCE   0x8000

#define VM_CR_DPD         0x01
#define VM_CR_R_INIT      0x02
#define VM_CR_DIS_A20M    0x04
#define VM_CR_LOCK        0x08
#define VM_CR_SVM_DISABLE 0x10

/* --- x2APIC: MSR number = base + (xAPIC offset >> 4) ------------------------------------ */
#define MSR_X2APIC_BASE          0x800
#define MSR_X2APIC_ID            0x802
#define MSR_X2APIC_VERSION       0x803
#define MSR_X2APIC_TPR           0x808
#define MSR_X2APIC_PPR           0x80a
#define MSR_X2APIC_EOI           0x80b
#define MSR_X2APIC_LDR           0x80d
#define MSR_X2APIC_SVR           0x80f
#define MSR_X2APIC_ISR0          0x810
#define MSR_X2APIC_TMR0          0x818
#define MSR_X2APIC_IRR0          0x820
#define MSR_X2APIC_ESR           0x828
#define MSR_X2APIC_LVT_CMCI      0x82f
#define MSR_X2APIC_ICR           0x830
#define MSR_X2APIC_LVT_TIMER     0x832
#define MSR_X2APIC_LVT_THERMAL   0x833
#define MSR_X2APIC_LVT_PMC       0x834
#define MSR_X2APIC_LVT_LINT0     0x835
#define MSR_X2APIC_LVT_LINT1     0x836
#define MSR_X2APIC_LVT_ERROR     0x837
#define MSR_X2APIC_TIMER_INITIAL 0x838
#define MSR_X2APIC_TIMER_CURRENT 0x839
#define MSR_X2APIC_TIMER_DIVIDE  0x83e
#define MSR_X2APIC_SELF_IPI      0x83f
#define MSR_X2APIC_LAST          0x8ff

#endif

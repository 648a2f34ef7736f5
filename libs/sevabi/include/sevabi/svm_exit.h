/* SPDX-License-Identifier: MIT */
/*
 * SVM exit codes (APM2 appendix C, snp-arch 7). In an SEV-ES guest the non-automatic ones
 * arrive as #VC with the same number as error code, and GHCB SW_EXITCODE below 0x800 uses
 * them too.
 */
#ifndef SEVABI_SVM_EXIT_H
#define SEVABI_SVM_EXIT_H

#define SVM_EXIT_READ_CR0        0x000 /* + CR number */
#define SVM_EXIT_WRITE_CR0       0x010
#define SVM_EXIT_READ_DR0        0x020
#define SVM_EXIT_READ_DR7        0x027
#define SVM_EXIT_WRITE_DR0       0x030
#define SVM_EXIT_WRITE_DR7       0x037
#define SVM_EXIT_EXCP_BASE       0x040 /* + vector, 0 to 31 */
#define SVM_EXIT_EXCP_DB         0x041
#define SVM_EXIT_EXCP_BP         0x043
#define SVM_EXIT_EXCP_UD         0x046
#define SVM_EXIT_EXCP_PF         0x04e
#define SVM_EXIT_EXCP_AC         0x051
#define SVM_EXIT_EXCP_MC         0x052
#define SVM_EXIT_INTR            0x060
#define SVM_EXIT_NMI             0x061
#define SVM_EXIT_SMI             0x062
#define SVM_EXIT_INIT            0x063
#define SVM_EXIT_VINTR           0x064
#define SVM_EXIT_CR0_SEL_WRITE   0x065
#define SVM_EXIT_IDTR_READ       0x066
#define SVM_EXIT_GDTR_READ       0x067
#define SVM_EXIT_LDTR_READ       0x068
#define SVM_EXIT_TR_READ         0x069
#define SVM_EXIT_IDTR_WRITE      0x06a
#define SVM_EXIT_GDTR_WRITE      0x06b
#define SVM_EXIT_LDTR_WRITE      0x06c
#define SVM_EXIT_TR_WRITE        0x06d
#define SVM_EXIT_RDTSC           0x06e
#define SVM_EXIT_RDPMC           0x06f
#define SVM_EXIT_PUSHF           0x070
#define SVM_EXIT_POPF            0x071
#define SVM_EXIT_CPUID           0x072
#define SVM_EXIT_RSM             0x073
#define SVM_EXIT_IRET            0x074
#define SVM_EXIT_SWINT           0x075
#define SVM_EXIT_INVD            0x076
#define SVM_EXIT_PAUSE           0x077
#define SVM_EXIT_HLT             0x078
#define SVM_EXIT_INVLPG          0x079
#define SVM_EXIT_INVLPGA         0x07a
#define SVM_EXIT_IOIO            0x07b
#define SVM_EXIT_MSR             0x07c
#define SVM_EXIT_TASK_SWITCH     0x07d
#define SVM_EXIT_FERR_FREEZE     0x07e
#define SVM_EXIT_SHUTDOWN        0x07f
#define SVM_EXIT_VMRUN           0x080
#define SVM_EXIT_VMMCALL         0x081
#define SVM_EXIT_VMLOAD          0x082
#define SVM_EXIT_VMSAVE          0x083
#define SVM_EXIT_STGI            0x084
#define SVM_EXIT_CLGI            0x085
#define SVM_EXIT_SKINIT          0x086
#define SVM_EXIT_RDTSCP          0x087
#define SVM_EXIT_ICEBP           0x088
#define SVM_EXIT_WBINVD          0x089
#define SVM_EXIT_MONITOR         0x08a
#define SVM_EXIT_MWAIT           0x08b
#define SVM_EXIT_MWAIT_ARMED     0x08c
#define SVM_EXIT_XSETBV          0x08d
#define SVM_EXIT_RDPRU           0x08e
#define SVM_EXIT_EFER_WRITE_TRAP 0x08f
#define SVM_EXIT_CR0_WRITE_TRAP  0x090 /* + CR number; value in EXITINFO1 */
#define SVM_EXIT_CR3_WRITE_TRAP  0x093
#define SVM_EXIT_CR4_WRITE_TRAP  0x094
#define SVM_EXIT_CR8_WRITE_TRAP  0x098
#define SVM_EXIT_INVLPGB         0x0a0
#define SVM_EXIT_INVLPGB_ILLEGAL 0x0a1
#define SVM_EXIT_INVPCID         0x0a2
#define SVM_EXIT_MCOMMIT         0x0a3
#define SVM_EXIT_TLBSYNC         0x0a4
#define SVM_EXIT_BUS_LOCK        0x0a5
#define SVM_EXIT_IDLE_HLT        0x0a6

#define SVM_EXIT_NPF                  0x400 /* as #VC: MMIO */
#define SVM_EXIT_AVIC_INCOMPLETE_IPI  0x401
#define SVM_EXIT_AVIC_NO_ACCELERATION 0x402
#define SVM_EXIT_VMGEXIT              0x403
#define SVM_EXIT_PAGE_NOT_VALIDATED   0x404 /* #VC only */
#define SVM_EXIT_NOT_RESTARTABLE      0x406

/* Failures of VMRUN itself; 64 bits in the VMCB (32 in QEMU 7.2: compare the low half). */
#define SVM_EXIT_INVALID       0xffffffffffffffff /* -1 */
#define SVM_EXIT_BUSY          0xfffffffffffffffe /* -2: VMSA in use */
#define SVM_EXIT_IDLE_REQUIRED 0xfffffffffffffffd /* -3: SMT sibling not idle */
#define SVM_EXIT_INVALID_PMC   0xfffffffffffffffc /* -4 */

/* Exception vectors with a meaning of their own here. */
#define VECTOR_DB  1
#define VECTOR_NMI 2
#define VECTOR_UD  6
#define VECTOR_DF  8
#define VECTOR_GP  13
#define VECTOR_PF  14
#define VECTOR_AC  17
#define VECTOR_MC  18
#define VECTOR_CP  21
#define VECTOR_HV  28
#define VECTOR_VC  29
#define VECTOR_SX  30

/* EVENTINJ, EXITINTINFO and the exception form of GHCB SW_EXITINFO2 (APM2 15.20). */
#define EVENT_VECTOR_MASK    0xff
#define EVENT_TYPE_MASK      0x700
#define EVENT_TYPE_INTR      0x000
#define EVENT_TYPE_NMI       0x200
#define EVENT_TYPE_EXCEPTION 0x300
#define EVENT_TYPE_SOFTWARE  0x400
#define EVENT_ERROR_VALID    0x800
#define EVENT_VALID          0x80000000
#define EVENT_ERROR_SHIFT    32

#endif

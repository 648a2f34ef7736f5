/* SPDX-License-Identifier: MIT */
/* The VMCB and the exit codes of AMD SVM (APM2 appendix B and C). Layout only. */
#ifndef HUSK_SVM_H
#define HUSK_SVM_H

#include "base/compiler.h"
#include "base/types.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

struct svm_segment {
	uint16_t selector;
	uint16_t attributes; /* descriptor bits 47:40 in 7:0, 55:52 in 11:8 */
	uint32_t limit;
	uint64_t base;
};
LAYOUT_SIZE(struct svm_segment, 16);

struct vmcb_control {
	uint32_t intercept_cr; /* reads 15:0, writes 31:16 */
	uint32_t intercept_dr;
	uint32_t intercept_exceptions;
	uint32_t intercept_misc1;
	uint32_t intercept_misc2;
	uint8_t reserved0[0x40 - 0x14];
	uint64_t iopm_base;
	uint64_t msrpm_base;
	uint64_t tsc_offset;
	uint32_t asid;
	uint32_t tlb_control;
	uint32_t interrupt_control;
	uint32_t interrupt_vector;
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info1;
	uint64_t exit_info2;
	uint64_t exit_interrupt_info;
	uint64_t nested_control;
	uint64_t avic_bar;
	uint64_t ghcb_gpa;
	uint64_t event_injection;
	uint64_t nested_cr3;
	uint64_t lbr_control;
	uint64_t clean;
	uint64_t next_rip;
	uint8_t reserved1[0x400 - 0xd0];
};
LAYOUT_AT(struct vmcb_control, exit_code, 0x70);
LAYOUT_AT(struct vmcb_control, event_injection, 0xa8);
LAYOUT_AT(struct vmcb_control, next_rip, 0xc8);
LAYOUT_SIZE(struct vmcb_control, 0x400);

struct vmcb_save {
	struct svm_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved0[0xcb - 0xa0];
	uint8_t cpl;
	uint8_t reserved1[4];
	uint64_t efer;
	uint8_t reserved2[0x148 - 0xd8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t reserved3[0x1d8 - 0x180];
	uint64_t rsp;
	uint8_t reserved4[0x1f8 - 0x1e0];
	uint64_t rax, star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	uint8_t reserved5[0x268 - 0x248];
	uint64_t pat, debug_control, br_from, br_to, last_exception_from, last_exception_to;
	uint8_t reserved6[0xc00 - 0x298];
};
LAYOUT_AT(struct vmcb_save, efer, 0xd0);
LAYOUT_AT(struct vmcb_save, rip, 0x178);
LAYOUT_AT(struct vmcb_save, rax, 0x1f8);
LAYOUT_AT(struct vmcb_save, cr2, 0x240);
LAYOUT_AT(struct vmcb_save, pat, 0x268);

struct vmcb {
	struct vmcb_control control;
	struct vmcb_save save;
};
LAYOUT_SIZE(struct vmcb, 4096);

/* Bits of intercept_misc1 (bit n: exit code 0x60 + n) and misc2 (bit n: exit code 0x80 + n). */
#define INTERCEPT1(exit) (1U << ((exit)-0x60))
#define INTERCEPT2(exit) (1U << ((exit)-0x80))

#define INTERCEPT_WRITE_CR8 (1U << 24)
#define EXIT_WRITE_CR8      (SVM_EXIT_WRITE_CR0 + 8)

/* EXITINFO1 of a nested page fault (snp-arch 6). */
#define NPF_PRESENT   BIT(0)
#define NPF_WRITE     BIT(1)
#define NPF_USER      BIT(2)
#define NPF_FETCH     BIT(4)
#define NPF_RMP       BIT(31)
#define NPF_FINAL     BIT(32)
#define NPF_PAGE_WALK BIT(33)
#define NPF_ENCRYPTED BIT(34)
#define NPF_SIZE      BIT(35)
#define NPF_VMPL      BIT(36)

#define CR0_PE BIT(0)
#define CR0_ET BIT(4)
#define CR0_WP BIT(16)
#define CR0_PG BIT(31)

#define CR4_PSE  BIT(4)
#define CR4_PAE  BIT(5)
#define CR4_LA57 BIT(12)
#define CR4_SMEP BIT(20)
#define CR4_SMAP BIT(21)

#define RFLAGS_CF BIT(0)
#define RFLAGS_ZF BIT(6)
#define RFLAGS_TF BIT(8)
#define RFLAGS_IF BIT(9)
#define RFLAGS_NT BIT(14)
#define RFLAGS_RF BIT(16)
#define RFLAGS_VM BIT(17)

#endif

/* SPDX-License-Identifier: MIT */
/* GHCB: MSR protocol, page, events (AMD 56421; ghcb sheet sections in parentheses). */
#ifndef SEVABI_GHCB_H
#define SEVABI_GHCB_H

/* --- MSR protocol (1): GHCBInfo is bits 11:0 ---------------------------------------------- */
#define GHCB_MSR_INFO_MASK          0xfff
#define GHCB_MSR_GPA                0x000 /* the other bits are the GHCB page's GPA */
#define GHCB_MSR_SEV_INFO           0x001 /* response, and the reset value */
#define GHCB_MSR_SEV_INFO_REQ       0x002
#define GHCB_MSR_CPUID_REQ          0x004
#define GHCB_MSR_CPUID_RESP         0x005
#define GHCB_MSR_AP_RESET_HOLD_REQ  0x006
#define GHCB_MSR_AP_RESET_HOLD_RESP 0x007
#define GHCB_MSR_PREF_GPA_REQ       0x010
#define GHCB_MSR_PREF_GPA_RESP      0x011
#define GHCB_MSR_REGISTER_GPA_REQ   0x012
#define GHCB_MSR_REGISTER_GPA_RESP  0x013
#define GHCB_MSR_PSC_REQ            0x014
#define GHCB_MSR_PSC_RESP           0x015
#define GHCB_MSR_RUN_VMPL_REQ       0x016
#define GHCB_MSR_RUN_VMPL_RESP      0x017
#define GHCB_MSR_FEATURES_REQ       0x080
#define GHCB_MSR_FEATURES_RESP      0x081
#define GHCB_MSR_TERMINATE_REQ      0x100

/* SEV information */
#define GHCB_MSR_SEV_INFO_MAX_SHIFT  48
#define GHCB_MSR_SEV_INFO_MIN_SHIFT  32
#define GHCB_MSR_SEV_INFO_CBIT_SHIFT 24

/* Terminate: 15:12 reason set, 23:16 reason code */
#define GHCB_MSR_TERMINATE_SET_SHIFT  12
#define GHCB_MSR_TERMINATE_CODE_SHIFT 16

/* Protocol version that SNP needs */
#define GHCB_PROTOCOL_MIN 1
#define GHCB_PROTOCOL_MAX 2

#ifndef __ASSEMBLER__

#include <stdint.h>

#include "base/compiler.h"

#define GHCB_MSR_INFO(msr) ((uint64_t)(msr)&GHCB_MSR_INFO_MASK)
#define GHCB_MSR_DATA(msr) ((uint64_t)(msr) >> 12)

#define GHCB_MSR_SEV_INFO_MAX(msr)  ((uint16_t)((uint64_t)(msr) >> 48))
#define GHCB_MSR_SEV_INFO_MIN(msr)  ((uint16_t)((uint64_t)(msr) >> 32))
#define GHCB_MSR_SEV_INFO_CBIT(msr) ((uint8_t)((uint64_t)(msr) >> 24))
#define GHCB_MSR_SEV_INFO_VALUE(max, min, cbit)                                         \
	(((uint64_t)(max) << 48) | ((uint64_t)(min) << 32) | ((uint64_t)(cbit) << 24) | \
	 GHCB_MSR_SEV_INFO)

/* Register selector of the CPUID request, bits 31:30 */
enum ghcb_cpuid_register {
	GHCB_CPUID_EAX = 0,
	GHCB_CPUID_EBX = 1,
	GHCB_CPUID_ECX = 2,
	GHCB_CPUID_EDX = 3,
};
#define GHCB_MSR_CPUID_REQ_VALUE(fn, reg) \
	(((uint64_t)(fn) << 32) | ((uint64_t)(reg) << 30) | GHCB_MSR_CPUID_REQ)
#define GHCB_MSR_CPUID_RESP_VALUE(value, reg) \
	(((uint64_t)(value) << 32) | ((uint64_t)(reg) << 30) | GHCB_MSR_CPUID_RESP)
#define GHCB_MSR_CPUID_FUNCTION(msr) ((uint32_t)((uint64_t)(msr) >> 32))
#define GHCB_MSR_CPUID_VALUE(msr)    ((uint32_t)((uint64_t)(msr) >> 32))
#define GHCB_MSR_CPUID_REGISTER(msr) ((uint32_t)((uint64_t)(msr) >> 30) & 3U)

/* GFN in 63:12; all ones: no preference (preferred), failure (register). */
#define GHCB_MSR_GFN_NONE                     0xfffffffffffffULL
#define GHCB_MSR_REGISTER_GPA_REQ_VALUE(gpa)  ((uint64_t)(gpa) | GHCB_MSR_REGISTER_GPA_REQ)
#define GHCB_MSR_REGISTER_GPA_RESP_VALUE(gfn) (((uint64_t)(gfn) << 12) | GHCB_MSR_REGISTER_GPA_RESP)
#define GHCB_MSR_PREF_GPA_RESP_VALUE(gfn)     (((uint64_t)(gfn) << 12) | GHCB_MSR_PREF_GPA_RESP)

/* Page state change: one 4 KiB page. 55:52 operation, 51:12 GFN (the GPA, in place). */
#define GHCB_MSR_PSC_REQ_VALUE(gpa, op) \
	(((uint64_t)(op) << 52) | ((uint64_t)(gpa)&0x000ffffffffff000ULL) | GHCB_MSR_PSC_REQ)
#define GHCB_MSR_PSC_OP(msr)            ((uint32_t)((uint64_t)(msr) >> 52) & 0xfU)
#define GHCB_MSR_PSC_GPA(msr)           ((uint64_t)(msr)&0x000ffffffffff000ULL)
#define GHCB_MSR_PSC_RESP_VALUE(error)  (((uint64_t)(error) << 32) | GHCB_MSR_PSC_RESP)
#define GHCB_MSR_PSC_RESP_ERROR(msr)    ((uint32_t)((uint64_t)(msr) >> 32))
#define GHCB_MSR_PSC_RESP_RESERVED(msr) ((uint32_t)((uint64_t)(msr)&0xfffff000ULL))

/* Run VMPL: request 39:32 VMPL; response 63:32 error, 31:12 zero. */
#define GHCB_MSR_RUN_VMPL_REQ_VALUE(vmpl)   (((uint64_t)(vmpl) << 32) | GHCB_MSR_RUN_VMPL_REQ)
#define GHCB_MSR_RUN_VMPL(msr)              ((uint8_t)((uint64_t)(msr) >> 32))
#define GHCB_MSR_RUN_VMPL_RESP_VALUE(error) (((uint64_t)(error) << 32) | GHCB_MSR_RUN_VMPL_RESP)
#define GHCB_MSR_RUN_VMPL_RESP_ERROR(msr)   ((uint32_t)((uint64_t)(msr) >> 32))

#define GHCB_MSR_FEATURES_RESP_VALUE(bits) (((uint64_t)(bits) << 12) | GHCB_MSR_FEATURES_RESP)
#define GHCB_MSR_AP_RESET_HOLD_RESP_VALUE(woken) \
	(((uint64_t)(woken) << 12) | GHCB_MSR_AP_RESET_HOLD_RESP)

#define GHCB_MSR_TERMINATE_VALUE(set, code) \
	((((uint64_t)(code)&0xff) << 16) | (((uint64_t)(set)&0xf) << 12) | GHCB_MSR_TERMINATE_REQ)
#define GHCB_MSR_TERMINATE_SET(msr)  ((uint8_t)(((uint64_t)(msr) >> 12) & 0xf))
#define GHCB_MSR_TERMINATE_CODE(msr) ((uint8_t)((uint64_t)(msr) >> 16))

#endif

/* --- Termination reasons (1) ------------------------------------------------------------------ */
#define GHCB_TERM_SET_GENERAL 0
#define GHCB_TERM_SET_LINUX   1 /* edk2 too */
#define GHCB_TERM_SET_COPRA   5 /* codes: the kernel's numbered stop reasons */
#define GHCB_TERM_SET_SHIM    6 /* codes: the boot shim's, boot/README.md */

#define GHCB_TERM_GENERAL      0 /* set 0 */
#define GHCB_TERM_PROTOCOL     1
#define GHCB_TERM_SNP_FEATURES 2

#define GHCB_TERM_LINUX_REGISTER    0 /* set 1 */
#define GHCB_TERM_LINUX_PSC         1
#define GHCB_TERM_LINUX_PVALIDATE   2
#define GHCB_TERM_LINUX_NOT_VMPL0   3
#define GHCB_TERM_LINUX_CPUID       4
#define GHCB_TERM_LINUX_CPUID_HV    5
#define GHCB_TERM_LINUX_SECRETS     6
#define GHCB_TERM_LINUX_NO_SVSM     7
#define GHCB_TERM_LINUX_SVSM_VMPL0  8
#define GHCB_TERM_LINUX_SVSM_CAA    9
#define GHCB_TERM_LINUX_SECURE_TSC  10
#define GHCB_TERM_LINUX_CA_REMAP    11
#define GHCB_TERM_LINUX_SECURE_AVIC 12

/* --- Hypervisor features (2) --- */
#define GHCB_FEATURE_SNP                        (1ULL << 0)
#define GHCB_FEATURE_AP_CREATION                (1ULL << 1)
#define GHCB_FEATURE_RESTRICTED_INJECTION       (1ULL << 2)
#define GHCB_FEATURE_RESTRICTED_INJECTION_TIMER (1ULL << 3)
#define GHCB_FEATURE_APIC_ID_LIST               (1ULL << 4)
#define GHCB_FEATURE_MULTI_VMPL                 (1ULL << 5)
#define GHCB_FEATURE_PAGE_STATE_CHANGE          (1ULL << 6)
#define GHCB_FEATURE_TIO                        (1ULL << 7)
#define GHCB_FEATURE_EXTENDED_INTERRUPTS        (1ULL << 9)

/* --- Exit codes of their own (6); below 0x800: svm_exit.h --- */
#define GHCB_EXIT_MMIO_READ           0x80000001
#define GHCB_EXIT_MMIO_WRITE          0x80000002
#define GHCB_EXIT_NMI_COMPLETE        0x80000003
#define GHCB_EXIT_AP_RESET_HOLD       0x80000004
#define GHCB_EXIT_AP_JUMP_TABLE       0x80000005
#define GHCB_EXIT_PSC                 0x80000010
#define GHCB_EXIT_GUEST_REQUEST       0x80000011
#define GHCB_EXIT_EXT_GUEST_REQUEST   0x80000012
#define GHCB_EXIT_AP_CREATION         0x80000013
#define GHCB_EXIT_HV_DOORBELL_PAGE    0x80000014
#define GHCB_EXIT_HV_IPI              0x80000015
#define GHCB_EXIT_HV_TIMER            0x80000016
#define GHCB_EXIT_APIC_ID_LIST        0x80000017
#define GHCB_EXIT_RUN_VMPL            0x80000018
#define GHCB_EXIT_SECURE_AVIC         0x8000001a
#define GHCB_EXIT_CONFIGURE_INJECTION 0x8000001b
#define GHCB_EXIT_DISABLE_ALTERNATE   0x8000001c
#define GHCB_EXIT_SPECIFIC_EOI        0x8000001d
#define GHCB_EXIT_FEATURES            0x8000fffd
#define GHCB_EXIT_TERMINATE           0x8000fffe
#define GHCB_EXIT_UNSUPPORTED         0x8000ffff

/* AP jump table INFO1 */
#define GHCB_AP_JUMP_TABLE_SET 0
#define GHCB_AP_JUMP_TABLE_GET 1

/* SW_EXITINFO1[31:0] on return (4) */
#define GHCB_RESULT_OK        0
#define GHCB_RESULT_EXCEPTION 1 /* INFO2 in EVENTINJ form */
#define GHCB_RESULT_MALFORMED 2 /* INFO2[31:0]: below */

#define GHCB_MALFORMED_NOT_REGISTERED  1
#define GHCB_MALFORMED_INVALID_USAGE   2
#define GHCB_MALFORMED_INVALID_SCRATCH 3
#define GHCB_MALFORMED_MISSING_INPUT   4
#define GHCB_MALFORMED_INVALID_INPUT   5
#define GHCB_MALFORMED_INVALID_EVENT   6

/* --- IOIO SW_EXITINFO1 (6.1) --- */
#define GHCB_IOIO_IN            (1U << 0)
#define GHCB_IOIO_STRING        (1U << 2)
#define GHCB_IOIO_REP           (1U << 3)
#define GHCB_IOIO_SIZE_8        (1U << 4)
#define GHCB_IOIO_SIZE_16       (1U << 5)
#define GHCB_IOIO_SIZE_32       (1U << 6)
#define GHCB_IOIO_SIZE_SHIFT    4 /* (info >> 4) & 7 is the size in bytes */
#define GHCB_IOIO_ADDR_16       (1U << 7)
#define GHCB_IOIO_ADDR_32       (1U << 8)
#define GHCB_IOIO_ADDR_64       (1U << 9)
#define GHCB_IOIO_SEGMENT_SHIFT 10
#define GHCB_IOIO_SEGMENT_ES    (0U << 10)
#define GHCB_IOIO_SEGMENT_DS    (3U << 10)
#define GHCB_IOIO_PORT_SHIFT    16
#define GHCB_IOIO_SIZE(info)    (((uint32_t)(info) >> 4) & 7U)
#define GHCB_IOIO_PORT(info)    ((uint16_t)((uint32_t)(info) >> 16))

/* --- Guest request SW_EXITINFO2 (6.3): 31:0 firmware status (guest_msg.h), 63:32 VMM error --- */
#define GHCB_REQUEST_VMM_OK          0U
#define GHCB_REQUEST_VMM_INVALID_LEN 1U
#define GHCB_REQUEST_VMM_BUSY        2U
#define GHCB_REQUEST_VMM_GENERIC     0xffffffffU
#define GHCB_REQUEST_FW_NO_CALL      0xffffffffU

/* --- AP creation SW_EXITINFO1 (6.4) --- */
#define GHCB_AP_CREATE_ON_INIT 0
#define GHCB_AP_CREATE         1
#define GHCB_AP_DESTROY        2
#define GHCB_AP_INFO1(apic_id, vmpl, op) \
	(((uint64_t)(apic_id) << 32) | ((uint64_t)(vmpl) << 16) | (uint64_t)(op))
#define GHCB_AP_OP(info1)       ((uint16_t)(info1))
#define GHCB_AP_VMPL(info1)     ((uint8_t)(((uint64_t)(info1) >> 16) & 0xf))
#define GHCB_AP_RESERVED(info1) ((uint32_t)(info1)&0xfff00000U)
#define GHCB_AP_APIC_ID(info1)  ((uint32_t)((uint64_t)(info1) >> 32))

/* --- #HV doorbell page SW_EXITINFO1 (6) --- */
#define GHCB_DOORBELL_GET_PREFERRED 0
#define GHCB_DOORBELL_SET           1
#define GHCB_DOORBELL_QUERY         2
#define GHCB_DOORBELL_CLEAR         3
#define GHCB_DOORBELL_NONE          0xffffffffffffffffULL

/* --- Secure AVIC, alternate injection, specific EOI (6) --- */
#define GHCB_SECURE_AVIC_REGISTER   0
#define GHCB_SECURE_AVIC_UNREGISTER 1
#define GHCB_SECURE_AVIC_SELF       0xffffffffffffffffULL

#define GHCB_DISABLE_ALTERNATE_INFO1(vmpl, tpr, shadow, rflags_if)                       \
	(((uint64_t)(vmpl) << 16) | ((uint64_t)(tpr) << 8) | ((uint64_t)(shadow) << 1) | \
	 (uint64_t)(rflags_if))
#define GHCB_SPECIFIC_EOI_INFO1(vmpl, vector) (((uint64_t)(vmpl) << 16) | (uint64_t)(vector))

#ifndef __ASSEMBLER__

/* --- The page (3) --- */
#define GHCB_SHARED_BUFFER_AT   0x800
#define GHCB_SHARED_BUFFER_SIZE 0x7f0
#define GHCB_SHARED_BUFFER_END  0xff0
#define GHCB_VERSION            2
#define GHCB_USAGE_STANDARD     0

/* Shared with the host: each field is read once, and checked after that. */
struct ghcb {
	uint8_t reserved_000[0xcb];
	uint8_t cpl;
	uint8_t reserved_0cc[0x74];
	uint64_t xss;
	uint8_t reserved_148[0x18];
	uint64_t dr7;
	uint8_t reserved_168[0x10];
	uint64_t rip;
	uint8_t reserved_180[0x58];
	uint64_t rsp;
	uint8_t reserved_1e0[0x18];
	uint64_t rax;
	uint8_t reserved_200[0x108];
	uint64_t rcx;
	uint64_t rdx;
	uint64_t rbx;
	uint8_t reserved_320[8];
	uint64_t rbp;
	uint64_t rsi;
	uint64_t rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint8_t reserved_380[16];
	uint64_t sw_exitcode;
	uint64_t sw_exitinfo1;
	uint64_t sw_exitinfo2;
	uint64_t sw_scratch;
	uint8_t reserved_3b0[56];
	uint64_t xcr0;
	uint8_t valid_bitmap[16];
	uint64_t x87_state_gpa;
	uint8_t reserved_408[0x3f8];
	uint8_t shared_buffer[GHCB_SHARED_BUFFER_SIZE];
	uint8_t reserved_ff0[10];
	uint16_t protocol_version;
	uint32_t usage;
};
LAYOUT_SIZE(struct ghcb, 4096);
LAYOUT_AT(struct ghcb, cpl, 0x0cb);
LAYOUT_AT(struct ghcb, xss, 0x140);
LAYOUT_AT(struct ghcb, dr7, 0x160);
LAYOUT_AT(struct ghcb, rip, 0x178);
LAYOUT_AT(struct ghcb, rsp, 0x1d8);
LAYOUT_AT(struct ghcb, rax, 0x1f8);
LAYOUT_AT(struct ghcb, rcx, 0x308);
LAYOUT_AT(struct ghcb, rdx, 0x310);
LAYOUT_AT(struct ghcb, rbx, 0x318);
LAYOUT_AT(struct ghcb, rbp, 0x328);
LAYOUT_AT(struct ghcb, rsi, 0x330);
LAYOUT_AT(struct ghcb, rdi, 0x338);
LAYOUT_AT(struct ghcb, r8, 0x340);
LAYOUT_AT(struct ghcb, r15, 0x378);
LAYOUT_AT(struct ghcb, sw_exitcode, 0x390);
LAYOUT_AT(struct ghcb, sw_exitinfo1, 0x398);
LAYOUT_AT(struct ghcb, sw_exitinfo2, 0x3a0);
LAYOUT_AT(struct ghcb, sw_scratch, 0x3a8);
LAYOUT_AT(struct ghcb, xcr0, 0x3e8);
LAYOUT_AT(struct ghcb, valid_bitmap, 0x3f0);
LAYOUT_AT(struct ghcb, x87_state_gpa, 0x400);
LAYOUT_AT(struct ghcb, shared_buffer, 0x800);
LAYOUT_AT(struct ghcb, protocol_version, 0xffa);
LAYOUT_AT(struct ghcb, usage, 0xffc);

/* Index of a field in the valid bitmap: bit n is the quadword at 8 * n. */
#define GHCB_VALID_INDEX(member) (offsetof(struct ghcb, member) / 8)
#define GHCB_VALID_CPL           25
#define GHCB_VALID_XSS           40
#define GHCB_VALID_DR7           44
#define GHCB_VALID_RAX           63
#define GHCB_VALID_RCX           97
#define GHCB_VALID_RDX           98
#define GHCB_VALID_RBX           99
#define GHCB_VALID_SW_EXITCODE   114
#define GHCB_VALID_SW_EXITINFO1  115
#define GHCB_VALID_SW_EXITINFO2  116
#define GHCB_VALID_SW_SCRATCH    117
#define GHCB_VALID_XCR0          125

/* --- Page state change buffer (6.2) --- */
#define GHCB_PSC_PRIVATE 1
#define GHCB_PSC_SHARED  2
#define GHCB_PSC_PSMASH  3
#define GHCB_PSC_UNSMASH 4

#define GHCB_PSC_MAX_ENTRIES 253

/* Entry: 11:0 pages done, 51:12 GFN (the GPA, in place), 55:52 operation, 56 2 MiB, 63:57 reserved
 */
#define GHCB_PSC_ENTRY_CUR_MASK      0xfffULL
#define GHCB_PSC_ENTRY_GPA_MASK      0x000ffffffffff000ULL
#define GHCB_PSC_ENTRY_OP_SHIFT      52
#define GHCB_PSC_ENTRY_OP(e)         ((uint32_t)((uint64_t)(e) >> 52) & 0xfU)
#define GHCB_PSC_ENTRY_2M            (1ULL << 56)
#define GHCB_PSC_ENTRY_RESERVED_MASK 0xfe00000000000000ULL
#define GHCB_PSC_ENTRY(gpa, op, two_mib)                                      \
	(((uint64_t)(gpa)&GHCB_PSC_ENTRY_GPA_MASK) | ((uint64_t)(op) << 52) | \
	 ((two_mib) ? GHCB_PSC_ENTRY_2M : 0ULL))

struct ghcb_psc_buffer {
	uint16_t cur_entry; /* next to process */
	uint16_t end_entry; /* the last one, inclusive */
	uint32_t reserved;
	uint64_t entries[GHCB_PSC_MAX_ENTRIES];
};
LAYOUT_SIZE(struct ghcb_psc_buffer, 2032);
LAYOUT_AT(struct ghcb_psc_buffer, end_entry, 2);
LAYOUT_AT(struct ghcb_psc_buffer, entries, 8);

/* SW_EXITINFO2 of a page state change */
#define GHCB_PSC_OK                   0ULL
#define GHCB_PSC_ERROR_INVALID_HEADER 0x0000000100000001ULL
#define GHCB_PSC_ERROR_INVALID_ENTRY  0x0000000100000002ULL
#define GHCB_PSC_ERROR_GENERIC        0x0000010000000000ULL

/* --- #HV doorbell page (7) --- */
struct hv_doorbell_vmpl {
	uint32_t status; /* HV_VMPL_* */
	uint32_t irr[7]; /* vectors 32 to 255 */
	uint32_t isr[8];
};
LAYOUT_SIZE(struct hv_doorbell_vmpl, 64);
LAYOUT_AT(struct hv_doorbell_vmpl, irr, 4);
LAYOUT_AT(struct hv_doorbell_vmpl, isr, 32);

#define HV_VMPL_VECTOR_MASK   0xffU
#define HV_VMPL_NMI           (1U << 8)
#define HV_VMPL_MC            (1U << 9)
#define HV_VMPL_LEVEL         (1U << 10)
#define HV_VMPL_MULTIPLE      (1U << 14)
#define HV_VMPL_IPI_REQUESTED (1U << 27)
#define HV_VMPL_VECTOR_31     (1U << 31)

struct hv_doorbell_page {
	uint16_t pending;        /* HV_PENDING_*; the guest takes it with one exchange with 0 */
	uint8_t no_eoi_required; /* the guest takes it with one exchange with 0 */
	uint8_t vmpl_events;     /* bit v - 1: VMPL v (extended interrupts) */
	uint8_t reserved[60];
	struct hv_doorbell_vmpl vmpl[3]; /* VMPL1 to VMPL3 (extended interrupts) */
	uint8_t unused[4096 - 64 - 3 * 64];
};
LAYOUT_SIZE(struct hv_doorbell_page, 4096);
LAYOUT_AT(struct hv_doorbell_page, no_eoi_required, 2);
LAYOUT_AT(struct hv_doorbell_page, vmpl_events, 3);
LAYOUT_AT(struct hv_doorbell_page, vmpl, 64);

#define HV_PENDING_VECTOR_MASK       0x00ffU
#define HV_PENDING_NMI               0x0100U
#define HV_PENDING_MC                0x0200U
#define HV_PENDING_NO_FURTHER_SIGNAL 0x8000U

/* --- APIC ID list (event 0x80000017) --- */
struct ghcb_apic_id_list {
	uint32_t count;
	uint32_t ids[];
};
LAYOUT_SIZE(struct ghcb_apic_id_list, 4);

#endif /* __ASSEMBLER__ */
#endif

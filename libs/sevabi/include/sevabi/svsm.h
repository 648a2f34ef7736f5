/* SPDX-License-Identifier: MIT */
/* SVSM protocols (AMD 58019 1.00, 1.01 where said; svsm-protocol sheet sections in parentheses). */
#ifndef SEVABI_SVSM_H
#define SEVABI_SVSM_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "sevabi/guid.h"

/* --- Calling area (2.1): a page of the guest, one per vCPU ----------------------------------- */
struct svsm_caa {
	uint8_t call_pending;
	uint8_t mem_available;
	uint8_t no_eoi_required; /* APIC protocol; else reserved */
	uint8_t reserved[5];
	uint8_t buffer[0xff8]; /* the guest's */
};
LAYOUT_SIZE(struct svsm_caa, 4096);
LAYOUT_AT(struct svsm_caa, mem_available, 1);
LAYOUT_AT(struct svsm_caa, no_eoi_required, 2);
LAYOUT_AT(struct svsm_caa, buffer, 8);

/* RAX: [63:32] protocol, [31:0] call */
#define SVSM_RAX(protocol, call) (((uint64_t)(protocol) << 32) | (uint64_t)(call))
#define SVSM_RAX_PROTOCOL(rax)   ((uint32_t)((uint64_t)(rax) >> 32))
#define SVSM_RAX_CALL(rax)       ((uint32_t)(rax))

/* --- Result codes, RAX[31:0] (2.5) --- */
#define SVSM_SUCCESS                  0x00000000U
#define SVSM_NEED_MEMORY              0x40000000U /* | number of 4 KiB pages, 29:0 */
#define SVSM_NEED_MEMORY_MASK         0x3fffffffU
#define SVSM_ERR_INCOMPLETE           0x80000000U
#define SVSM_ERR_UNSUPPORTED_PROTOCOL 0x80000001U
#define SVSM_ERR_UNSUPPORTED_CALL     0x80000002U
#define SVSM_ERR_INVALID_ADDRESS      0x80000003U
#define SVSM_ERR_INVALID_FORMAT       0x80000004U
#define SVSM_ERR_INVALID_PARAMETER    0x80000005U
#define SVSM_ERR_INVALID_REQUEST      0x80000006U
#define SVSM_ERR_BUSY                 0x80000007U
#define SVSM_ERR_PROTOCOL_BASE        0x80001000U

/* PVALIDATE's own (4.2) */
#define SVSM_ERR_PVALIDATE_BASE            0x80001000U /* + EAX of PVALIDATE or RMPADJUST */
#define SVSM_ERR_PVALIDATE_FAIL_INPUT      0x80001001U
#define SVSM_ERR_PVALIDATE_FAIL_PERMISSION 0x80001002U
#define SVSM_ERR_PVALIDATE_SIZE_MISMATCH   0x80001006U
#define SVSM_ERR_PVALIDATE_NO_CHANGE       0x80001010U
#define SVSM_ERR_PVALIDATE_UNKNOWN         0x80001011U
/* DELETE_VCPU's own (4.4) */
#define SVSM_ERR_VCPU_IN_USE 0x80001003U
/* APIC CONFIGURE's own (6) */
#define SVSM_ERR_APIC_CANNOT_REGISTER 0x80001000U

/* --- Protocols (3) --- */
#define SVSM_PROTOCOL_CORE        0U
#define SVSM_PROTOCOL_ATTESTATION 1U
#define SVSM_PROTOCOL_VTPM        2U
#define SVSM_PROTOCOL_APIC        3U
#define SVSM_PROTOCOL_UEFI_MM     4U

#define SVSM_CORE_VERSION_MIN 1U
#define SVSM_CORE_VERSION_MAX 1U

/* QUERY_PROTOCOL RCX: in [63:32] protocol, [31:0] version; out [63:32] max, [31:0] min */
#define SVSM_QUERY_RCX(protocol, version) (((uint64_t)(protocol) << 32) | (uint64_t)(version))
#define SVSM_QUERY_PROTOCOL_OF(rcx)       ((uint32_t)((uint64_t)(rcx) >> 32))
#define SVSM_QUERY_VERSION_OF(rcx)        ((uint32_t)(rcx))
#define SVSM_QUERY_RESULT(max, min)       (((uint64_t)(max) << 32) | (uint64_t)(min))

/* --- Core (4) --- */
#define SVSM_CORE_REMAP_CA       0U
#define SVSM_CORE_PVALIDATE      1U
#define SVSM_CORE_CREATE_VCPU    2U
#define SVSM_CORE_DELETE_VCPU    3U
#define SVSM_CORE_DEPOSIT_MEM    4U
#define SVSM_CORE_WITHDRAW_MEM   5U
#define SVSM_CORE_QUERY_PROTOCOL 6U
#define SVSM_CORE_CONFIGURE_VTOM 7U

/* PVALIDATE and DEPOSIT_MEM list (4.2, 4.5): may not cross a 4 KiB boundary */
struct svsm_page_list {
	uint16_t count;
	uint16_t next;
	uint32_t reserved;
	uint64_t entries[];
};
LAYOUT_SIZE(struct svsm_page_list, 8);
LAYOUT_AT(struct svsm_page_list, next, 2);
LAYOUT_AT(struct svsm_page_list, entries, 8);
#define SVSM_PAGE_LIST_MAX 511U /* a list at the start of a page */

#define SVSM_PVALIDATE_SIZE_MASK     0x3ULL
#define SVSM_PVALIDATE_SIZE_4K       0x0ULL
#define SVSM_PVALIDATE_SIZE_2M       0x1ULL
#define SVSM_PVALIDATE_VALIDATE      (1ULL << 2)
#define SVSM_PVALIDATE_IGNORE_CF     (1ULL << 3)
#define SVSM_PVALIDATE_RESERVED_MASK 0xff0ULL
#define SVSM_PVALIDATE_GPA_MASK      (~0xfffULL)
#define SVSM_DEPOSIT_RESERVED_MASK   0xffcULL

struct svsm_withdraw_list {
	uint16_t count;
	uint8_t unused[6];
	uint64_t gpas[];
};
LAYOUT_SIZE(struct svsm_withdraw_list, 8);

/* CONFIGURE_VTOM (4.7), RCX */
#define SVSM_VTOM_QUERY              (1ULL << 0)
#define SVSM_VTOM_ENABLE             (1ULL << 1)
#define SVSM_VTOM_LOAD_CR3           (1ULL << 2)
#define SVSM_VTOM_LOAD_RIP           (1ULL << 3)
#define SVSM_VTOM_LOAD_RSP           (1ULL << 4)
#define SVSM_VTOM_RESERVED_MASK      0xfe0ULL
#define SVSM_VTOM_RESULT_SUPPORTED   (1ULL << 1)
#define SVSM_VTOM_RESULT_ALIGN_SHIFT 12

/* --- Attestation (5) --- */
#define SVSM_ATTEST_SERVICES       0U
#define SVSM_ATTEST_SINGLE_SERVICE 1U

struct svsm_attest_op {
	uint64_t report_gpa; /* 4 KiB aligned, as manifest and certificates */
	uint32_t report_size;
	uint32_t reserved_0c;
	uint64_t nonce_gpa;
	uint16_t nonce_size;
	uint8_t reserved_1a[6];
	uint64_t manifest_gpa;
	uint32_t manifest_size;
	uint32_t reserved_2c;
	uint64_t certs_gpa;
	uint32_t certs_size; /* 0: none wanted */
	uint32_t reserved_3c;
};
LAYOUT_SIZE(struct svsm_attest_op, 0x40);
LAYOUT_AT(struct svsm_attest_op, report_size, 0x08);
LAYOUT_AT(struct svsm_attest_op, nonce_gpa, 0x10);
LAYOUT_AT(struct svsm_attest_op, nonce_size, 0x18);
LAYOUT_AT(struct svsm_attest_op, reserved_1a, 0x1a);
LAYOUT_AT(struct svsm_attest_op, manifest_gpa, 0x20);
LAYOUT_AT(struct svsm_attest_op, manifest_size, 0x28);
LAYOUT_AT(struct svsm_attest_op, certs_gpa, 0x30);
LAYOUT_AT(struct svsm_attest_op, certs_size, 0x38);

struct svsm_attest_single_op {
	struct svsm_attest_op common;
	struct guid service; /* EFI order */
	uint32_t manifest_version;
	uint32_t reserved_54;
};
LAYOUT_SIZE(struct svsm_attest_single_op, 0x58);
LAYOUT_AT(struct svsm_attest_single_op, service, 0x40);
LAYOUT_AT(struct svsm_attest_single_op, manifest_version, 0x50);

/* Manifest of all services (5.2). GUIDs in EFI order. */
struct svsm_manifest_header {
	struct guid guid;
	uint32_t size; /* of the whole manifest */
	uint32_t count;
};
LAYOUT_SIZE(struct svsm_manifest_header, 24);
LAYOUT_AT(struct svsm_manifest_header, size, 16);
LAYOUT_AT(struct svsm_manifest_header, count, 20);

struct svsm_manifest_entry {
	struct guid service;
	uint32_t offset; /* from the manifest's start */
	uint32_t size;   /* 0 is allowed */
};
LAYOUT_SIZE(struct svsm_manifest_entry, 24);
LAYOUT_AT(struct svsm_manifest_entry, offset, 16);
LAYOUT_AT(struct svsm_manifest_entry, size, 20);

#define SVSM_GUID_MANIFEST     GUID_EFI(0x63849ebb, 0x3d92, 0x4670, 0xa1ff, 0x58f9c94b87bb)
#define SVSM_GUID_SERVICE_VTPM GUID_EFI(0xc476f1eb, 0x0123, 0x45a5, 0x9641, 0xb4e7dde5bfe3)
#define SVSM_GUID_SERVICE_MM   GUID_EFI(0xa4453a59, 0x9e1b, 0x4787, 0xa033, 0x1986d6adbe55)

/* --- vTPM (7) --- */
#define SVSM_VTPM_QUERY 0U
#define SVSM_VTPM_CMD   1U

#define SVSM_TPM_SEND_COMMAND 8U

/* Request, packed: u32 command, u8 locality, u32 size, bytes. Response: u32 size, bytes. */
struct svsm_tpm_request {
	uint32_t command;
	uint8_t locality;
	uint32_t size;
	uint8_t bytes[4096 - 9];
} PACKED;
LAYOUT_SIZE(struct svsm_tpm_request, 4096);
LAYOUT_AT(struct svsm_tpm_request, locality, 4);
LAYOUT_AT(struct svsm_tpm_request, size, 5);
LAYOUT_AT(struct svsm_tpm_request, bytes, 9);

struct svsm_tpm_response {
	uint32_t size;
	uint8_t bytes[4096 - 4];
};
LAYOUT_SIZE(struct svsm_tpm_response, 4096);
LAYOUT_AT(struct svsm_tpm_response, bytes, 4);

/* --- APIC (6) --- */
#define SVSM_APIC_QUERY_FEATURES   0U
#define SVSM_APIC_CONFIGURE        1U
#define SVSM_APIC_READ_REGISTER    2U
#define SVSM_APIC_WRITE_REGISTER   3U
#define SVSM_APIC_CONFIGURE_VECTOR 4U

#define SVSM_APIC_CONFIGURE_SYNC      0ULL
#define SVSM_APIC_CONFIGURE_DECREMENT 1ULL
#define SVSM_APIC_CONFIGURE_INCREMENT 2ULL

#define SVSM_APIC_VECTOR_MASK          0xffULL
#define SVSM_APIC_VECTOR_ENABLE        (1ULL << 8)
#define SVSM_APIC_VECTOR_ALL           (1ULL << 9)
#define SVSM_APIC_VECTOR_RESERVED_MASK (~0x3ffULL)

/* --- UEFI MM (8) --- */
#define SVSM_MM_REQUEST  1U
#define SVSM_MM_MIN_SIZE 24U
#define SVSM_MM_MAX_SIZE 0x40000U

struct svsm_mm_header {
	struct guid guid;
	uint64_t payload_size;
};
LAYOUT_SIZE(struct svsm_mm_header, 24);
LAYOUT_AT(struct svsm_mm_header, payload_size, 16);

#endif

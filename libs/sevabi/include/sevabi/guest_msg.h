/* SPDX-License-Identifier: MIT */
/* Guest messages to the PSP (AMD 56860 chapter 7; snp-guest-msg 1, 2, 6). */
#ifndef SEVABI_GUEST_MSG_H
#define SEVABI_GUEST_MSG_H

#include <stdint.h>

#include "base/compiler.h"
#include "sevabi/report.h"

#define GUEST_MSG_ALGO_AES_256_GCM 1
#define GUEST_MSG_HDR_VERSION      1
#define GUEST_MSG_HDR_SIZE         0x60
#define GUEST_MSG_PAYLOAD_MAX      4000
#define GUEST_MSG_IV_SIZE          12 /* sequence number, little endian, then zeros */
#define GUEST_MSG_TAG_SIZE         16
#define GUEST_MSG_AAD_AT           0x30 /* the header's bytes 0x30 to 0x5f */
#define GUEST_MSG_AAD_SIZE         48
#define GUEST_MSG_VERSION          1

enum guest_msg_type {
	GUEST_MSG_CPUID_REQ = 1,
	GUEST_MSG_CPUID_RSP = 2,
	GUEST_MSG_KEY_REQ = 3,
	GUEST_MSG_KEY_RSP = 4,
	GUEST_MSG_REPORT_REQ = 5,
	GUEST_MSG_REPORT_RSP = 6,
	GUEST_MSG_EXPORT_REQ = 7,
	GUEST_MSG_EXPORT_RSP = 8,
	GUEST_MSG_IMPORT_REQ = 9,
	GUEST_MSG_IMPORT_RSP = 10,
	GUEST_MSG_ABSORB_REQ = 11,
	GUEST_MSG_ABSORB_RSP = 12,
	GUEST_MSG_VMRK_REQ = 13,
	GUEST_MSG_VMRK_RSP = 14,
	GUEST_MSG_ABSORB_NOMA_REQ = 15,
	GUEST_MSG_ABSORB_NOMA_RSP = 16,
	GUEST_MSG_TSC_INFO_REQ = 17,
	GUEST_MSG_TSC_INFO_RSP = 18,
};

struct guest_msg_header {
	uint8_t authtag[32]; /* 16 used */
	uint64_t msg_seqno;
	uint8_t reserved_28[8];
	uint8_t algo;
	uint8_t hdr_version;
	uint16_t hdr_size;
	uint8_t msg_type;
	uint8_t msg_version;
	uint16_t msg_size;
	uint8_t reserved_38[4];
	uint8_t msg_vmpck;
	uint8_t reserved_3d[35];
};
LAYOUT_SIZE(struct guest_msg_header, 0x60);
LAYOUT_AT(struct guest_msg_header, msg_seqno, 0x20);
LAYOUT_AT(struct guest_msg_header, algo, 0x30);
LAYOUT_AT(struct guest_msg_header, hdr_version, 0x31);
LAYOUT_AT(struct guest_msg_header, hdr_size, 0x32);
LAYOUT_AT(struct guest_msg_header, msg_type, 0x34);
LAYOUT_AT(struct guest_msg_header, msg_version, 0x35);
LAYOUT_AT(struct guest_msg_header, msg_size, 0x36);
LAYOUT_AT(struct guest_msg_header, msg_vmpck, 0x3c);

/* A whole request or response page. */
struct guest_msg {
	struct guest_msg_header header;
	uint8_t payload[GUEST_MSG_PAYLOAD_MAX];
};
LAYOUT_SIZE(struct guest_msg, 4096);
LAYOUT_AT(struct guest_msg, payload, 0x60);

/* --- Report (2.1, 2.2) ---------------------------------------------------------------- */
#define REPORT_KEY_SEL_MASK    0x3U
#define REPORT_KEY_SEL_DEFAULT 0U /* VLEK if one is loaded, else VCEK */
#define REPORT_KEY_SEL_VCEK    1U
#define REPORT_KEY_SEL_VLEK    2U

struct report_req {
	uint8_t report_data[64];
	uint32_t vmpl;
	uint32_t key_sel;
	uint8_t reserved[24];
};
LAYOUT_SIZE(struct report_req, 96);
LAYOUT_AT(struct report_req, vmpl, 0x40);
LAYOUT_AT(struct report_req, key_sel, 0x44);

/* STATUS of the responses */
#define MSG_STATUS_OK              0x00U
#define MSG_STATUS_INVALID_PARAMS  0x16U
#define MSG_STATUS_INVALID_KEY_SEL 0x27U

struct report_rsp {
	uint32_t status;
	uint32_t report_size;
	uint8_t reserved[24];
	struct attestation_report report;
};
LAYOUT_SIZE(struct report_rsp, 0x20 + 0x4a0);
LAYOUT_AT(struct report_rsp, report_size, 4);
LAYOUT_AT(struct report_rsp, report, 0x20);

/* --- Derived key (2.3) ------------------------------------------------------------------ */
#define KEY_REQ_ROOT_VMRK (1U << 0) /* else VCEK */

#define KEY_REQ_FIELD_POLICY      (1ULL << 0)
#define KEY_REQ_FIELD_IMAGE_ID    (1ULL << 1)
#define KEY_REQ_FIELD_FAMILY_ID   (1ULL << 2)
#define KEY_REQ_FIELD_MEASUREMENT (1ULL << 3)
#define KEY_REQ_FIELD_GUEST_SVN   (1ULL << 4)
#define KEY_REQ_FIELD_TCB_VERSION (1ULL << 5)
#define KEY_REQ_FIELD_MIT_VECTOR  (1ULL << 6)
#define KEY_REQ_FIELD_MASK        0x3fULL /* message version 1 */

struct key_req {
	uint32_t root_key_select;
	uint32_t reserved;
	uint64_t guest_field_select;
	uint32_t vmpl;
	uint32_t guest_svn;
	uint64_t tcb_version;
};
LAYOUT_SIZE(struct key_req, 0x20);
LAYOUT_AT(struct key_req, guest_field_select, 0x08);
LAYOUT_AT(struct key_req, vmpl, 0x10);
LAYOUT_AT(struct key_req, guest_svn, 0x14);
LAYOUT_AT(struct key_req, tcb_version, 0x18);

struct key_rsp {
	uint32_t status;
	uint8_t reserved[28];
	uint8_t key[32];
};
LAYOUT_SIZE(struct key_rsp, 64);
LAYOUT_AT(struct key_rsp, key, 0x20);

/* --- TSC information (2.4) ---------------------------------------------------------------- */
struct tsc_info_req {
	uint8_t reserved[128];
};
LAYOUT_SIZE(struct tsc_info_req, 128);

struct tsc_info_rsp {
	uint32_t status;
	uint32_t reserved;
	uint64_t tsc_scale;
	uint64_t tsc_offset;
	uint32_t tsc_factor;
	uint8_t reserved_1c[100];
};
LAYOUT_SIZE(struct tsc_info_rsp, 128);
LAYOUT_AT(struct tsc_info_rsp, tsc_scale, 0x08);
LAYOUT_AT(struct tsc_info_rsp, tsc_offset, 0x10);
LAYOUT_AT(struct tsc_info_rsp, tsc_factor, 0x18);

/* --- Firmware status, SW_EXITINFO2[31:0] of a guest request (6) ------------------------------- */
enum psp_status {
	PSP_OK = 0x00,
	PSP_BAD_PLATFORM_STATE = 0x01,
	PSP_BAD_GUEST_STATE = 0x02,
	PSP_BAD_CONFIG = 0x03,
	PSP_BAD_LENGTH = 0x04,
	PSP_OWNED = 0x05,
	PSP_BAD_CERTIFICATE = 0x06,
	PSP_POLICY_FAILURE = 0x07,
	PSP_INACTIVE = 0x08,
	PSP_BAD_ADDRESS = 0x09,
	PSP_BAD_SIGNATURE = 0x0a,
	PSP_BAD_MEASUREMENT = 0x0b,
	PSP_ASID_OWNED = 0x0c,
	PSP_BAD_ASID = 0x0d,
	PSP_WBINVD_REQUIRED = 0x0e,
	PSP_DF_FLUSH_REQUIRED = 0x0f,
	PSP_BAD_GUEST = 0x10,
	PSP_BAD_COMMAND = 0x11,
	PSP_ACTIVE = 0x12,
	PSP_HARDWARE = 0x13,
	PSP_UNSAFE = 0x14,
	PSP_UNSUPPORTED = 0x15,
	PSP_BAD_PARAMETER = 0x16,
	PSP_RESOURCE_LIMIT = 0x17,
	PSP_SECURE_DATA_INVALID = 0x18,
	PSP_BAD_PAGE_SIZE = 0x19,
	PSP_BAD_PAGE_STATE = 0x1a,
	PSP_BAD_METADATA = 0x1b,
	PSP_BAD_PAGE_OWNER = 0x1c,
	PSP_AEAD_OVERFLOW = 0x1d,
	PSP_RING_BUFFER_EXIT = 0x1f,
	PSP_RMP_INIT_REQUIRED = 0x20,
	PSP_BAD_SVN = 0x21,
	PSP_BAD_VERSION = 0x22,
	PSP_SHUTDOWN_REQUIRED = 0x23,
	PSP_UPDATE_FAILED = 0x24,
	PSP_RESTORE_REQUIRED = 0x25,
	PSP_RMP_INIT_FAILED = 0x26,
	PSP_BAD_KEY = 0x27,
	PSP_SHUTDOWN_INCOMPLETE = 0x28,
};

#endif

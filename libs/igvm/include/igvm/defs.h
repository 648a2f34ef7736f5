/* SPDX-License-Identifier: MIT */
/* The IGVM file format on disk (spec/igvm.md 1 to 6). Integers are little endian. */
#ifndef IGVM_DEFS_H
#define IGVM_DEFS_H

#include <stdint.h>

#include "base/compiler.h"
#include "sevabi/report.h"

#define IGVM_MAGIC         0x4d564749U /* "IGVM" */
#define IGVM_VERSION_1     1U
#define IGVM_VERSION_2     2U
#define IGVM_FIXED_SIZE_V1 24U
#define IGVM_FIXED_SIZE_V2 32U
#define IGVM_ARCH_X64      0U
#define IGVM_PAGE_SIZE     4096U

struct igvm_fixed_header {
	uint32_t magic;
	uint32_t version;
	uint32_t headers_offset; /* of the variable headers; multiple of 8 */
	uint32_t headers_size;
	uint32_t total_size;
	uint32_t checksum;     /* CRC-32 of this header (checksum 0) and the variable headers */
	uint32_t architecture; /* from here on: version 2 */
	uint32_t page_size;
};
LAYOUT_SIZE(struct igvm_fixed_header, 32);
LAYOUT_AT(struct igvm_fixed_header, checksum, 0x14);
LAYOUT_AT(struct igvm_fixed_header, page_size, 0x1c);

struct igvm_variable_header {
	uint32_t type;
	uint32_t length; /* of the content; the next header starts at a multiple of 8 */
};
LAYOUT_SIZE(struct igvm_variable_header, 8);

#define IGVM_TYPE_OPTIONAL 0x80000000U

enum igvm_type {
	IGVM_SUPPORTED_PLATFORM = 0x001,
	IGVM_GUEST_POLICY = 0x101,
	IGVM_RELOCATABLE_REGION = 0x102,
	IGVM_PAGE_TABLE_RELOCATION = 0x103,
	IGVM_CORIM_DOCUMENT = 0x104,
	IGVM_CORIM_SIGNATURE = 0x105,
	IGVM_CCA_POLICY = 0x106,
	IGVM_PARAMETER_AREA = 0x301,
	IGVM_PAGE_DATA = 0x302,
	IGVM_PARAMETER_INSERT = 0x303,
	IGVM_VP_CONTEXT = 0x304,
	IGVM_REQUIRED_MEMORY = 0x305,
	IGVM_VP_COUNT = 0x307,
	IGVM_SRAT = 0x308,
	IGVM_MADT = 0x309,
	IGVM_MMIO_RANGES = 0x30a,
	IGVM_SNP_ID_BLOCK = 0x30b,
	IGVM_MEMORY_MAP = 0x30c,
	IGVM_ERROR_RANGE = 0x30d,
	IGVM_COMMAND_LINE = 0x30e,
	IGVM_SLIT = 0x30f,
	IGVM_PPTT = 0x310,
	IGVM_VBS_MEASUREMENT = 0x311,
	IGVM_DEVICE_TREE = 0x312,
	IGVM_ENVIRONMENT_INFO = 0x313,
};

enum igvm_platform_type {
	IGVM_PLATFORM_NATIVE = 0,
	IGVM_PLATFORM_VSM = 1,
	IGVM_PLATFORM_SNP = 2,
	IGVM_PLATFORM_TDX = 3,
	IGVM_PLATFORM_SEV = 4,
	IGVM_PLATFORM_SEV_ES = 5,
	IGVM_PLATFORM_CCA = 6,
};

struct igvm_supported_platform {
	uint32_t mask; /* exactly one bit */
	uint8_t highest_vtl;
	uint8_t platform_type;
	uint16_t platform_version;
	uint64_t shared_gpa_boundary;
};
LAYOUT_SIZE(struct igvm_supported_platform, 16);

struct igvm_guest_policy {
	uint64_t policy;
	uint32_t mask;
	uint32_t reserved;
};
LAYOUT_SIZE(struct igvm_guest_policy, 16);

struct igvm_parameter_area {
	uint64_t size; /* bytes, multiple of a page */
	uint32_t index;
	uint32_t file_offset; /* initial content; 0: zeros */
};
LAYOUT_SIZE(struct igvm_parameter_area, 16);

#define IGVM_PAGE_FLAG_2M         0x1U
#define IGVM_PAGE_FLAG_UNMEASURED 0x2U
#define IGVM_PAGE_FLAG_SHARED     0x4U
#define IGVM_PAGE_FLAGS           0x7U

enum igvm_data_type {
	IGVM_DATA_NORMAL = 0,
	IGVM_DATA_SECRETS = 1,
	IGVM_DATA_CPUID = 2,
	IGVM_DATA_CPUID_XF = 3,
};

struct igvm_page_data {
	uint64_t gpa;
	uint32_t mask;
	uint32_t file_offset; /* 0: a page of zeros */
	uint32_t flags;
	uint16_t data_type;
	uint16_t reserved;
};
LAYOUT_SIZE(struct igvm_page_data, 24);

struct igvm_parameter_insert {
	uint64_t gpa;
	uint32_t mask;
	uint32_t area_index;
};
LAYOUT_SIZE(struct igvm_parameter_insert, 16);

/* VP_COUNT, MADT, MEMORY_MAP and the other values that the loader writes into an area. */
struct igvm_parameter {
	uint32_t area_index;
	uint32_t byte_offset;
};
LAYOUT_SIZE(struct igvm_parameter, 8);

struct igvm_vp_context {
	uint64_t gpa;
	uint32_t mask;
	uint32_t file_offset;
	uint16_t vp_index;
	uint16_t reserved;
} PACKED;
LAYOUT_SIZE(struct igvm_vp_context, 20);

struct igvm_required_memory {
	uint64_t gpa;
	uint32_t mask;
	uint32_t size; /* bytes */
	uint32_t flags;
	uint32_t reserved;
};
LAYOUT_SIZE(struct igvm_required_memory, 24);

struct igvm_error_range {
	uint64_t gpa;
	uint32_t mask;
	uint32_t size;
};
LAYOUT_SIZE(struct igvm_error_range, 16);

struct igvm_signature {
	uint8_t r[SNP_ECDSA_NUMBER_SIZE];
	uint8_t s[SNP_ECDSA_NUMBER_SIZE];
};
LAYOUT_SIZE(struct igvm_signature, 144);

struct igvm_public_key {
	uint32_t curve;
	uint32_t reserved;
	uint8_t qx[SNP_ECDSA_NUMBER_SIZE];
	uint8_t qy[SNP_ECDSA_NUMBER_SIZE];
};
LAYOUT_SIZE(struct igvm_public_key, 152);

struct igvm_snp_id_block {
	uint32_t mask;
	uint8_t author_key_enabled;
	uint8_t reserved[3];
	uint8_t launch_digest[48];
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t version;
	uint32_t guest_svn;
	uint32_t id_key_algorithm;
	uint32_t author_key_algorithm;
	struct igvm_signature id_key_signature;
	struct igvm_public_key id_key;
	struct igvm_signature author_key_signature;
	struct igvm_public_key author_key;
};
LAYOUT_SIZE(struct igvm_snp_id_block, 696);
LAYOUT_AT(struct igvm_snp_id_block, launch_digest, 8);
LAYOUT_AT(struct igvm_snp_id_block, id_key_signature, 104);

/* The platform NATIVE's VP_CONTEXT payload (spec/igvm.md 5). */
struct igvm_native_context {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip;
	uint64_t rflags;
	uint64_t idtr_base;
	uint16_t idtr_limit;
	uint16_t reserved[2];
	uint16_t gdtr_limit;
	uint64_t gdtr_base;
	uint16_t code_selector;
	uint16_t code_attributes; /* descriptor bits 55:40: type, DPL, P; AVL, L, D, G in 15:12 */
	uint32_t code_base;
	uint32_t code_limit; /* bytes */
	uint16_t data_selector;
	uint16_t data_attributes;
	uint32_t data_base;
	uint32_t data_limit;
	uint64_t gs_base;
	uint64_t cr0, cr3, cr4;
	uint64_t efer;
};
LAYOUT_SIZE(struct igvm_native_context, 0xe8);
LAYOUT_AT(struct igvm_native_context, r8, 0x40);
LAYOUT_AT(struct igvm_native_context, rip, 0x80);
LAYOUT_AT(struct igvm_native_context, idtr_limit, 0x98);
LAYOUT_AT(struct igvm_native_context, gdtr_limit, 0x9e);
LAYOUT_AT(struct igvm_native_context, gdtr_base, 0xa0);
LAYOUT_AT(struct igvm_native_context, code_selector, 0xa8);
LAYOUT_AT(struct igvm_native_context, data_selector, 0xb4);
LAYOUT_AT(struct igvm_native_context, gs_base, 0xc0);
LAYOUT_AT(struct igvm_native_context, cr0, 0xc8);
LAYOUT_AT(struct igvm_native_context, efer, 0xe0);

/* MEMORY_MAP: ascending; ends with an entry of 0 pages. */
struct igvm_memory_map_entry {
	uint64_t first_page;
	uint64_t page_count;
	uint16_t type; /* enum igvm_memory_type */
	uint16_t flags;
	uint32_t reserved;
};
LAYOUT_SIZE(struct igvm_memory_map_entry, 24);

enum igvm_memory_type {
	IGVM_MEMORY_RAM = 0,
	IGVM_MEMORY_RESERVED = 1,
	IGVM_MEMORY_PERSISTENT = 2,
	IGVM_MEMORY_VTL2_PROTECTABLE = 3,
	IGVM_MEMORY_SPECIFIC_PURPOSE = 4,
	IGVM_MEMORY_HIDDEN = 5,
};

/* ENVIRONMENT_INFO */
#define IGVM_ENVIRONMENT_SHARED 0x1U /* memory is shared by default */

#endif

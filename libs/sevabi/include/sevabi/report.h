/* SPDX-License-Identifier: MIT */
/* Attestation report (AMD 56860 table 23; snp-guest-msg 3). */
#ifndef SEVABI_REPORT_H
#define SEVABI_REPORT_H

#include <stdint.h>

#include "base/compiler.h"

#define REPORT_SIZE            0x4a0
#define REPORT_SIGNED_SIZE     0x2a0 /* the bytes that the signature covers */
#define REPORT_VERSION_MIN     2
#define REPORT_VERSION_CPUID   3 /* has the CPUID fields */
#define REPORT_VERSION_MIT     5 /* has the mitigation vectors */
#define REPORT_VERSION_MAX     5
#define REPORT_VMPL_HOST       0xffffffffU
#define REPORT_ALGO_ECDSA_P384 1

/* Signature or public key numbers are little endian, zero extended to 72 bytes. */
#define SNP_ECDSA_NUMBER_SIZE 72

struct snp_signature {
	uint8_t r[SNP_ECDSA_NUMBER_SIZE];
	uint8_t s[SNP_ECDSA_NUMBER_SIZE];
	uint8_t reserved[368];
};
LAYOUT_SIZE(struct snp_signature, 512);
LAYOUT_AT(struct snp_signature, s, 0x48);

/* TCB_VERSION (3.1) in a byte array: Turin (family 1Ah) orders it otherwise. */
struct tcb_version {
	uint8_t bytes[8];
};
LAYOUT_SIZE(struct tcb_version, 8);
#define TCB_MILAN_BOOTLOADER 0
#define TCB_MILAN_TEE        1
#define TCB_MILAN_SNP        6
#define TCB_MILAN_MICROCODE  7
#define TCB_TURIN_FMC        0
#define TCB_TURIN_BOOTLOADER 1
#define TCB_TURIN_TEE        2
#define TCB_TURIN_SNP        3
#define TCB_TURIN_MICROCODE  7

struct attestation_report {
	uint32_t version;
	uint32_t guest_svn;
	uint64_t policy; /* SNP_POLICY_* */
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t vmpl;
	uint32_t signature_algo;
	struct tcb_version current_tcb;
	uint64_t platform_info; /* PLATFORM_INFO_* */
	uint32_t key_info;      /* REPORT_KEY_* */
	uint32_t reserved_04c;
	uint8_t report_data[64];
	uint8_t measurement[48];
	uint8_t host_data[32];
	uint8_t id_key_digest[48];
	uint8_t author_key_digest[48];
	uint8_t report_id[32];
	uint8_t report_id_ma[32];
	struct tcb_version reported_tcb;
	uint8_t cpuid_family; /* combined, as the other two; version 3 and later */
	uint8_t cpuid_model;
	uint8_t cpuid_stepping;
	uint8_t reserved_18b[21];
	uint8_t chip_id[64];
	struct tcb_version committed_tcb;
	uint8_t current_build;
	uint8_t current_minor;
	uint8_t current_major;
	uint8_t reserved_1eb;
	uint8_t committed_build;
	uint8_t committed_minor;
	uint8_t committed_major;
	uint8_t reserved_1ef;
	struct tcb_version launch_tcb;
	uint64_t launch_mit_vector; /* version 5 */
	uint64_t current_mit_vector;
	uint8_t reserved_208[152];
	struct snp_signature signature;
};
LAYOUT_SIZE(struct attestation_report, REPORT_SIZE);
LAYOUT_AT(struct attestation_report, guest_svn, 0x004);
LAYOUT_AT(struct attestation_report, policy, 0x008);
LAYOUT_AT(struct attestation_report, family_id, 0x010);
LAYOUT_AT(struct attestation_report, image_id, 0x020);
LAYOUT_AT(struct attestation_report, vmpl, 0x030);
LAYOUT_AT(struct attestation_report, signature_algo, 0x034);
LAYOUT_AT(struct attestation_report, current_tcb, 0x038);
LAYOUT_AT(struct attestation_report, platform_info, 0x040);
LAYOUT_AT(struct attestation_report, key_info, 0x048);
LAYOUT_AT(struct attestation_report, report_data, 0x050);
LAYOUT_AT(struct attestation_report, measurement, 0x090);
LAYOUT_AT(struct attestation_report, host_data, 0x0c0);
LAYOUT_AT(struct attestation_report, id_key_digest, 0x0e0);
LAYOUT_AT(struct attestation_report, author_key_digest, 0x110);
LAYOUT_AT(struct attestation_report, report_id, 0x140);
LAYOUT_AT(struct attestation_report, report_id_ma, 0x160);
LAYOUT_AT(struct attestation_report, reported_tcb, 0x180);
LAYOUT_AT(struct attestation_report, cpuid_family, 0x188);
LAYOUT_AT(struct attestation_report, chip_id, 0x1a0);
LAYOUT_AT(struct attestation_report, committed_tcb, 0x1e0);
LAYOUT_AT(struct attestation_report, current_build, 0x1e8);
LAYOUT_AT(struct attestation_report, committed_build, 0x1ec);
LAYOUT_AT(struct attestation_report, launch_tcb, 0x1f0);
LAYOUT_AT(struct attestation_report, launch_mit_vector, 0x1f8);
LAYOUT_AT(struct attestation_report, current_mit_vector, 0x200);
LAYOUT_AT(struct attestation_report, signature, 0x2a0);

/* key_info */
#define REPORT_KEY_AUTHOR_EN     (1U << 0)
#define REPORT_KEY_MASK_CHIP     (1U << 1)
#define REPORT_KEY_SIGNING_SHIFT 2
#define REPORT_KEY_SIGNING_MASK  (7U << 2)
#define REPORT_KEY_SIGNING_VCEK  0U
#define REPORT_KEY_SIGNING_VLEK  1U
#define REPORT_KEY_SIGNING_NONE  7U

/* PLATFORM_INFO */
#define PLATFORM_INFO_SMT                  (1ULL << 0)
#define PLATFORM_INFO_TSME                 (1ULL << 1)
#define PLATFORM_INFO_ECC                  (1ULL << 2)
#define PLATFORM_INFO_RAPL_DISABLED        (1ULL << 3)
#define PLATFORM_INFO_CIPHERTEXT_HIDING    (1ULL << 4)
#define PLATFORM_INFO_ALIAS_CHECK_COMPLETE (1ULL << 5)
#define PLATFORM_INFO_TIO                  (1ULL << 7)

/* Guest policy */
#define SNP_POLICY_ABI_MINOR_MASK     0xffULL
#define SNP_POLICY_ABI_MAJOR_SHIFT    8
#define SNP_POLICY_ABI_MAJOR_MASK     0xff00ULL
#define SNP_POLICY_SMT                (1ULL << 16)
#define SNP_POLICY_RESERVED_ONE       (1ULL << 17) /* must be 1 */
#define SNP_POLICY_MIGRATE_MA         (1ULL << 18)
#define SNP_POLICY_DEBUG              (1ULL << 19)
#define SNP_POLICY_SINGLE_SOCKET      (1ULL << 20)
#define SNP_POLICY_CXL_ALLOW          (1ULL << 21)
#define SNP_POLICY_MEM_AES_256_XTS    (1ULL << 22)
#define SNP_POLICY_RAPL_DIS           (1ULL << 23)
#define SNP_POLICY_CIPHERTEXT_HIDING  (1ULL << 24)
#define SNP_POLICY_PAGE_SWAP_DISABLE  (1ULL << 25)
#define SNP_POLICY_RESERVED_ZERO_MASK 0xfffffffffc000000ULL

#endif

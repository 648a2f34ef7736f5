/* SPDX-License-Identifier: MIT */
/* RMP: the instructions' operands and results, permissions, fault bits (snp-arch 3 to 6,
 * APM2 15.36). */
#ifndef SEVABI_RMP_H
#define SEVABI_RMP_H

#include <stdint.h>

#include "base/compiler.h"

/* Opcode bytes, in memory order. */
#define INSN_PVALIDATE_BYTES 0xf2, 0x0f, 0x01, 0xff
#define INSN_RMPADJUST_BYTES 0xf3, 0x0f, 0x01, 0xfe
#define INSN_RMPQUERY_BYTES  0xf3, 0x0f, 0x01, 0xfd
#define INSN_VMGEXIT_BYTES   0xf3, 0x0f, 0x01, 0xd9
#define INSN_RMPUPDATE_BYTES 0xf2, 0x0f, 0x01, 0xfe
#define INSN_RMPREAD_BYTES   0xf2, 0x0f, 0x01, 0xfd
#define INSN_PSMASH_BYTES    0xf3, 0x0f, 0x01, 0xff

/* EAX after PVALIDATE, RMPADJUST, RMPQUERY, RMPUPDATE, PSMASH. */
#define RMP_SUCCESS           0
#define RMP_FAIL_INPUT        1
#define RMP_FAIL_PERMISSION   2
#define RMP_FAIL_INUSE        3
#define RMP_FAIL_OVERLAP      4
#define RMP_FAIL_SIZEMISMATCH 6

/* PVALIDATE ECX, RMPADJUST RCX; size field of RMP entries and PSC entries. */
#define RMP_PAGE_4K 0
#define RMP_PAGE_2M 1

/* PVALIDATE EDX */
#define PVALIDATE_RESCIND  0
#define PVALIDATE_VALIDATE 1

/* RMPADJUST RDX (and RMPQUERY's RDX result). Shadow stack: only with VMPL SSS. */
#define RMP_VMPL_MASK     0xffULL
#define RMP_PERM_SHIFT    8
#define RMP_PERM_READ     (1ULL << 8)
#define RMP_PERM_WRITE    (1ULL << 9)
#define RMP_PERM_USER_X   (1ULL << 10)
#define RMP_PERM_SUPER_X  (1ULL << 11)
#define RMP_PERM_SUPER_SS (1ULL << 12)
#define RMP_ADJUST_VMSA   (1ULL << 16)
#define RMP_PERM_NONE     0ULL
#define RMP_PERM_RWX      (RMP_PERM_READ | RMP_PERM_WRITE | RMP_PERM_USER_X | RMP_PERM_SUPER_X)
#define RMP_PERM_MASK     (RMP_PERM_RWX | RMP_PERM_SUPER_SS)
#define RMP_PERM_ALL_MASK 0xff00ULL

/* The same permissions as the 8-bit mask of an RMP entry or of PAGE_INFO. */
#define VMPL_PERM_READ     0x01
#define VMPL_PERM_WRITE    0x02
#define VMPL_PERM_USER_X   0x04
#define VMPL_PERM_SUPER_X  0x08
#define VMPL_PERM_SUPER_SS 0x10
#define VMPL_PERM_RWX      0x0f
#define VMPL_COUNT         4

/* RMPUPDATE's operand (RCX points at it). */
struct rmp_state {
	uint64_t gpa;
	uint8_t assigned;
	uint8_t page_size;
	uint8_t immutable;
	uint8_t reserved;
	uint32_t asid;
};
LAYOUT_SIZE(struct rmp_state, 16);
LAYOUT_AT(struct rmp_state, assigned, 8);
LAYOUT_AT(struct rmp_state, asid, 12);

/* #NPF EXITINFO1 (host #PF: bit 31 alone has this meaning). */
#define NPF_PRESENT         (1ULL << 0)
#define NPF_WRITE           (1ULL << 1)
#define NPF_USER            (1ULL << 2)
#define NPF_RESERVED        (1ULL << 3)
#define NPF_FETCH           (1ULL << 4)
#define NPF_SHADOW_STACK    (1ULL << 6)
#define NPF_RMP             (1ULL << 31)
#define NPF_FINAL           (1ULL << 32)
#define NPF_WALK            (1ULL << 33)
#define NPF_ENCRYPTED       (1ULL << 34)
#define NPF_SIZE_MISMATCH   (1ULL << 35)
#define NPF_VMPL            (1ULL << 36)
#define NPF_SUPER_SS        (1ULL << 37)
#define NPF_NOT_RESTARTABLE (1ULL << 63)

#endif

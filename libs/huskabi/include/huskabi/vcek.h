/* SPDX-License-Identifier: MIT */
/* The emulated chip's identity: content of HUSK_FWCFG_VCEK, written by tools/husk-keys, read by
 * Husk. */
#ifndef HUSKABI_VCEK_H
#define HUSKABI_VCEK_H

#include <stdint.h>

#include "base/compiler.h"
#include "sevabi/report.h"

#define HUSK_VCEK_MAGIC   0x4345434b /* "KCEC" */
#define HUSK_VCEK_VERSION 1

struct husk_vcek {
	uint32_t magic;
	uint32_t version;
	uint8_t private_key[48]; /* P-384 scalar, big endian */
	uint8_t chip_id[64];
	struct tcb_version tcb; /* current, committed, reported and launch TCB */
	uint8_t cpuid_family;   /* combined; 0x19 with model 0x01 is Milan */
	uint8_t cpuid_model;
	uint8_t cpuid_stepping;
	uint8_t reserved[5];
};
LAYOUT_SIZE(struct husk_vcek, 136);
LAYOUT_AT(struct husk_vcek, chip_id, 56);
LAYOUT_AT(struct husk_vcek, tcb, 120);

#endif

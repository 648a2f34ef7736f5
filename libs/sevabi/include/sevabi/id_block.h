/* SPDX-License-Identifier: MIT */
/* ID block and ID authentication of SNP_LAUNCH_FINISH (AMD 56860 8.17; snp-guest-msg 8). */
#ifndef SEVABI_ID_BLOCK_H
#define SEVABI_ID_BLOCK_H

#include <stdint.h>

#include "base/compiler.h"
#include "sevabi/report.h"

#define ID_BLOCK_VERSION   1
#define ID_ALGO_ECDSA_P384 1
#define ID_CURVE_P384      2
#define ID_PUBLIC_KEY_SIZE 0x404

struct id_block {
	uint8_t launch_digest[48];
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t version;
	uint32_t guest_svn;
	uint64_t policy;
};
LAYOUT_SIZE(struct id_block, 96);
LAYOUT_AT(struct id_block, family_id, 0x30);
LAYOUT_AT(struct id_block, image_id, 0x40);
LAYOUT_AT(struct id_block, version, 0x50);
LAYOUT_AT(struct id_block, guest_svn, 0x54);
LAYOUT_AT(struct id_block, policy, 0x58);

/* The digest of a key (report: ID_KEY_DIGEST, AUTHOR_KEY_DIGEST) is SHA-384 over all of it. */
struct id_public_key {
	uint32_t curve;
	uint8_t qx[SNP_ECDSA_NUMBER_SIZE];
	uint8_t qy[SNP_ECDSA_NUMBER_SIZE];
	uint8_t reserved[0x370];
};
LAYOUT_SIZE(struct id_public_key, ID_PUBLIC_KEY_SIZE);
LAYOUT_AT(struct id_public_key, qx, 4);
LAYOUT_AT(struct id_public_key, qy, 76);

struct id_auth {
	uint32_t id_key_algo;
	uint32_t author_key_algo;
	uint8_t reserved_008[56];
	struct snp_signature id_block_signature;
	struct id_public_key id_key;
	uint8_t reserved_644[60];
	struct snp_signature id_key_signature; /* of the ID key, by the author key */
	struct id_public_key author_key;
	uint8_t reserved_c84[0x37c];
};
LAYOUT_SIZE(struct id_auth, 4096);
LAYOUT_AT(struct id_auth, author_key_algo, 0x004);
LAYOUT_AT(struct id_auth, id_block_signature, 0x040);
LAYOUT_AT(struct id_auth, id_key, 0x240);
LAYOUT_AT(struct id_auth, id_key_signature, 0x680);
LAYOUT_AT(struct id_auth, author_key, 0x880);

#endif

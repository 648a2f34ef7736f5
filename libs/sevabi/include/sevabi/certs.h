/* SPDX-License-Identifier: MIT */
/* Certificate table of the extended guest request (56421 4.1.8.1; snp-guest-msg 5). */
#ifndef SEVABI_CERTS_H
#define SEVABI_CERTS_H

#include <stdint.h>

#include "base/compiler.h"
#include "sevabi/guid.h"

/* Entries end with an all-zero one; the DER blobs follow. Offsets are from the table's start. */
struct cert_table_entry {
	struct guid guid; /* text order */
	uint32_t offset;
	uint32_t length;
};
LAYOUT_SIZE(struct cert_table_entry, 24);
LAYOUT_AT(struct cert_table_entry, offset, 16);
LAYOUT_AT(struct cert_table_entry, length, 20);

#define CERT_TABLE_MAX_SIZE 0x4000 /* the most that Linux's and others' guests offer */

#define CERT_GUID_ARK   GUID_TEXT(0xc0b406a4, 0xa803, 0x4952, 0x9743, 0x3fb6014cd0ae)
#define CERT_GUID_ASK   GUID_TEXT(0x4ab7b379, 0xbbac, 0x4fe4, 0xa02f, 0x05aef327c782) /* ASVK too */
#define CERT_GUID_VCEK  GUID_TEXT(0x63da758d, 0xe664, 0x4564, 0xadc5, 0xf4b93be8accd)
#define CERT_GUID_VLEK  GUID_TEXT(0xa8074bc2, 0xa25a, 0x483e, 0xaae6, 0x39c045a0b8a1)
#define CERT_GUID_CRL   GUID_TEXT(0x92f81bc3, 0x5811, 0x4d3d, 0x97ff, 0xd19f88dc67ea)
#define CERT_GUID_EXTRA GUID_TEXT(0xecae0c0f, 0x9502, 0x43b1, 0xafa2, 0x0ae2e0d565b6)

/* X.509 extensions of VCEK and VLEK: 1.3.6.1.4.1.3704.1.x (snp-guest-msg 4). */
#define CERT_OID_STRUCT_VERSION "1.3.6.1.4.1.3704.1.1"
#define CERT_OID_PRODUCT_NAME   "1.3.6.1.4.1.3704.1.2"
#define CERT_OID_BL_SPL         "1.3.6.1.4.1.3704.1.3.1"
#define CERT_OID_TEE_SPL        "1.3.6.1.4.1.3704.1.3.2"
#define CERT_OID_SNP_SPL        "1.3.6.1.4.1.3704.1.3.3"
#define CERT_OID_UCODE_SPL      "1.3.6.1.4.1.3704.1.3.8"
#define CERT_OID_FMC_SPL        "1.3.6.1.4.1.3704.1.3.9"
#define CERT_OID_HWID           "1.3.6.1.4.1.3704.1.4"
#define CERT_OID_CSP_ID         "1.3.6.1.4.1.3704.1.5"

#endif

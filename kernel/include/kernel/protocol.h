/* SPDX-License-Identifier: MIT */
/* SVSM calls (AMD 58019): decoding and dispatch. One call at a time per vCPU, in its thread. */
#ifndef KERNEL_PROTOCOL_H
#define KERNEL_PROTOCOL_H

#include "kernel/vcpu.h"

/* A call in work. Registers in; handlers leave results in rcx, rdx, r8. R9 never comes back. */
struct svsm_call {
	struct guest_vcpu *vcpu;
	uint32_t protocol;
	uint32_t call;
	uint64_t rcx, rdx, r8, r9;
};

/* Run a call; the result is RAX[31:0]. May sleep. */
uint32_t svsm_dispatch(struct svsm_call *call);

/* QUERY_PROTOCOL: RCX of the answer for `protocol` and `version`, 0 when it is not offered
 * (SVSM 4.6). */
uint64_t svsm_query(uint32_t protocol, uint32_t version);

/* One entry of a PVALIDATE list, decoded (SVSM 4.2). */
struct svsm_page_entry {
	gpa_t gpa;
	enum page_size size;
	bool validate;
	bool ignore_cf;
};

/* SVSM_SUCCESS, or SVSM_ERR_INVALID_PARAMETER and *out untouched. */
uint32_t svsm_decode_pvalidate(uint64_t raw, struct svsm_page_entry *out);
/* The same for a DEPOSIT_MEM entry (SVSM 4.5). */
uint32_t svsm_decode_deposit(uint64_t raw, struct svsm_page_entry *out);

/* Checks of a list's header at `gpa` (8-byte aligned). SVSM_SUCCESS or SVSM_ERR_INVALID_PARAMETER.
 */
uint32_t svsm_check_list(gpa_t gpa, const struct svsm_page_list *header);

/* The result code for an access to guest memory that ended with `error`. */
uint32_t svsm_result_of(enum error error);

/* The protocols' handlers. */
uint32_t svsm_core_remap_ca(struct svsm_call *call);
uint32_t svsm_core_pvalidate(struct svsm_call *call);
uint32_t svsm_core_create_vcpu(struct svsm_call *call);
uint32_t svsm_core_delete_vcpu(struct svsm_call *call);
uint32_t svsm_core_deposit(struct svsm_call *call);
uint32_t svsm_core_withdraw(struct svsm_call *call);
uint32_t svsm_core_query_protocol(struct svsm_call *call);
uint32_t svsm_core_configure_vtom(struct svsm_call *call);
uint32_t svsm_attestation(struct svsm_call *call);
uint32_t svsm_vtpm_query(struct svsm_call *call);
uint32_t svsm_vtpm_command(struct svsm_call *call);

#endif

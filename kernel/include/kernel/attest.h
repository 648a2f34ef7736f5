/* SPDX-License-Identifier: MIT */
/*
 * Attestation protocol (SVSM 5): the guest asks for a VMPL0 report over its nonce and the manifest
 * of the running services. The kernel itself puts the manifest together and hashes it; no service
 * sees the nonce or chooses a byte of what is signed beyond its own entry.
 *
 * A call may take many entries into Copra: a manifest may have to be made first, the PSP may be
 * busy. It is recognised by vCPU, call and argument; what it says is read once, when it begins. It
 * ends within a budget of time.
 */
#ifndef KERNEL_ATTEST_H
#define KERNEL_ATTEST_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

struct attest_call;
struct service_slot;

/* A vCPU's part of the protocol; zeroed at first. */
struct attest_slot {
	struct attest_call *call; /* in work; NULL: none */
	uint64_t paid_ns;         /* rate limit: its calls are paid for up to this time */
};

struct attest_request {
	struct attest_slot *attest; /* the vCPU's */
	struct service_slot *slot;  /* the vCPU's */
	uint32_t call;              /* SVSM_ATTEST_* */
	uint64_t rcx, rdx, r8, r9;  /* rcx in: the operation; out, when lengths are returned: */
	bool lengths;               /* rcx manifest, rdx certificates, r8 report bytes */
};

/*
 * ATTEST_SERVICES and ATTEST_SINGLE_SERVICE. Returns RAX[31:0]. Sleeps for at most a slice; then
 * the result is INCOMPLETE or BUSY and the guest calls again. Thread context.
 */
uint32_t attest_handle(struct attest_request *request) MUST_CHECK;

/* The vCPU is gone, or the machine is reset. */
void attest_forget(struct attest_slot *attest);

#endif

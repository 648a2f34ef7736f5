/* SPDX-License-Identifier: MIT */
/*
 * Calls that a ring-3 service answers, seen from the guest's side. A vCPU has one slot for ever, so
 * a call allocates nothing. The vCPU's thread waits up to a slice for the answer; then the guest is
 * told INCOMPLETE and repeats the call, which is recognised by protocol, call and arguments: its
 * buffer is not read again. A call has a total budget; a different call of the same vCPU drops the
 * one before.
 */
#ifndef KERNEL_SERVICE_H
#define KERNEL_SERVICE_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

#define SERVICE_PROTOCOL_MAX 8 /* protocols 0 to 7 may have a server */

struct service_slot; /* one per vCPU */

/* Registers and buffer of one call. */
struct service_call {
	uint32_t protocol; /* RAX[63:32] */
	uint32_t call;     /* RAX[31:0] */
	uint64_t rcx;
	uint64_t rdx;
	uint64_t r8;
	uint64_t r9;
	uint32_t buffer_size; /* 0 to 4096 */
};

struct service_answer {
	uint32_t result; /* RAX[31:0] */
	uint64_t rcx;
	uint64_t rdx;
	uint64_t r8;
	const uint8_t *buffer; /* in the slot; valid until the slot's next call */
	uint32_t buffer_size;
};

enum service_status {
	SERVICE_ANSWERED,   /* *answer is the service's */
	SERVICE_PENDING,    /* accepted, not done: INCOMPLETE, call again */
	SERVICE_BUSY,       /* nothing accepted: BUSY, call again */
	SERVICE_ABSENT,     /* no server for the protocol: UNSUPPORTED_PROTOCOL */
	SERVICE_BAD_BUFFER, /* fill failed: INVALID_ADDRESS */
	SERVICE_FAILED,     /* the server died or the budget ran out: a final error */
};

/* Fill `buffer` (SVC_BUFFER_SIZE bytes) from guest memory; called at most once per accepted call.
 */
typedef enum error (*service_fill_fn)(void *context, uint8_t *buffer, uint32_t size);

/* A slot for vCPU `vcpu`. ERR_NO_MEMORY. */
enum error service_slot_create(struct service_slot **out, uint32_t vcpu) MUST_CHECK;
void service_slot_destroy(struct service_slot *slot);

/*
 * Make or resume a call. Blocks the calling thread up to `slice_ns`. `fill` is asked for the buffer
 * when (and only when) a new call with buffer_size != 0 is accepted; if it fails SERVICE_BAD_BUFFER
 * is returned and nothing was accepted. Thread context, no locks held.
 */
enum service_status service_request(struct service_slot *slot, const struct service_call *call,
				    service_fill_fn fill, void *context,
				    struct service_answer *answer) MUST_CHECK;

/* Whether a server for the protocol is there (QUERY_PROTOCOL). */
bool service_present(uint32_t protocol);

/* Longest wait in one service_request(), and a call's budget over all its repetitions. */
void service_set_limits(uint64_t slice_ns, uint64_t budget_ns);

/* --- Attestation manifests that services registered (SVSM 5.2, 5.3) --------------------------- */

struct service_manifest {
	uint8_t guid[16];
	uint32_t version;
	uint32_t size; /* 0: made on demand by the protocol's server */
	uint32_t protocol;
};

#define SERVICE_MANIFEST_MAX 8

/* Number of manifests; fills up to `max` of them. */
size_t service_manifest_list(struct service_manifest *out, size_t max);

/*
 * Data of one manifest, through the vCPU's slot because it may have to be made: as
 * service_request(). *size in: room, out: bytes. SERVICE_FAILED with *size > room when the room is
 * too small.
 */
enum service_status service_manifest_read(struct service_slot *slot, const uint8_t guid[16],
					  uint32_t version, uint8_t *out,
					  uint32_t *size) MUST_CHECK;

/* --- Launch --------------------------------------------------------------------------------- */

/* Before any other function; also in an image that has no services, whose guests may ask for them.
 */
void service_init(void);

/* Wait until init says that the guest may start (/dev/svsm/launch). ERR_TIMEOUT. */
enum error service_wait_launch(uint64_t deadline_ns) MUST_CHECK;

#endif

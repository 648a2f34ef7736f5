/* SPDX-License-Identifier: MIT */
/* One event of the GHCB page, read once, and its answer; for husk/ghcb only. */
#ifndef HUSK_GHCB_REQUEST_H
#define HUSK_GHCB_REQUEST_H

#include "husk/vcpu.h"
#include "sevabi/ghcb.h"

#define GHCB_HOST_FEATURES                                                                 \
	(GHCB_FEATURE_SNP | GHCB_FEATURE_AP_CREATION | GHCB_FEATURE_RESTRICTED_INJECTION | \
	 GHCB_FEATURE_APIC_ID_LIST | GHCB_FEATURE_MULTI_VMPL)

struct request {
	struct vcpu *vcpu;
	struct plane *plane;
	gpa_t page;
	uint64_t valid[2]; /* the guest's valid bitmap */
	uint64_t rax, rbx, rcx, rdx, xcr0;
	uint64_t code, info1, info2, scratch;
	/* The answer */
	uint64_t result1, result2;
	bool no_answer; /* given later, or never */
	bool unmarked;  /* a malicious host: result2 without its valid bit */
};

/* A field of the page as a bit of a handler's needs. */
enum request_needs {
	NEEDS_NOTHING = 0,
	NEEDS_RAX = 0x01,
	NEEDS_RBX = 0x02,
	NEEDS_RCX = 0x04,
	NEEDS_RDX = 0x08,
	NEEDS_SCRATCH = 0x10,
	NEEDS_CPL = 0x20,
};

bool request_has(const struct request *r, unsigned valid_index);

/* Answers: malformed input (GHCB_MALFORMED_*), an exception to be raised in the guest. */
void request_malformed(struct request *r, uint32_t reason);
void request_raise_gp(struct request *r);

/*
 * The scratch area, `size` bytes of it from `offset` on, must lie in the page's shared buffer
 * (GHCB 2, protocol version 2). False: it does not, and the answer says so. The functions copy.
 */
bool MUST_CHECK request_scratch(struct request *r, uint64_t size);
bool MUST_CHECK scratch_read(struct request *r, uint64_t offset, void *to, size_t size);
bool MUST_CHECK scratch_write(struct request *r, uint64_t offset, const void *from, size_t size);

/* Dispatch by exit code (events.c). */
void request_handle(struct request *r);

/* Handlers outside events.c */
void event_ioio(struct request *r);
void event_mmio_read(struct request *r);
void event_mmio_write(struct request *r);
void event_msr(struct request *r);
void event_page_state_change(struct request *r);
void event_guest_request(struct request *r);
void event_extended_guest_request(struct request *r);
void event_ap_creation(struct request *r);
void event_doorbell_page(struct request *r);
void event_apic_id_list(struct request *r);

/* The MSR protocol; `msr` has a non-zero GHCBInfo. */
void msr_protocol(struct vcpu *v, struct plane *p, uint64_t msr);

/* One page to private or shared, as the host does it for a page state change. */
bool MUST_CHECK page_state_set(gpa_t gpa, bool private, bool huge);

/* GHCB termination: does not return. */
void NORETURN ghcb_terminate(struct plane *p, unsigned set, unsigned code);

/* MSRs that the host keeps for the guest. False: #GP(0). */
bool MUST_CHECK host_msr_read(struct plane *p, uint32_t msr, uint64_t *value);
bool MUST_CHECK host_msr_write(struct plane *p, uint32_t msr, uint64_t value);

#endif

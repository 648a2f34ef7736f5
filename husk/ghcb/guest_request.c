/* SPDX-License-Identifier: MIT */
/* Messages to the PSP (GHCB 4.1.7 and 4.1.8): the pages' checks, throttling, certificates. */
#include "husk/guest_memory.h"
#include "husk/machine.h"
#include "husk/malice.h"
#include "husk/psp.h"
#include "husk/rmp.h"
#include "request.h"

#define CERT_PAGES_MAX 0x100

static uint64_t reply(uint32_t vmm, uint32_t firmware)
{
	return ((uint64_t)vmm << 32) | firmware;
}

static bool is_shared_page(uint64_t gpa)
{
	return IS_ALIGNED(gpa, PAGE_SIZE) && machine_is_guest_ram(GPA(gpa)) &&
	       rmp_host_may_write(GPA(gpa), PAGE_SIZE);
}

/* Request and response page: aligned, shared, not the same. */
static bool pages_acceptable(struct request *r)
{
	if (r->info1 != r->info2 && is_shared_page(r->info1) && is_shared_page(r->info2))
		return true;
	request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
	return false;
}

/* Option HUSK_OPTION_THROTTLE: each n-th request is sent back. */
static bool throttled(void)
{
	static unsigned count;

	if (machine.throttle == 0 || ++count % machine.throttle != 0)
		return false;
	return true;
}

/* Only one request at a time: the machine lock is held. */
static struct guest_msg request_copy, response_copy;

/* A malicious host's ways to end a request before the PSP has seen it. */
static bool held_back(struct request *r, enum malice_psp action)
{
	switch (action) {
	case MALICE_PSP_BUSY:
		r->result2 = reply(GHCB_REQUEST_VMM_BUSY, 0);
		return true;
	case MALICE_PSP_LENGTH:
		r->rbx++;
		r->result2 = reply(GHCB_REQUEST_VMM_INVALID_LEN, 0);
		return true;
	case MALICE_PSP_DROP:
		return true;
	default:
		return false;
	}
}

/* And its ways with the answer. */
static bool give_answer(struct request *r, enum malice_psp action)
{
	static struct guest_msg previous, honest;
	const struct guest_msg *given = &response_copy;
	bool ok;

	honest = response_copy;
	if (action == MALICE_PSP_REPLAY)
		given = &previous;
	if (action == MALICE_PSP_FLIP)
		response_copy.payload[0] ^= 1;
	ok = action == MALICE_PSP_SWALLOW ||
	     guest_write(GPA(r->info2), given, sizeof(*given)) == GUEST_ACCESS_OK;
	previous = honest;
	r->unmarked = action == MALICE_PSP_UNMARKED;
	return ok;
}

static void call_psp(struct request *r, enum malice_psp action)
{
	enum psp_status status;
	uint32_t vmm;

	if (held_back(r, action))
		return;
	status = psp_guest_request(&request_copy, &response_copy);
	if (status == PSP_OK && !give_answer(r, action))
		status = PSP_BAD_ADDRESS;
	vmm = status == PSP_OK ? GHCB_REQUEST_VMM_OK : GHCB_REQUEST_VMM_GENERIC;
	if (action == MALICE_PSP_LATE_BUSY)
		vmm = GHCB_REQUEST_VMM_BUSY;
	if (action == MALICE_PSP_CLASS)
		vmm = 7; /* no value of the specification's */
	r->result2 = reply(vmm, (uint32_t)status);
}

static bool read_request(struct request *r)
{
	if (guest_read(GPA(r->info1), &request_copy, sizeof(request_copy)) == GUEST_ACCESS_OK)
		return true;
	request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
	return false;
}

void event_guest_request(struct request *r)
{
	enum malice_psp action;

	if (!pages_acceptable(r) || !read_request(r))
		return;
	action = malice_psp_next(&request_copy);
	if (throttled())
		r->result2 = reply(GHCB_REQUEST_VMM_BUSY, 0);
	else
		call_psp(r, action);
}

/* False: the guest's buffer is too small and the answer says so. */
static bool give_certificates(struct request *r)
{
	uint32_t size;
	const void *table = psp_certificates(&size);
	uint64_t pages = ALIGN_UP((uint64_t)size, PAGE_SIZE) / PAGE_SIZE;
	static const uint8_t empty[24];

	if (size == 0) {
		if (r->rbx != 0 &&
		    guest_write(GPA(r->rax), empty, sizeof(empty)) != GUEST_ACCESS_OK)
			request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
		return r->result1 == GHCB_RESULT_OK;
	}
	if (r->rbx < pages) {
		r->rbx = pages;
		r->result2 = reply(GHCB_REQUEST_VMM_INVALID_LEN, 0);
		return false;
	}
	if (guest_write(GPA(r->rax), table, size) != GUEST_ACCESS_OK) {
		request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
		return false;
	}
	return true;
}

void event_extended_guest_request(struct request *r)
{
	enum malice_psp action;

	if (!pages_acceptable(r))
		return;
	if (!IS_ALIGNED(r->rax, PAGE_SIZE) || r->rbx > CERT_PAGES_MAX) {
		request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
		return;
	}
	if (!read_request(r))
		return;
	action = malice_psp_next(&request_copy);
	if (throttled()) {
		r->result2 = reply(GHCB_REQUEST_VMM_BUSY, 0);
		return;
	}
	/* Certificates go with reports only. */
	if (request_copy.header.msg_type == GUEST_MSG_REPORT_REQ && !give_certificates(r))
		return;
	call_psp(r, action);
}

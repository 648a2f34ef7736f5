/* SPDX-License-Identifier: MIT */
/* The call as a whole: begin or resume, collect, report, write, end. */
#include <mbedtls/sha512.h>

#include "call.h"
#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/guest.h"
#include "kernel/string.h"

#define MS 1000000ULL

/* One entry waits this long for the PSP; a whole call may last this long; then it fails. */
#define SLICE_NS  (10 * MS)
#define BUDGET_NS (60000 * MS)
/* Rate limit per vCPU: a burst of BURST calls, then one in each PERIOD_NS. */
#define PERIOD_NS (50 * MS)
#define BURST     16U

static void return_lengths(struct attest_request *request, const struct attest_call *call,
			   uint32_t certs_size)
{
	request->lengths = true;
	request->rcx = call->manifest_size;
	request->rdx = certs_size;
	request->r8 = sizeof(struct attestation_report);
}

/* True: the call is paid for. A guest in a loop pays with BUSY; nobody else notices. */
static bool within_rate(struct attest_slot *attest)
{
	uint64_t now = clock_ns();
	uint64_t earliest = now > BURST * PERIOD_NS ? now - BURST * PERIOD_NS : 0;

	if (attest->paid_ns < earliest)
		attest->paid_ns = earliest;
	if (attest->paid_ns > now)
		return false;
	attest->paid_ns += PERIOD_NS;
	return true;
}

static uint32_t begin(struct attest_call *call, const struct attest_request *request)
{
	uint32_t result;

	call->call = request->call;
	call->rcx = request->rcx;
	call->stage = ATTEST_COLLECT;
	call->deadline_ns = clock_ns() + BUDGET_NS;
	result = attest_read_op(call, request->call, request->rcx);
	if (result != SVSM_SUCCESS)
		return result;
	return attest_choose(call);
}

static enum error hash(const struct attest_call *call, uint8_t report_data[64])
{
	mbedtls_sha512_context sha;
	int status;

	mbedtls_sha512_init(&sha);
	status = mbedtls_sha512_starts(&sha, 0);
	if (!status)
		status = mbedtls_sha512_update(&sha, call->nonce, call->nonce_size);
	if (!status)
		status = mbedtls_sha512_update(&sha, call->manifest, call->manifest_size);
	if (!status)
		status = mbedtls_sha512_finish(&sha, report_data);
	mbedtls_sha512_free(&sha);
	return status ? ERR_CRYPTO : OK;
}

static enum error ask_psp(struct attest_call *call, struct psp_certs *certs)
{
	uint8_t report_data[64];
	enum error error = hash(call, report_data);

	if (error != OK)
		return error;
	return psp_report(report_data, 0, &call->report, call->op.common.certs_size ? certs : NULL,
			  clock_ns() + SLICE_NS);
}

/* The table ends with an entry of zeros and the blobs lie behind it; nothing: no certificates. */
static uint32_t certs_used(const struct attest_call *call, const struct psp_certs *certs)
{
	uint8_t any = 0;

	for (size_t i = 0; i < 24 && certs->pages; i++)
		any |= call->certs[i];
	return any ? certs->pages * (uint32_t)PAGE_SIZE : 0;
}

static uint32_t write_results(struct attest_call *call, struct attest_request *request,
			      const struct psp_certs *certs)
{
	const struct svsm_attest_op *op = &call->op.common;
	uint32_t certs_size = certs_used(call, certs);
	enum error error;

	error = guest_write(GPA(op->report_gpa), &call->report, sizeof(call->report));
	if (error == OK)
		error = guest_write(GPA(op->manifest_gpa), call->manifest, call->manifest_size);
	if (error == OK && certs_size)
		error = guest_write(GPA(op->certs_gpa), call->certs, certs_size);
	if (error == ERR_BUSY)
		return SVSM_ERR_BUSY;
	if (error != OK)
		return SVSM_ERR_INVALID_ADDRESS;
	return_lengths(request, call, certs_size);
	return SVSM_SUCCESS;
}

static uint32_t report(struct attest_call *call, struct attest_request *request)
{
	uint32_t pages = call->op.common.certs_size / (uint32_t)PAGE_SIZE;
	struct psp_certs certs = {.buffer = call->certs, .pages = pages};
	enum error error;

	if (certs.pages > PSP_CERTS_MAX_PAGES)
		certs.pages = PSP_CERTS_MAX_PAGES;
	memset(call->certs, 0, sizeof(call->certs));
	error = ask_psp(call, &certs);
	switch (error) {
	case OK:
		return write_results(call, request, &certs);
	case ERR_BUSY:
		return SVSM_ERR_BUSY;
	case ERR_RANGE:
		return_lengths(request, call, certs.pages * (uint32_t)PAGE_SIZE);
		return SVSM_ERR_INVALID_PARAMETER;
	default:
		return SVSM_ERR_INVALID_REQUEST;
	}
}

static uint32_t check_sizes(struct attest_call *call, struct attest_request *request)
{
	const struct svsm_attest_op *op = &call->op.common;

	if (op->report_size >= sizeof(struct attestation_report) &&
	    op->manifest_size >= call->manifest_size)
		return SVSM_SUCCESS;
	return_lengths(request, call, 0);
	return SVSM_ERR_INVALID_PARAMETER;
}

static uint32_t advance(struct attest_call *call, struct attest_request *request)
{
	uint32_t result;

	if (call->stage == ATTEST_COLLECT) {
		result = attest_collect(call, request->slot);
		if (result != SVSM_SUCCESS)
			return result;
		result = check_sizes(call, request);
		if (result != SVSM_SUCCESS)
			return result;
		call->stage = ATTEST_REPORT;
	}
	return report(call, request);
}

/* The call to resume, or a new one. NULL with *result: none. */
static struct attest_call *find_call(struct attest_request *request, uint32_t *result)
{
	struct attest_call *call = request->attest->call;

	if (call && call->call == request->call && call->rcx == request->rcx) {
		*result = clock_ns() > call->deadline_ns ? SVSM_ERR_INVALID_REQUEST : SVSM_SUCCESS;
		return call;
	}
	attest_forget(request->attest);
	*result = SVSM_ERR_BUSY;
	if (!within_rate(request->attest))
		return NULL;
	*result = SVSM_NEED_MEMORY | (sizeof(*call) / PAGE_SIZE + 1);
	call = kalloc(sizeof(*call));
	if (!call)
		return NULL;
	request->attest->call = call;
	*result = begin(call, request);
	/* Not accepted, BUSY included: a repetition begins anew. */
	if (*result != SVSM_SUCCESS)
		attest_forget(request->attest);
	return request->attest->call;
}

uint32_t attest_handle(struct attest_request *request)
{
	struct attest_call *call;
	uint32_t result;

	if (request->call != SVSM_ATTEST_SERVICES && request->call != SVSM_ATTEST_SINGLE_SERVICE)
		return SVSM_ERR_UNSUPPORTED_CALL;
	call = find_call(request, &result);
	if (result == SVSM_SUCCESS)
		result = advance(call, request);
	if (result != SVSM_ERR_INCOMPLETE && result != SVSM_ERR_BUSY)
		attest_forget(request->attest);
	return result;
}

void attest_forget(struct attest_slot *attest)
{
	kfree(attest->call);
	attest->call = NULL;
}

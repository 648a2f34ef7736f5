/* SPDX-License-Identifier: MIT */
/* VMGEXIT: the page is read once, the request handled, the answer written. */
#include <string.h>

#include "husk/ghcb.h"
#include "husk/guest_memory.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/lies.h"
#include "request.h"

/* The part of the page that requests use, below the shared buffer. */
#define SAVE_AREA_AT   0x140
#define SAVE_AREA_SIZE (0x400 - SAVE_AREA_AT)
#define VERSION_AT     0xffa
#define RAX_AT         0x1f8
#define RCX_AT         0x308
#define INFO1_AT       0x398
#define VALID_AT       0x3f0

struct page_tail {
	uint16_t version;
	uint32_t usage;
} PACKED;

static void set_valid(uint64_t valid[2], unsigned index)
{
	valid[index / 64] |= BIT(index % 64);
}

bool request_has(const struct request *r, unsigned valid_index)
{
	return (r->valid[valid_index / 64] & BIT(valid_index % 64)) != 0;
}

void request_malformed(struct request *r, uint32_t reason)
{
	log_debug("vcpu %u vmpl %u: malformed GHCB request %lx (%lx, %lx): %u", r->vcpu->index,
		  r->plane->vmpl, r->code, r->info1, r->info2, reason);
	r->result1 = GHCB_RESULT_MALFORMED;
	r->result2 = reason;
}

void request_raise_gp(struct request *r)
{
	r->result1 = GHCB_RESULT_EXCEPTION;
	r->result2 = EVENT_VALID | EVENT_ERROR_VALID | EVENT_TYPE_EXCEPTION | VECTOR_GP;
}

static uint64_t field(const uint8_t *area, unsigned at)
{
	uint64_t value;

	memcpy(&value, area + at - SAVE_AREA_AT, sizeof(value));
	return value;
}

static bool request_read(struct request *r, struct page_tail *tail)
{
	uint8_t area[SAVE_AREA_SIZE];

	if (guest_read(GPA(r->page.raw + SAVE_AREA_AT), area, sizeof(area)) != GUEST_ACCESS_OK ||
	    guest_read(GPA(r->page.raw + VERSION_AT), tail, sizeof(*tail)) != GUEST_ACCESS_OK)
		return false;
	r->valid[0] = field(area, VALID_AT);
	r->valid[1] = field(area, VALID_AT + 8);
	r->rax = field(area, RAX_AT);
	r->rcx = field(area, RCX_AT);
	r->rdx = field(area, RCX_AT + 8);
	r->rbx = field(area, RCX_AT + 16);
	r->code = field(area, INFO1_AT - 8);
	r->info1 = field(area, INFO1_AT);
	r->info2 = field(area, INFO1_AT + 8);
	r->scratch = field(area, INFO1_AT + 16);
	r->xcr0 = field(area, 0x3e8);
	return true;
}

/* The malicious host's changes to an answer; false: it is not even written. */
static bool spoil_answer(struct request *r, uint64_t valid[2])
{
	uint8_t vmpl = r->plane->vmpl;
	uint64_t value;

	if (lie_now(LIE_INFO1, vmpl, 0, &value))
		r->result1 = value;
	if (lie_now(LIE_INFO2, vmpl, 0, &value))
		r->result2 = value;
	if (lie_now(LIE_RAX, vmpl, 0, &value))
		r->rax = value;
	if (lie_now(LIE_VALID, vmpl, 0, &value))
		valid[0] = valid[1] = 0;
	return !lie_now(LIE_SILENT, vmpl, 0, &value);
}

/* RAX to RDX are always said to be valid, as KVM says. */
static void request_answer(struct request *r)
{
	uint64_t registers[3] = {r->rcx, r->rdx, r->rbx};
	uint64_t results[2];
	uint64_t valid[2] = {0};
	gpa_t page = r->page;
	bool ok;

	set_valid(valid, GHCB_VALID_RAX);
	set_valid(valid, GHCB_VALID_RBX);
	set_valid(valid, GHCB_VALID_RCX);
	set_valid(valid, GHCB_VALID_RDX);
	set_valid(valid, GHCB_VALID_SW_EXITINFO1);
	if (!r->unmarked)
		set_valid(valid, GHCB_VALID_SW_EXITINFO2);
	if (lies_active() && !spoil_answer(r, valid))
		return;
	results[0] = r->result1;
	results[1] = r->result2;
	ok = guest_write(GPA(page.raw + RAX_AT), &r->rax, sizeof(r->rax)) == GUEST_ACCESS_OK &&
	     guest_write(GPA(page.raw + RCX_AT), registers, sizeof(registers)) == GUEST_ACCESS_OK &&
	     guest_write(GPA(page.raw + INFO1_AT), results, sizeof(results)) == GUEST_ACCESS_OK &&
	     guest_write(GPA(page.raw + VALID_AT), valid, sizeof(valid)) == GUEST_ACCESS_OK;
	if (!ok)
		log_detail("vcpu %u vmpl %u: no answer, the GHCB at %lx is not shared",
			   r->vcpu->index, r->plane->vmpl, page.raw);
}

/* What must hold before the exit code counts, in KVM's order. */
static bool request_acceptable(struct request *r, const struct page_tail *tail)
{
	const struct ghcb_state *ghcb = &r->plane->ghcb;

	if (!ghcb->is_registered || ghcb->registered.raw != r->page.raw) {
		request_malformed(r, GHCB_MALFORMED_NOT_REGISTERED);
		return false;
	}
	if (tail->usage != GHCB_USAGE_STANDARD) {
		request_malformed(r, GHCB_MALFORMED_INVALID_USAGE);
		return false;
	}
	if (!request_has(r, GHCB_VALID_SW_EXITCODE) || !request_has(r, GHCB_VALID_SW_EXITINFO1) ||
	    !request_has(r, GHCB_VALID_SW_EXITINFO2)) {
		request_malformed(r, GHCB_MALFORMED_MISSING_INPUT);
		return false;
	}
	return true;
}

static void page_protocol(struct vcpu *v, struct plane *p, gpa_t page)
{
	struct request r = {.vcpu = v, .plane = p, .page = page};
	struct page_tail tail;

	if (!request_read(&r, &tail)) {
		log_detail("vcpu %u vmpl %u: the GHCB address %lx is no memory", v->index, p->vmpl,
			   page.raw);
		return;
	}
	if (request_acceptable(&r, &tail))
		request_handle(&r);
	if (!r.no_answer)
		request_answer(&r);
}

void ghcb_vmgexit(struct vcpu *v)
{
	struct plane *p = vcpu_plane(v);
	uint64_t msr = p->ghcb.msr, mask;

	lies_vmgexit(p->vmpl);
	if (GHCB_MSR_INFO(msr) == GHCB_MSR_GPA) {
		page_protocol(v, p, GPA(msr));
		return;
	}
	msr_protocol(v, p, msr);
	if (lie_now(LIE_MSR, p->vmpl, 0, &mask))
		p->ghcb.msr ^= mask;
}

void ghcb_reset(struct plane *p)
{
	memset(&p->ghcb, 0, sizeof(p->ghcb));
	p->ghcb.msr = GHCB_MSR_SEV_INFO_VALUE(GHCB_PROTOCOL_MAX, GHCB_PROTOCOL_MIN, machine.c_bit);
}

void ghcb_vmsa_changed(struct plane *p)
{
	p->ghcb.has_doorbell = false;
	p->ghcb.pending_run_vmpl = GHCB_REPLY_NONE;
}

/* The answer of a request that had to wait: INFO1 is 0. */
static void answer_late(struct plane *p, uint64_t info2)
{
	struct request r = {.vcpu = p->vcpu, .plane = p, .page = p->ghcb.registered};
	struct page_tail tail;

	if (!p->ghcb.is_registered || !request_read(&r, &tail))
		return;
	r.result2 = info2;
	request_answer(&r);
}

void ghcb_complete_run_vmpl(struct plane *p)
{
	enum ghcb_reply reply = p->ghcb.pending_run_vmpl;

	p->ghcb.pending_run_vmpl = GHCB_REPLY_NONE;
	if (reply == GHCB_REPLY_MSR)
		p->ghcb.msr = GHCB_MSR_RUN_VMPL_RESP_VALUE(0);
	else if (reply == GHCB_REPLY_PAGE)
		answer_late(p, 0);
}

void ghcb_complete_reset_hold(struct plane *p, bool by_sipi)
{
	if (GHCB_MSR_INFO(p->ghcb.msr) == GHCB_MSR_GPA)
		answer_late(p, by_sipi);
	else
		p->ghcb.msr = GHCB_MSR_AP_RESET_HOLD_RESP_VALUE(by_sipi);
}

bool request_scratch(struct request *r, uint64_t size)
{
	uint64_t buffer = r->page.raw + GHCB_SHARED_BUFFER_AT;
	uint64_t end;

	if (size == 0 || r->scratch < buffer || __builtin_add_overflow(r->scratch, size, &end) ||
	    end > r->page.raw + GHCB_SHARED_BUFFER_END) {
		request_malformed(r, GHCB_MALFORMED_INVALID_SCRATCH);
		return false;
	}
	return true;
}

bool scratch_read(struct request *r, uint64_t offset, void *to, size_t size)
{
	if (!request_scratch(r, offset + size))
		return false;
	if (guest_read(GPA(r->scratch + offset), to, size) == GUEST_ACCESS_OK)
		return true;
	request_malformed(r, GHCB_MALFORMED_INVALID_SCRATCH);
	return false;
}

bool scratch_write(struct request *r, uint64_t offset, const void *from, size_t size)
{
	if (!request_scratch(r, offset + size))
		return false;
	if (guest_write(GPA(r->scratch + offset), from, size) == GUEST_ACCESS_OK)
		return true;
	request_malformed(r, GHCB_MALFORMED_INVALID_SCRATCH);
	return false;
}

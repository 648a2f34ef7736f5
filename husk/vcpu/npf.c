/* SPDX-License-Identifier: MIT */
/*
 * Nested page faults: what they are on SNP (#VC for the guest, an RMP fault for the host, or only
 * a nested entry that isn't made yet), and what the host does about them (as KVM and QEMU do).
 */
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/npt.h"
#include "husk/rmp.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"
#include "vcpu/run.h"

/* This many nested faults at one RIP and GPA in a row are endless. */
#define ENDLESS_FAULTS 1000

struct fault {
	gpa_t page;
	uint64_t bits;  /* EXITINFO1 as the hardware gives it */
	bool encrypted; /* C=1 in the address */
	bool private_access;
	bool fetch, walk, write;
};

static struct fault decode(const struct plane *p)
{
	const struct vmcb *v = p->vmcb;
	uint64_t c_bit = BIT(machine.c_bit);
	struct fault f = {
		.page = GPA(ALIGN_DOWN(v->control.exit_info2 & ~c_bit, PAGE_SIZE)),
		.bits = v->control.exit_info1,
		.encrypted = p->paged && (v->control.exit_info2 & c_bit),
		.fetch = v->control.exit_info1 & NPF_FETCH,
		.walk = v->control.exit_info1 & NPF_PAGE_WALK,
		.write = v->control.exit_info1 & NPF_WRITE,
	};

	f.private_access = f.encrypted || !p->paged || f.fetch || f.walk;
	return f;
}

static void report_stuck(const struct plane *p, const struct fault *f, const char *why)
{
	struct rmp_access a = rmp_lookup(f->page, p->vmpl);

	log_error("RMP entry: assigned %d for-this-GPA %d validated %d VMSA %d 2M %d perms %x",
		  a.assigned, a.matches, a.validated, a.vmsa, a.huge, a.perms);
	machine_end(HUSK_EXIT_STUCK, "%s: vcpu %u vmpl %u rip %lx gpa %lx C=%d info %lx", why,
		    p->vcpu->index, p->vmpl, p->vmcb->save.rip, p->vmcb->control.exit_info2,
		    f->encrypted, f->bits);
}

/* A fault that the host can't repair. Legal answers: stop, or let VMPL0 look at it. */
static void violation(struct plane *p, const struct fault *f, uint64_t bits)
{
	if (!machine.violation_switch || p->vmpl == 0 || !vcpu_run_vmpl(p->vcpu, 0))
		report_stuck(p, f, "endless nested fault");
	p->vmcb->control.exit_info1 = f->bits | bits;
	p->vmcb->control.exit_info2 &= ~BIT(machine.c_bit);
}

/* Memory that changes hands between the two keys turns into noise. */
static void make_foreign(gpa_t page)
{
	uint64_t *words = machine_map(machine_translate(page));

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		words[i] = (words[i] ^ 0xa5a5a5a5a5a5a5a5ULL) * 0x9e3779b97f4a7c15ULL + i;
}

/* The host gives the guest a private page, or takes it back: QEMU's answer to KVM's memory fault.
 */
static bool convert(gpa_t page, bool private)
{
	if (rmp_lookup(page, 0).huge &&
	    rmp_psmash(GPA(ALIGN_DOWN(page.raw, PAGE_2M_SIZE))) != RMP_OK)
		return false;
	if (rmp_update(page, private, false, false) != RMP_OK)
		return false;
	make_foreign(page);
	return true;
}

static uint8_t permission_needed(const struct plane *p, const struct fault *f)
{
	/* A walk reads tables (and sets accessed bits, which the named list of docs/husk.md has).
	 */
	if (f->walk)
		return RMP_READ;
	if (f->fetch)
		return p->vmcb->save.cpl == 3 ? RMP_EXECUTE_USER : RMP_EXECUTE_SUPERVISOR;
	return f->write ? RMP_WRITE : RMP_READ;
}

static enum npt_kind kind_of(const struct plane *p, const struct fault *f)
{
	if (f->encrypted || !p->paged)
		return NPT_PRIVATE;
	if (f->walk)
		return NPT_ALIAS_WALK;
	return f->fetch ? NPT_ALIAS_FETCH : NPT_SHARED;
}

static void map(struct plane *p, const struct fault *f)
{
	enum npt_kind kind = f->private_access ? kind_of(p, f) : NPT_SHARED;

	if (!npt_map(p->vmpl, p->paged, f->page, kind))
		machine_end(HUSK_EXIT_INTERNAL, "no memory for nested tables");
}

static void private_fault(struct plane *p, const struct fault *f)
{
	struct rmp_access a = rmp_lookup(f->page, p->vmpl);
	uint8_t needed = permission_needed(p, f);

	if (!a.assigned) {
		if (!convert(f->page, true))
			report_stuck(p, f, "the host can't assign the page");
	} else if (!a.matches) {
		violation(p, f, NPF_RMP | NPF_ENCRYPTED);
	} else if (!a.validated) {
		plane_raise_vc(p, SVM_EXIT_PAGE_NOT_VALIDATED);
	} else if ((a.perms & needed) != needed || (f->write && a.in_use && !f->walk)) {
		violation(p, f, NPF_RMP | NPF_ENCRYPTED | NPF_VMPL);
	} else {
		map(p, f);
	}
}

static void shared_fault(struct plane *p, const struct fault *f)
{
	if (!rmp_lookup(f->page, p->vmpl).assigned)
		map(p, f);
	else if (!convert(f->page, false))
		report_stuck(p, f, "shared access to a page that the host can't take back");
}

static void count_endless(struct plane *p, const struct fault *f)
{
	uint64_t rip = p->vmcb->save.rip;

	if (p->fault_rip != rip || p->fault_gpa != p->vmcb->control.exit_info2) {
		p->fault_rip = rip;
		p->fault_gpa = p->vmcb->control.exit_info2;
		p->fault_count = 0;
	}
	if (++p->fault_count > ENDLESS_FAULTS)
		report_stuck(p, f, "endless nested fault");
}

void plane_nested_fault(struct plane *p)
{
	struct fault f = decode(p);

	/* Paging was switched on or off since the entry: the other tables know better. */
	if (p->paged != !!(p->vmcb->save.cr0 & CR0_PG))
		return;
	count_endless(p, &f);
	if (!machine_is_guest_ram(f.page))
		plane_raise_vc(p, SVM_EXIT_NPF);
	else if (f.private_access)
		private_fault(p, &f);
	else
		shared_fault(p, &f);
}

void plane_host_fixup(struct plane *p, gpa_t gpa, uint64_t npf_bits)
{
	struct fault f = {.page = GPA(ALIGN_DOWN(gpa.raw, PAGE_SIZE)),
			  .bits = npf_bits,
			  .encrypted = true,
			  .private_access = true};
	struct rmp_access a = rmp_lookup(f.page, p->vmpl);
	bool done;

	if (npf_bits & NPF_SIZE)
		done = rmp_psmash(GPA(ALIGN_DOWN(gpa.raw, PAGE_2M_SIZE))) == RMP_OK;
	else
		done = !a.assigned && convert(f.page, true);
	p->vmcb->control.exit_info1 = npf_bits;
	p->vmcb->control.exit_info2 = gpa.raw;
	count_endless(p, &f);
	if (!done)
		violation(p, &f, npf_bits);
}

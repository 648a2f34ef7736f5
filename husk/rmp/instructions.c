/* SPDX-License-Identifier: MIT */
/*
 * PVALIDATE, RMPADJUST, RMPQUERY (APM3; snp-arch 3). Each: operands, then the entry as the nested
 * walk would meet it, then what the instruction itself demands, then the change.
 */
#include "husk/lies.h"
#include "husk/npt.h"
#include "husk/svm.h"
#include "rmp_table.h"

#define VALIDATE_BIT     BIT(0)
#define TARGET_VMPL(rdx) ((uint8_t)(rdx))
#define PERMS(rdx)       ((uint8_t)((rdx) >> 8))
#define VMSA_BIT         BIT(16)
#define ADJUST_DEFINED   0x1ffffULL

/* #NPF bits that come with every RMP fault on an instruction's operand: a private read. */
#define OPERAND_FAULT (NPF_RMP | NPF_ENCRYPTED | NPF_FINAL | NPF_USER | NPF_PRESENT)

static struct rmp_outcome done(enum rmp_status status)
{
	return (struct rmp_outcome){.action = RMP_DONE, .eax = status};
}

static struct rmp_outcome nested_fault(uint64_t bits)
{
	return (struct rmp_outcome){.action = RMP_NPF, .npf_bits = OPERAND_FAULT | bits};
}

static bool size_is_huge(uint64_t operand)
{
	return (operand & 1) != 0;
}

/*
 * What the nested walk and the RMP check say before the instruction proper: DONE with RMP_OK is
 * "go on". A page that the RMP does not cover is hypervisor-owned.
 */
static struct rmp_outcome operand_check(gpa_t gpa, bool huge, struct rmp_entry **entries)
{
	struct rmp_entry *entry = rmp_entry_of(gpa);

	if (!entry || !rmp_entry_matches(entry, gpa) || entry->immutable)
		return nested_fault(0);
	if (huge && !entry->huge)
		return done(RMP_FAIL_SIZEMISMATCH);
	if (!huge && entry->huge)
		return nested_fault(NPF_SIZE);
	*entries = entry;
	return done(RMP_OK);
}

static bool may_go_on(const struct rmp_outcome *outcome)
{
	return outcome->action == RMP_DONE && outcome->eax == RMP_OK;
}

struct rmp_outcome rmp_pvalidate(uint8_t vmpl, gpa_t gpa, uint64_t ecx, uint64_t edx)
{
	bool huge = size_is_huge(ecx), validate = (edx & VALIDATE_BIT) != 0;
	unsigned count = huge ? RMP_2M_PAGES : 1;
	struct rmp_entry *entries = NULL;
	struct rmp_outcome outcome;

	/* Bits of EDX above the lowest don't count: Linux passes a bool in it, whatever is above.
	 */
	if ((uint32_t)ecx > 1)
		return done(RMP_FAIL_INPUT);
	if (!IS_ALIGNED(gpa.raw, huge ? PAGE_2M_SIZE : PAGE_SIZE))
		return done(RMP_FAIL_INPUT);
	if (vmpl != 0)
		return done(RMP_FAIL_PERMISSION);
	outcome = operand_check(gpa, huge, &entries);
	if (!may_go_on(&outcome))
		return outcome;
	outcome.cf = entries->validated == validate;
	if (outcome.cf)
		return outcome;
	for (unsigned i = 0; i < count; i++) {
		if (validate && entries[i].believed && lies_active())
			lies_harmed_twice_validated(GPA(gpa.raw + i * PAGE_SIZE));
		entries[i].validated = validate;
		entries[i].believed = validate;
	}
	if (!validate)
		npt_forget(gpa, count);
	return outcome;
}

/* RMPADJUST's operands, in the architecture's order. */
static enum rmp_status adjust_operands(uint8_t vmpl, gpa_t gpa, uint64_t rcx, uint64_t rdx)
{
	if (rcx > 1 || (rdx & ~ADJUST_DEFINED) != 0 || (PERMS(rdx) & ~RMP_ALL) != 0)
		return RMP_FAIL_INPUT;
	if (!IS_ALIGNED(gpa.raw, rcx ? PAGE_2M_SIZE : PAGE_SIZE))
		return RMP_FAIL_INPUT;
	if (TARGET_VMPL(rdx) >= RMP_VMPLS)
		return RMP_FAIL_INPUT;
	if (TARGET_VMPL(rdx) <= vmpl)
		return RMP_FAIL_PERMISSION;
	return RMP_OK;
}

/* True if a right was taken away, or the page's being a VMSA changed. */
static bool adjust_entry(struct rmp_entry *entry, uint8_t vmpl, uint64_t rdx)
{
	uint8_t before = rmp_entry_perms(entry, TARGET_VMPL(rdx));
	bool vmsa = (rdx & VMSA_BIT) != 0;
	bool reduced = (before & ~PERMS(rdx)) != 0;

	rmp_entry_set_perms(entry, TARGET_VMPL(rdx), PERMS(rdx));
	if (vmpl == 0 && entry->vmsa != vmsa) {
		entry->vmsa = vmsa;
		reduced = true;
	}
	return reduced;
}

struct rmp_outcome rmp_rmpadjust(uint8_t vmpl, gpa_t gpa, uint64_t rcx, uint64_t rdx)
{
	bool huge = size_is_huge(rcx), reduced = false;
	unsigned count = huge ? RMP_2M_PAGES : 1;
	struct rmp_entry *entries = NULL;
	struct rmp_outcome outcome;
	enum rmp_status status = adjust_operands(vmpl, gpa, rcx, rdx);

	if (status != RMP_OK)
		return done(status);
	outcome = operand_check(gpa, huge, &entries);
	if (!may_go_on(&outcome))
		return outcome;
	if (!entries->validated)
		return (struct rmp_outcome){.action = RMP_VC_NOT_VALIDATED};
	if ((PERMS(rdx) & ~rmp_entry_perms(entries, vmpl)) != 0)
		return done(RMP_FAIL_PERMISSION);
	if (vmpl == 0 && huge && (rdx & VMSA_BIT)) /* a VMSA is a 4 KiB page */
		return done(RMP_FAIL_INPUT);
	for (unsigned i = 0; i < count; i++)
		reduced |= adjust_entry(&entries[i], vmpl, rdx);
	if (reduced)
		npt_forget(gpa, count);
	return outcome;
}

struct rmp_outcome rmp_rmpquery(uint8_t vmpl, gpa_t gpa, uint64_t *rcx, uint64_t *rdx)
{
	uint8_t target = TARGET_VMPL(*rdx);
	struct rmp_entry *entry = rmp_entry_of(gpa);

	if (target >= RMP_VMPLS)
		return done(RMP_FAIL_INPUT);
	if (target < vmpl)
		return done(RMP_FAIL_PERMISSION);
	if (!entry || !rmp_entry_matches(entry, gpa))
		return nested_fault(0);
	if (!entry->validated)
		return (struct rmp_outcome){.action = RMP_VC_NOT_VALIDATED};
	*rcx = entry->huge;
	*rdx = ((uint64_t)rmp_entry_perms(entry, target) << 8) | (entry->vmsa ? VMSA_BIT : 0);
	return done(RMP_OK);
}

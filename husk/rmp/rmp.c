/* SPDX-License-Identifier: MIT */
/* The table itself, the host's changes, and look-ups. The guest's instructions: instructions.c. */
#include "husk/machine.h"
#include "husk/npt.h"
#include "rmp_table.h"

static struct {
	struct rmp_entry *entries;
	uint64_t count;
} table;

void rmp_init(void *memory, uint64_t page_count)
{
	table.entries = memory;
	table.count = page_count;
}

struct rmp_entry *rmp_entry_of(gpa_t gpa)
{
	uint64_t index = machine_translate(gpa).raw >> PAGE_SHIFT;

	return index < table.count ? &table.entries[index] : NULL;
}

/* All 512 pages of a 2 MiB page, or the one page, lie in the RMP and are contiguous there. */
struct rmp_entry *rmp_entries_of(gpa_t gpa, bool huge)
{
	gpa_t last = GPA(gpa.raw + (huge ? PAGE_2M_SIZE - PAGE_SIZE : 0));
	struct rmp_entry *first_entry, *last_entry;

	if (last.raw < gpa.raw || !IS_ALIGNED(gpa.raw, huge ? PAGE_2M_SIZE : PAGE_SIZE))
		return NULL;
	first_entry = rmp_entry_of(gpa);
	last_entry = rmp_entry_of(last);
	if (!first_entry || !last_entry)
		return NULL;
	if (last_entry - first_entry != (huge ? RMP_2M_PAGES - 1 : 0))
		return NULL;
	return first_entry;
}

bool rmp_entry_matches(const struct rmp_entry *entry, gpa_t gpa)
{
	return entry->assigned && entry->gfn == (gpa.raw >> PAGE_SHIFT);
}

uint8_t rmp_entry_perms(const struct rmp_entry *entry, uint8_t vmpl)
{
	switch (vmpl) {
	case 0:
		return RMP_ALL;
	case 1:
		return entry->perms1;
	case 2:
		return entry->perms2;
	case 3:
		return entry->perms3;
	default:
		return 0;
	}
}

void rmp_entry_set_perms(struct rmp_entry *entry, uint8_t vmpl, uint8_t perms)
{
	if (vmpl == 1)
		entry->perms1 = perms & 0x1fU;
	else if (vmpl == 2)
		entry->perms2 = perms & 0x1fU;
	else if (vmpl == 3)
		entry->perms3 = perms & 0x1fU;
}

struct rmp_access rmp_lookup(gpa_t gpa, uint8_t vmpl)
{
	const struct rmp_entry *entry = rmp_entry_of(gpa);
	struct rmp_access access = {0};

	if (!entry)
		return access;
	access.assigned = entry->assigned;
	access.matches = rmp_entry_matches(entry, gpa);
	access.validated = access.matches && entry->validated;
	access.vmsa = entry->vmsa;
	access.in_use = entry->in_use;
	access.huge = entry->huge;
	access.immutable = entry->immutable;
	access.perms = access.matches ? rmp_entry_perms(entry, vmpl) : 0;
	return access;
}

bool rmp_host_may_write(gpa_t gpa, uint64_t size)
{
	uint64_t end, page;

	if (size == 0 || __builtin_add_overflow(gpa.raw, size, &end))
		return false;
	for (page = ALIGN_DOWN(gpa.raw, PAGE_SIZE); page < end; page += PAGE_SIZE) {
		const struct rmp_entry *entry = rmp_entry_of(GPA(page));

		if (entry && entry->assigned)
			return false;
	}
	return true;
}

/* May this RMPUPDATE be done to this one entry? */
static enum rmp_status update_check(const struct rmp_entry *entry, bool size_2m)
{
	if (entry->immutable)
		return RMP_FAIL_PERMISSION;
	if (entry->in_use)
		return RMP_FAIL_INUSE;
	if (entry->assigned && entry->huge != size_2m)
		return RMP_FAIL_OVERLAP;
	return RMP_OK;
}

enum rmp_status rmp_update(gpa_t gpa, bool assigned, bool size_2m, bool immutable)
{
	struct rmp_entry *entries = rmp_entries_of(gpa, size_2m);
	unsigned count = size_2m ? RMP_2M_PAGES : 1;
	enum rmp_status status;
	unsigned i;

	if (!entries)
		return RMP_FAIL_INPUT;
	for (i = 0; i < count; i++) {
		status = update_check(&entries[i], size_2m);
		if (status != RMP_OK)
			return status;
	}
	for (i = 0; i < count; i++) {
		/* The page may have been mapped at another GPA until now. */
		if (entries[i].assigned && entries[i].gfn != (gpa.raw >> PAGE_SHIFT) + i)
			npt_forget(GPA((uint64_t)entries[i].gfn << PAGE_SHIFT), 1);
		entries[i] = (struct rmp_entry){
			.gfn = assigned ? ((gpa.raw >> PAGE_SHIFT) + i) & RMP_GFN_MASK : 0,
			.assigned = assigned,
			.immutable = immutable,
			.huge = assigned && size_2m,
			.believed = entries[i].believed,
		};
	}
	npt_forget(gpa, count);
	return RMP_OK;
}

enum rmp_status rmp_psmash(gpa_t gpa)
{
	struct rmp_entry *entries = rmp_entries_of(gpa, true);

	if (!entries || !entries->assigned || !entries->huge)
		return RMP_FAIL_INPUT;
	if (entries->immutable)
		return RMP_FAIL_PERMISSION;
	for (unsigned i = 0; i < RMP_2M_PAGES; i++)
		entries[i].huge = false;
	return RMP_OK;
}

void rmp_launch_page(gpa_t gpa, bool vmsa, const uint8_t perms[RMP_VMPLS])
{
	struct rmp_entry *entry = rmp_entry_of(gpa);

	if (!entry)
		return;
	*entry = (struct rmp_entry){
		.gfn = (gpa.raw >> PAGE_SHIFT) & RMP_GFN_MASK,
		.assigned = true,
		.validated = true,
		.vmsa = vmsa,
		.believed = true,
	};
	for (uint8_t vmpl = 1; vmpl < RMP_VMPLS; vmpl++)
		rmp_entry_set_perms(entry, vmpl, perms[vmpl]);
	npt_forget(gpa, 1);
}

bool rmp_vmsa_take(gpa_t gpa)
{
	struct rmp_entry *entry = rmp_entries_of(gpa, false);

	if (!entry || !rmp_entry_matches(entry, gpa))
		return false;
	if (!entry->validated || !entry->vmsa || entry->huge || entry->in_use)
		return false;
	entry->in_use = true;
	npt_forget(gpa, 1);
	return true;
}

void rmp_vmsa_release(gpa_t gpa)
{
	struct rmp_entry *entry = rmp_entry_of(gpa);

	if (entry)
		entry->in_use = false;
}

struct rmp_summary rmp_summarize(void)
{
	struct rmp_summary summary = {0};

	for (uint64_t i = 0; i < table.count; i++) {
		summary.assigned += table.entries[i].assigned;
		summary.validated += table.entries[i].validated;
		summary.vmsa += table.entries[i].vmsa;
	}
	return summary;
}

/* SPDX-License-Identifier: MIT */
/* The table's own form; for husk/rmp only. */
#ifndef HUSK_RMP_TABLE_H
#define HUSK_RMP_TABLE_H

#include "husk/rmp.h"

#define RMP_GFN_BITS 40
#define RMP_GFN_MASK (BIT(RMP_GFN_BITS) - 1)

struct rmp_entry {
	uint64_t gfn : RMP_GFN_BITS; /* 52-bit GPA */
	uint64_t assigned : 1;
	uint64_t validated : 1;
	uint64_t immutable : 1;
	uint64_t vmsa : 1;
	uint64_t huge : 1;
	uint64_t in_use : 1;
	uint64_t perms1 : 5; /* VMPL0 always has all */
	uint64_t perms2 : 5;
	uint64_t perms3 : 5;
	uint64_t
		believed : 1; /* the oracle's: the guest holds it for validated, whatever is true */
};
LAYOUT_SIZE(struct rmp_entry, RMP_ENTRY_SIZE);

/* The entry of a page, or NULL outside the RMP. */
struct rmp_entry *rmp_entry_of(gpa_t gpa);
/* The first of the 1 or 512 entries of a page; NULL if misaligned or not wholly in the RMP. */
struct rmp_entry *rmp_entries_of(gpa_t gpa, bool huge);
/* Assigned, and for this GPA. */
bool rmp_entry_matches(const struct rmp_entry *entry, gpa_t gpa);
uint8_t rmp_entry_perms(const struct rmp_entry *entry, uint8_t vmpl);
/* No effect for VMPL0, whose permissions can't be taken away. */
void rmp_entry_set_perms(struct rmp_entry *entry, uint8_t vmpl, uint8_t perms);

#endif

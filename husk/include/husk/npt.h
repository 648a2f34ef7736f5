/* SPDX-License-Identifier: MIT */
/*
 * Nested page tables: derived from the RMP, built on demand. Each VMPL has two sets: for CR0.PG=1,
 * where the C-bit is an address bit, and for CR0.PG=0, where every access is private.
 */
#ifndef HUSK_NPT_H
#define HUSK_NPT_H

#include "base/compiler.h"
#include "base/types.h"

/*
 * The RMP entry of one page (or of page_count pages from a page on) changed: forget all nested
 * mappings of it, and make every other CPU that is in the guest leave it before this returns.
 * husk/rmp calls it after each change that takes something away.
 */
void npt_forget(gpa_t gpa, size_t page_count);

enum npt_kind {
	NPT_PRIVATE,     /* C=1, or an unpaged access */
	NPT_SHARED,      /* C=0 */
	NPT_ALIAS_FETCH, /* C=0 address of a private page, for instruction fetches */
	NPT_ALIAS_WALK,  /* the same for walks of the guest's page tables */
};

/* For VMCB.nCR3: the tables of a VMPL; made at first use. */
uint64_t npt_root(uint8_t vmpl, bool paged);
/* Counts up whenever a mapping was taken away: then the TLB must be flushed before an entry. */
uint64_t npt_generation(void);
/*
 * Map the page of `gpa`, which the caller has checked, and all pages of its 2 MiB region that are
 * in the same state (aliases: only the page). False: no memory for tables even after all of them
 * were given back.
 */
bool MUST_CHECK npt_map(uint8_t vmpl, bool paged, gpa_t gpa, enum npt_kind kind);

#endif

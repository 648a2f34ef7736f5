/* SPDX-License-Identifier: MIT */
/* Nested page tables: derived from the RMP, built on demand, one set per VMPL. */
#ifndef HUSK_NPT_H
#define HUSK_NPT_H

#include "base/types.h"

/*
 * The RMP entry of one page (or of 512 pages from a 2 MiB aligned address) changed: forget all
 * nested mappings, and make every other CPU that is in the guest leave it before this returns.
 * husk/rmp calls it after each change that takes something away.
 */
void npt_forget(gpa_t gpa, size_t page_count);

#endif

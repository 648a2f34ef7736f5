/* SPDX-License-Identifier: MIT */
/*
 * The page record: what Copra knows about every 4 KiB page of the VM.
 *
 * The record, and not the host's word or the RMP, decides what may happen to a page. A change is
 * made in three steps, so that several vCPUs can validate in parallel:
 *
 *   page_claim   checks the page's state and marks it busy; nobody else gets it
 *   (work)       PVALIDATE, RMPADJUST, zeroing: slow, no lock held
 *   page_commit  gives the page its new state, or page_release its old one
 *
 * Memory: one 4 KiB table per GiB in use, and 544 bytes per 2 MiB whose pages differ. A change that
 * needs a table and finds no memory fails before anything is done.
 */
#ifndef KERNEL_PAGESTATE_H
#define KERNEL_PAGESTATE_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/spinlock.h"

/* Order matters to nothing; the number of states is below 16 (one byte with the busy mark). */
enum page_state {
	PAGE_ABSENT,            /* not memory of the VM: nobody may validate it */
	PAGE_UNVALIDATED,       /* the guest's, not validated: unknown, or shared with the host */
	PAGE_GUEST,             /* validated, zeroed by Copra or measured, granted to the guest */
	PAGE_CALLING_AREA,      /* a guest page that is some vCPU's calling area */
	PAGE_VMSA,              /* a guest vCPU's VMSA: no access for lower VMPLs */
	PAGE_DEPOSITED,         /* the guest gave it to Copra (DEPOSIT_MEM) */
	PAGE_COPRA,             /* Copra's own, validated */
	PAGE_COPRA_UNVALIDATED, /* reserved for Copra, not yet validated */
	PAGE_COPRA_SHARED,      /* Copra's, shared with the host: GHCB, doorbell, bounce pages */
	PAGE_STATES,
};

#define PAGE_STATE_BIT(state) (1U << (state))
/* Pages that the guest may ask Copra to read or write for it. */
#define PAGE_STATES_GUEST (PAGE_STATE_BIT(PAGE_GUEST) | PAGE_STATE_BIT(PAGE_CALLING_AREA))

enum page_size {
	PAGE_4K,
	PAGE_2M,
};

enum page_result {
	PAGE_OK,
	PAGE_WRONG_STATE, /* a page of the range is in no state that the caller allows */
	PAGE_BUSY,        /* another vCPU is changing the page right now: try again later */
	PAGE_NO_MEMORY,   /* the record could not grow; nothing was changed */
};

/* GPAs from here on are never memory. */
#define PAGE_RECORD_LIMIT GIB(1024)

struct page_chunk;

/* Where the record gets its tables: zeroed memory, NULL when there is none. */
struct page_record_memory {
	void *(*allocate)(size_t bytes);
	void (*release)(void *memory, size_t bytes);
};

struct page_record {
	struct page_chunk *chunks[1024]; /* one per GiB */
	struct page_record_memory memory;
	struct spinlock lock[16]; /* one per group of 2 MiB ranges; held for a few instructions */
	uint64_t bytes;           /* memory in tables */
};

/* A page, or 2 MiB of pages, that the holder alone may change. */
struct page_claim {
	gpa_t gpa;
	enum page_size size;
	enum page_state from;
};

/* Start an empty record: every page is PAGE_ABSENT. */
void page_record_init(struct page_record *record, const struct page_record_memory *memory);

/*
 * Set [gpa, gpa + size) (page aligned) to `state`. Only while one CPU runs: it replaces states
 * without a claim. PAGE_NO_MEMORY leaves a part of the range set.
 */
enum page_result page_seed(struct page_record *record, gpa_t gpa, uint64_t size,
			   enum page_state state) MUST_CHECK;

/* The state of the page that contains `gpa` at this moment (its old one while it is claimed). */
enum page_state page_query(struct page_record *record, gpa_t gpa);

/* PAGE_STATE_BITs of all states that occur in the 4 KiB or 2 MiB at `gpa` (aligned) at this moment.
 */
uint32_t page_states_in(struct page_record *record, gpa_t gpa, enum page_size size);

/*
 * Claim the page at `gpa` (aligned to `size`) if its state is in `allowed` (PAGE_STATE_BITs). A 2
 * MiB claim needs all 512 pages in one and the same allowed state. `claim` is written on PAGE_OK
 * only.
 */
enum page_result page_claim(struct page_record *record, gpa_t gpa, enum page_size size,
			    uint32_t allowed, struct page_claim *claim) MUST_CHECK;

/*
 * Claim the page for a moment, to copy to or from it. As page_claim() for 4 KiB, but never needs
 * memory: where 2 MiB are uniform, all of them are claimed. Ends with page_release().
 */
enum page_result page_pin(struct page_record *record, gpa_t gpa, uint32_t allowed,
			  struct page_claim *claim) MUST_CHECK;

/* End a claim: all its pages are in state `to`. Cannot fail. */
void page_commit(struct page_record *record, const struct page_claim *claim, enum page_state to);

/* End a claim and change nothing. */
void page_release(struct page_record *record, const struct page_claim *claim);

/* May a page in state `from` become `to`? The whole life of a page is in this one table. */
bool page_may_become(enum page_state from, enum page_state to);

/* The first page in `state` at or above *gpa, which gets its address. False: there is none. */
bool page_find(struct page_record *record, enum page_state state, gpa_t *gpa) MUST_CHECK;

/* Bytes from `gpa` on (at most `limit`) that are in states of `allowed`; whole pages but for the
 * first. */
uint64_t page_span(struct page_record *record, gpa_t gpa, uint64_t limit, uint32_t allowed);

#endif

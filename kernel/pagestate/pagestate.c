/* SPDX-License-Identifier: MIT */
#include "kernel/pagestate.h"
#include "kernel/stop.h"

#define PAGES_PER_2M 512U
#define CLAIMED      0x80U

/* The pages of one 2 MiB range that are not all in one state. */
struct page_leaf {
	uint16_t count[16]; /* pages per state, claimed ones included */
	uint8_t state[PAGES_PER_2M];
};
_Static_assert(PAGE_STATES <= 16, "a leaf counts at most 16 states");

/*
 * One 2 MiB range. leaf == NULL: all pages are in `state`, and `claimed` covers all of them. Else
 * the leaf says it, and `claims` counts claimed pages, so that a leaf is never folded under a
 * claim.
 */
struct page_range {
	struct page_leaf *leaf;
	uint8_t state;
	bool claimed;
	uint16_t claims;
};

struct page_chunk {
	struct page_range range[PAGES_PER_2M];
};

/* Which states a page may be given after which. Everything that is not here is a bug of ours. */
static const uint32_t successors[PAGE_STATES] = {
	[PAGE_ABSENT] = 0,
	[PAGE_UNVALIDATED] = PAGE_STATE_BIT(PAGE_GUEST),
	[PAGE_GUEST] = PAGE_STATE_BIT(PAGE_UNVALIDATED) | PAGE_STATE_BIT(PAGE_CALLING_AREA) |
		       PAGE_STATE_BIT(PAGE_VMSA) | PAGE_STATE_BIT(PAGE_DEPOSITED),
	[PAGE_CALLING_AREA] = PAGE_STATE_BIT(PAGE_GUEST),
	[PAGE_VMSA] = PAGE_STATE_BIT(PAGE_GUEST),
	[PAGE_DEPOSITED] = PAGE_STATE_BIT(PAGE_GUEST),
	[PAGE_COPRA] = PAGE_STATE_BIT(PAGE_COPRA_SHARED) | PAGE_STATE_BIT(PAGE_COPRA_UNVALIDATED),
	[PAGE_COPRA_UNVALIDATED] = PAGE_STATE_BIT(PAGE_COPRA) | PAGE_STATE_BIT(PAGE_COPRA_SHARED),
	[PAGE_COPRA_SHARED] = PAGE_STATE_BIT(PAGE_COPRA_UNVALIDATED) | PAGE_STATE_BIT(PAGE_COPRA),
};

bool page_may_become(enum page_state from, enum page_state to)
{
	/* An enum may be signed. */
	if ((unsigned int)from >= PAGE_STATES || (unsigned int)to >= PAGE_STATES)
		return false;
	return successors[from] & PAGE_STATE_BIT(to);
}

void page_record_init(struct page_record *record, const struct page_record_memory *memory)
{
	*record = (struct page_record){.memory = *memory};
	for (unsigned int i = 0; i < ARRAY_SIZE(record->lock); i++)
		spin_init(&record->lock[i], LOCK_RANK_PAGE_STATE);
}

static struct spinlock *lock_of(struct page_record *record, gpa_t gpa)
{
	return &record->lock[(gpa.raw >> PAGE_2M_SHIFT) % ARRAY_SIZE(record->lock)];
}

static void *table_allocate(struct page_record *record, size_t bytes)
{
	void *table = record->memory.allocate(bytes);

	if (table)
		__atomic_add_fetch(&record->bytes, bytes, __ATOMIC_RELAXED);
	return table;
}

static void table_release(struct page_record *record, void *table, size_t bytes)
{
	__atomic_sub_fetch(&record->bytes, bytes, __ATOMIC_RELAXED);
	record->memory.release(table, bytes);
}

static struct page_range *range_find(struct page_record *record, gpa_t gpa)
{
	struct page_chunk *chunk;

	if (gpa.raw >= PAGE_RECORD_LIMIT)
		return NULL;
	chunk = __atomic_load_n(&record->chunks[gpa.raw >> 30], __ATOMIC_ACQUIRE);
	return chunk ? &chunk->range[(gpa.raw >> PAGE_2M_SHIFT) % PAGES_PER_2M] : NULL;
}

static unsigned int page_index(gpa_t gpa)
{
	return (unsigned int)(gpa.raw >> PAGE_SHIFT) % PAGES_PER_2M;
}

/* Give a uniform range a leaf. Allocates with no lock held, for the allocator has locks of its own.
 */
static enum page_result range_split(struct page_record *record, struct page_range *range, gpa_t gpa)
{
	struct page_leaf *leaf = table_allocate(record, sizeof(*leaf));
	irq_flags_t flags;

	if (!leaf)
		return PAGE_NO_MEMORY;
	flags = spin_lock_irq(lock_of(record, gpa));
	if (!range->leaf && !range->claimed) {
		leaf->count[range->state] = PAGES_PER_2M;
		for (unsigned int i = 0; i < PAGES_PER_2M; i++)
			leaf->state[i] = range->state;
		range->leaf = leaf;
		leaf = NULL;
	}
	spin_unlock_irq(lock_of(record, gpa), flags);
	if (leaf)
		table_release(record, leaf, sizeof(*leaf));
	return PAGE_OK;
}

/* Fold a leaf whose pages have all become equal; returns the leaf for release. Lock held. */
static struct page_leaf *range_fold(struct page_range *range, enum page_state state)
{
	struct page_leaf *leaf = range->leaf;

	if (!leaf || range->claims || leaf->count[state] != PAGES_PER_2M)
		return NULL;
	range->leaf = NULL;
	range->state = (uint8_t)state;
	return leaf;
}

static void leaf_set(struct page_leaf *leaf, unsigned int index, enum page_state to)
{
	leaf->count[leaf->state[index] & ~CLAIMED]--;
	leaf->count[to]++;
	leaf->state[index] = (uint8_t)to;
}

static enum page_result seed_in_range(struct page_record *record, gpa_t gpa, uint64_t size,
				      enum page_state state)
{
	struct page_range *range = range_find(record, gpa);
	struct page_leaf *folded;

	if (size == PAGE_2M_SIZE && !range->leaf) {
		range->state = (uint8_t)state;
		return PAGE_OK;
	}
	if (!range->leaf && range_split(record, range, gpa) != PAGE_OK)
		return PAGE_NO_MEMORY;
	for (uint64_t done = 0; done < size; done += PAGE_SIZE)
		leaf_set(range->leaf, page_index(GPA(gpa.raw + done)), state);
	folded = range_fold(range, state);
	if (folded)
		table_release(record, folded, sizeof(*folded));
	return PAGE_OK;
}

enum page_result page_seed(struct page_record *record, gpa_t gpa, uint64_t size,
			   enum page_state state)
{
	uint64_t end = gpa.raw + size;

	if (end > PAGE_RECORD_LIMIT || end < gpa.raw)
		return PAGE_WRONG_STATE;
	while (gpa.raw < end) {
		struct page_chunk **chunk = &record->chunks[gpa.raw >> 30];
		uint64_t stop = ALIGN_DOWN(gpa.raw, PAGE_2M_SIZE) + PAGE_2M_SIZE;

		if (stop > end)
			stop = end;
		if (!*chunk)
			*chunk = table_allocate(record, sizeof(**chunk));
		if (!*chunk || seed_in_range(record, gpa, stop - gpa.raw, state) != PAGE_OK)
			return PAGE_NO_MEMORY;
		gpa.raw = stop;
	}
	return PAGE_OK;
}

enum page_state page_query(struct page_record *record, gpa_t gpa)
{
	struct page_range *range = range_find(record, gpa);
	enum page_state state;
	irq_flags_t flags;

	if (!range)
		return PAGE_ABSENT;
	flags = spin_lock_irq(lock_of(record, gpa));
	if (range->leaf)
		state = (enum page_state)(range->leaf->state[page_index(gpa)] & ~CLAIMED);
	else
		state = (enum page_state)range->state;
	spin_unlock_irq(lock_of(record, gpa), flags);
	return state;
}

uint32_t page_states_in(struct page_record *record, gpa_t gpa, enum page_size size)
{
	struct page_range *range = range_find(record, gpa);
	uint32_t states = 0;
	irq_flags_t flags;

	if (!range)
		return PAGE_STATE_BIT(PAGE_ABSENT);
	if (size == PAGE_4K)
		return PAGE_STATE_BIT(page_query(record, gpa));
	flags = spin_lock_irq(lock_of(record, gpa));
	if (!range->leaf)
		states = PAGE_STATE_BIT(range->state);
	for (unsigned int state = 0; range->leaf && state < PAGE_STATES; state++)
		if (range->leaf->count[state])
			states |= PAGE_STATE_BIT(state);
	spin_unlock_irq(lock_of(record, gpa), flags);
	return states;
}

/* Check and mark a page of a range that has a leaf. Lock held. */
static enum page_result claim_in_leaf(struct page_range *range, unsigned int index,
				      uint32_t allowed, enum page_state *from)
{
	uint8_t state = range->leaf->state[index];

	if (!(allowed & PAGE_STATE_BIT(state & ~CLAIMED)))
		return PAGE_WRONG_STATE;
	if (state & CLAIMED)
		return PAGE_BUSY;
	range->leaf->state[index] = state | CLAIMED;
	range->claims++;
	*from = (enum page_state)state;
	return PAGE_OK;
}

/* Check and mark a uniform range as a whole. Lock held. */
static enum page_result claim_whole(struct page_range *range, uint32_t allowed,
				    enum page_state *from)
{
	if (!(allowed & PAGE_STATE_BIT(range->state)))
		return PAGE_WRONG_STATE;
	if (range->claimed)
		return PAGE_BUSY;
	range->claimed = true;
	*from = (enum page_state)range->state;
	return PAGE_OK;
}

/* One attempt; PAGE_NO_MEMORY asks the caller to split the range and come again. */
static enum page_result claim_once(struct page_record *record, struct page_range *range,
				   struct page_claim *claim, uint32_t allowed)
{
	irq_flags_t flags = spin_lock_irq(lock_of(record, claim->gpa));
	enum page_result result;

	if (range->leaf && claim->size == PAGE_4K)
		result = claim_in_leaf(range, page_index(claim->gpa), allowed, &claim->from);
	else if (range->leaf)
		result = PAGE_WRONG_STATE;
	else if (claim->size == PAGE_2M)
		result = claim_whole(range, allowed, &claim->from);
	else if (!(allowed & PAGE_STATE_BIT(range->state)))
		result = PAGE_WRONG_STATE;
	else
		result = range->claimed ? PAGE_BUSY : PAGE_NO_MEMORY;
	spin_unlock_irq(lock_of(record, claim->gpa), flags);
	return result;
}

enum page_result page_claim(struct page_record *record, gpa_t gpa, enum page_size size,
			    uint32_t allowed, struct page_claim *claim)
{
	struct page_claim attempt = {.gpa = gpa, .size = size};
	struct page_range *range = range_find(record, gpa);
	enum page_result result;

	if (!range)
		return PAGE_WRONG_STATE;
	result = claim_once(record, range, &attempt, allowed);
	if (result == PAGE_NO_MEMORY) {
		if (range_split(record, range, gpa) != PAGE_OK)
			return PAGE_NO_MEMORY;
		result = claim_once(record, range, &attempt, allowed);
		/* Folded again in between: somebody else is at work here. */
		if (result == PAGE_NO_MEMORY)
			result = PAGE_BUSY;
	}
	if (result == PAGE_OK)
		*claim = attempt;
	return result;
}

enum page_result page_pin(struct page_record *record, gpa_t gpa, uint32_t allowed,
			  struct page_claim *claim)
{
	struct page_claim attempt = {.gpa = GPA(ALIGN_DOWN(gpa.raw, PAGE_SIZE)), .size = PAGE_4K};
	struct page_range *range = range_find(record, gpa);
	enum page_result result;
	irq_flags_t flags;

	if (!range)
		return PAGE_WRONG_STATE;
	flags = spin_lock_irq(lock_of(record, gpa));
	if (range->leaf) {
		result = claim_in_leaf(range, page_index(gpa), allowed, &attempt.from);
	} else {
		attempt.gpa = GPA(ALIGN_DOWN(gpa.raw, PAGE_2M_SIZE));
		attempt.size = PAGE_2M;
		result = claim_whole(range, allowed, &attempt.from);
	}
	spin_unlock_irq(lock_of(record, gpa), flags);
	if (result == PAGE_OK)
		*claim = attempt;
	return result;
}

static void claim_end(struct page_record *record, const struct page_claim *claim,
		      enum page_state to)
{
	struct page_range *range = range_find(record, claim->gpa);
	irq_flags_t flags = spin_lock_irq(lock_of(record, claim->gpa));
	struct page_leaf *folded = NULL;

	if (claim->size == PAGE_2M) {
		range->state = (uint8_t)to;
		range->claimed = false;
	} else {
		leaf_set(range->leaf, page_index(claim->gpa), to);
		range->claims--;
		folded = range_fold(range, to);
	}
	spin_unlock_irq(lock_of(record, claim->gpa), flags);
	if (folded)
		table_release(record, folded, sizeof(*folded));
}

void page_commit(struct page_record *record, const struct page_claim *claim, enum page_state to)
{
	ASSERT(page_may_become(claim->from, to));
	claim_end(record, claim, to);
}

void page_release(struct page_record *record, const struct page_claim *claim)
{
	claim_end(record, claim, claim->from);
}

uint64_t page_span(struct page_record *record, gpa_t gpa, uint64_t limit, uint32_t allowed)
{
	uint64_t done = 0;

	while (done < limit && gpa.raw + done >= gpa.raw) {
		gpa_t at = GPA(gpa.raw + done);

		if (!(allowed & PAGE_STATE_BIT(page_query(record, at))))
			break;
		done += PAGE_SIZE - at.raw % PAGE_SIZE;
	}
	return done < limit ? done : limit;
}

bool page_find(struct page_record *record, enum page_state state, gpa_t *gpa)
{
	uint64_t at = ALIGN_UP(gpa->raw, PAGE_SIZE);

	while (at < PAGE_RECORD_LIMIT) {
		gpa_t large = GPA(ALIGN_DOWN(at, PAGE_2M_SIZE));

		if (!record->chunks[at >> 30]) {
			at = ALIGN_DOWN(at, GIB(1)) + GIB(1);
		} else if (!(page_states_in(record, large, PAGE_2M) & PAGE_STATE_BIT(state))) {
			at = large.raw + PAGE_2M_SIZE;
		} else if (page_query(record, GPA(at)) != state) {
			at += PAGE_SIZE;
		} else {
			*gpa = GPA(at);
			return true;
		}
	}
	return false;
}

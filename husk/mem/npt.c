/* SPDX-License-Identifier: MIT */
/*
 * Nested page tables (APM2 15.25) in the format of Husk's own paging mode: 4 levels, or 5 with
 * LA57. Entries are user accessible, as nested walks are user accesses.
 */
#include "arch/insn.h"
#include "husk/machine.h"
#include "husk/npt.h"
#include "husk/pages.h"
#include "husk/rmp.h"
#include "husk/svm.h"
#include "husk/vcpu.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"
#include "vcpu/run.h"

#define NPTE_PRESENT BIT(0)
#define NPTE_WRITE   BIT(1)
#define NPTE_USER    BIT(2)
#define NPTE_NX      BIT(63)
#define NPTE_ADDRESS 0x000ffffffffff000ULL
#define NPTE_TABLE   (NPTE_PRESENT | NPTE_WRITE | NPTE_USER)
#define LEAF_ENTRIES 512
#define LEVELS_MAX   5

static uint64_t *roots[VMPL_COUNT][2];
static uint64_t generation;

uint64_t npt_generation(void)
{
	return generation;
}

static unsigned levels(void)
{
	return read_cr4() & CR4_LA57 ? 5 : 4;
}

static uint64_t *table_at(uint64_t entry)
{
	return machine_map(PADDR(entry & NPTE_ADDRESS));
}

uint64_t npt_root(uint8_t vmpl, bool paged)
{
	if (!roots[vmpl][paged])
		roots[vmpl][paged] = page_alloc();
	if (!roots[vmpl][paged])
		machine_end(HUSK_EXIT_INTERNAL, "no memory for nested tables");
	return page_physical(roots[vmpl][paged]).raw;
}

/* The table of 512 leaf entries around `address`, or NULL: not there, or out of memory. */
static uint64_t *leaf_table(uint64_t *table, uint64_t address, bool make)
{
	for (unsigned level = levels(); table && level > 1; level--) {
		uint64_t *entry = &table[address >> (PAGE_SHIFT + 9 * (level - 1)) & 511];

		if (!(*entry & NPTE_PRESENT)) {
			uint64_t *below = make ? page_alloc() : NULL;

			if (!below)
				return NULL;
			*entry = page_physical(below).raw | NPTE_TABLE;
		}
		table = table_at(*entry);
	}
	return table;
}

/* Give back all tables below an entry, without recursion: depth is at most LEVELS_MAX. */
static void free_tables(uint64_t *root)
{
	uint64_t *table[LEVELS_MAX] = {root};
	unsigned index[LEVELS_MAX] = {0};
	unsigned depth = 0;
	unsigned deepest = levels() - 1;

	for (;;) {
		if (depth < deepest && index[depth] < LEAF_ENTRIES) {
			uint64_t entry = table[depth][index[depth]++];

			if (entry & NPTE_PRESENT) {
				table[++depth] = table_at(entry);
				index[depth] = 0;
			}
			continue;
		}
		page_free(table[depth]);
		if (!depth--)
			return;
	}
}

/* Out of memory for tables: forget everything; it comes back on demand. */
static void drop_all(void)
{
	generation++;
	vcpus_leave_guest();
	for (unsigned vmpl = 0; vmpl < VMPL_COUNT; vmpl++) {
		for (unsigned paged = 0; paged < 2; paged++) {
			if (!roots[vmpl][paged])
				continue;
			free_tables(roots[vmpl][paged]);
			roots[vmpl][paged] = NULL;
		}
	}
}

/* What a page's RMP entry allows this VMPL as a private page; 0: nothing. */
static uint64_t private_entry(gpa_t gpa, uint8_t vmpl)
{
	struct rmp_access a = rmp_lookup(gpa, vmpl);
	uint64_t entry = machine_translate(gpa).raw | NPTE_PRESENT | NPTE_USER;

	if (!a.matches || !a.validated || !(a.perms & RMP_READ))
		return 0;
	if ((a.perms & RMP_WRITE) && !a.in_use)
		entry |= NPTE_WRITE;
	if (!(a.perms & RMP_EXECUTE_SUPERVISOR))
		entry |= NPTE_NX;
	return entry;
}

static uint64_t shared_entry(gpa_t gpa)
{
	if (rmp_lookup(gpa, 0).assigned)
		return 0;
	return machine_translate(gpa).raw | NPTE_PRESENT | NPTE_USER | NPTE_WRITE | NPTE_NX;
}

/* The page asked for anew, whatever was there; around it what isn't mapped yet. */
static void fill_region(uint64_t *leaf, uint8_t vmpl, gpa_t wanted, enum npt_kind kind)
{
	gpa_t region = GPA(ALIGN_DOWN(wanted.raw, PAGE_2M_SIZE));

	leaf[wanted.raw >> PAGE_SHIFT & 511] = 0;
	for (unsigned i = 0; i < LEAF_ENTRIES; i++) {
		gpa_t gpa = GPA(region.raw + i * PAGE_SIZE);

		if (leaf[i] || !machine_is_guest_ram(gpa))
			continue;
		leaf[i] = kind == NPT_SHARED ? shared_entry(gpa) : private_entry(gpa, vmpl);
	}
}

static void fill_alias(uint64_t *entry, uint8_t vmpl, gpa_t gpa, enum npt_kind kind)
{
	uint64_t value = private_entry(gpa, vmpl);

	/* Walks write accessed bits; fetches only read. What the other alias needs stays. */
	if (kind == NPT_ALIAS_WALK)
		value |= NPTE_NX;
	else
		value &= ~NPTE_WRITE;
	if (*entry & NPTE_PRESENT) {
		value |= *entry & NPTE_WRITE;
		if (!(*entry & NPTE_NX))
			value &= ~NPTE_NX;
	}
	*entry = value;
}

bool npt_map(uint8_t vmpl, bool paged, gpa_t gpa, enum npt_kind kind)
{
	uint64_t address = gpa.raw;
	uint64_t *leaf;

	if (paged && kind == NPT_PRIVATE)
		address |= BIT(machine.c_bit);
	npt_root(vmpl, paged);
	leaf = leaf_table(roots[vmpl][paged], address, true);
	if (!leaf) {
		drop_all();
		npt_root(vmpl, paged);
		leaf = leaf_table(roots[vmpl][paged], address, true);
		if (!leaf)
			return false;
	}
	if (kind == NPT_PRIVATE || kind == NPT_SHARED)
		fill_region(leaf, vmpl, gpa, kind);
	else
		fill_alias(&leaf[gpa.raw >> PAGE_SHIFT & 511], vmpl, gpa, kind);
	return true;
}

/* True if something was mapped there. */
static bool forget_in(uint64_t *root, uint64_t address, size_t page_count)
{
	bool found = false;

	while (page_count) {
		size_t first = address >> PAGE_SHIFT & 511;
		size_t part = LEAF_ENTRIES - first < page_count ? LEAF_ENTRIES - first : page_count;
		uint64_t *leaf = leaf_table(root, address, false);

		for (size_t i = 0; leaf && i < part; i++) {
			found |= leaf[first + i] != 0;
			leaf[first + i] = 0;
		}
		address += part * PAGE_SIZE;
		page_count -= part;
	}
	return found;
}

void npt_forget(gpa_t gpa, size_t page_count)
{
	bool found = false;

	for (unsigned vmpl = 0; vmpl < VMPL_COUNT; vmpl++) {
		for (unsigned paged = 0; paged < 2; paged++) {
			uint64_t *root = roots[vmpl][paged];

			if (!root)
				continue;
			found |= forget_in(root, gpa.raw, page_count);
			found |= forget_in(root, gpa.raw | BIT(machine.c_bit), page_count);
		}
	}
	if (!found)
		return;
	generation++;
	vcpus_leave_guest();
}

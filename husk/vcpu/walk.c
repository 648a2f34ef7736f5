/* SPDX-License-Identifier: MIT */
/* The guest's linear addresses, translated as its CPU does it: for #VC delivery and RMP
 * instructions. */
#include "husk/machine.h"
#include "husk/rmp.h"
#include "mem/mem.h"
#include "vcpu/run.h"

#define PTE_PRESENT   BIT(0)
#define PTE_WRITE     BIT(1)
#define PTE_USER      BIT(2)
#define PTE_LARGE     BIT(7)
#define PTE_NX        BIT(63)
#define PTE_ADDRESS   0x000ffffffffff000ULL
#define PTE_ADDRESS32 0xfffff000ULL

#define PF_PRESENT BIT(0)
#define PF_WRITE   BIT(1)
#define PF_USER    BIT(2)
#define PF_FETCH   BIT(4)

#define RFLAGS_AC  BIT(18)
#define PSE36_HIGH 0x1fe000ULL

/* How a paging mode cuts a linear address up. */
struct walk {
	const struct plane *p;
	uint64_t linear;
	enum guest_use use;
	unsigned cpl;
	uint64_t table; /* GPA of the table that is looked at */
	uint64_t entry;
	unsigned level;      /* 1: page table */
	unsigned index_bits; /* 9, or 10 for 32-bit paging */
	uint64_t rights;     /* AND of PTE_WRITE and PTE_USER on the way */
	bool nx;
};

/* A host pointer to guest memory that the plane's VMPL may use so, or NULL. */
static uint8_t *private_pointer(const struct plane *p, uint64_t gpa, uint8_t needed)
{
	struct rmp_access access;
	gpa_t page = GPA(ALIGN_DOWN(gpa, PAGE_SIZE));

	if (!machine_is_guest_ram(page))
		return NULL;
	access = rmp_lookup(page, p->vmpl);
	if (!access.matches || !access.validated || (access.perms & needed) != needed)
		return NULL;
	return (uint8_t *)machine_map(machine_translate(page)) + gpa % PAGE_SIZE;
}

static uint8_t *pointer(const struct plane *p, const struct guest_address *a, uint8_t needed)
{
	gpa_t page = GPA(ALIGN_DOWN(a->gpa.raw, PAGE_SIZE));

	if (a->encrypted)
		return private_pointer(p, a->gpa.raw, needed);
	if (!machine_is_guest_ram(page) || rmp_lookup(page, p->vmpl).assigned)
		return NULL;
	return (uint8_t *)machine_map(machine_translate(page)) + a->gpa.raw % PAGE_SIZE;
}

/* Page tables are always private, whatever their C-bit (APM2 15.34.5). */
static bool read_entry(struct walk *w)
{
	unsigned shift = PAGE_SHIFT + w->index_bits * (w->level - 1);
	uint64_t index = w->linear >> shift & (BIT(w->index_bits) - 1);
	size_t size = w->index_bits == 10 ? 4 : 8;
	uint64_t at = (w->table & ~BIT(machine.c_bit)) + index * size;
	const uint8_t *from = private_pointer(w->p, at, RMP_READ);

	if (!from)
		return false;
	w->entry = 0;
	memcpy(&w->entry, from, size);
	return true;
}

static void begin(struct walk *w)
{
	const struct vmcb_save *s = &w->p->vmcb->save;

	w->rights = PTE_WRITE | PTE_USER;
	w->index_bits = 9;
	if (s->efer & EFER_LMA) {
		w->level = s->cr4 & CR4_LA57 ? 5 : 4;
		w->table = s->cr3 & PTE_ADDRESS;
	} else if (s->cr4 & CR4_PAE) {
		w->level = 3;
		w->linear &= UINT32_MAX;
		w->table = s->cr3 & ~0x1fULL & UINT32_MAX;
	} else {
		w->level = 2;
		w->index_bits = 10;
		w->linear &= UINT32_MAX;
		w->table = s->cr3 & PTE_ADDRESS32;
	}
}

static void combine(struct walk *w)
{
	const struct vmcb_save *s = &w->p->vmcb->save;
	bool pae_root = !(s->efer & EFER_LMA) && w->level == 3;

	/* The four entries at the top of PAE paging carry no rights. */
	if (pae_root)
		return;
	w->rights &= w->entry;
	if (w->index_bits == 9 && (s->efer & EFER_NXE) && (w->entry & PTE_NX))
		w->nx = true;
}

static bool allowed(const struct walk *w)
{
	const struct vmcb_save *s = &w->p->vmcb->save;
	bool user_page = w->rights & PTE_USER;

	if (w->cpl == 3 && !user_page)
		return false;
	if (w->use == GUEST_FETCH)
		return !w->nx && !(w->cpl < 3 && user_page && (s->cr4 & CR4_SMEP));
	if (w->cpl < 3 && user_page && (s->cr4 & CR4_SMAP) && !(s->rflags & RFLAGS_AC))
		return false;
	if (w->use == GUEST_WRITE && !(w->rights & PTE_WRITE))
		return w->cpl < 3 && !(s->cr0 & CR0_WP);
	return true;
}

static bool page_fault(const struct walk *w, bool present, struct guest_fault *fault)
{
	fault->kind = FAULT_PAGE;
	fault->address = w->linear;
	fault->error =
		(uint32_t)((present ? PF_PRESENT : 0) | (w->use == GUEST_WRITE ? PF_WRITE : 0) |
			   (w->cpl == 3 ? PF_USER : 0) | (w->use == GUEST_FETCH ? PF_FETCH : 0));
	return false;
}

static void finish(const struct walk *w, struct guest_address *out)
{
	unsigned shift = PAGE_SHIFT + w->index_bits * (w->level - 1);
	uint64_t offset = w->linear & (BIT(shift) - 1);
	uint64_t address = w->index_bits == 10 ? w->entry & PTE_ADDRESS32 : w->entry & PTE_ADDRESS;

	if (w->index_bits == 10 && w->level == 2)
		address |= (w->entry & PSE36_HIGH) << 19;
	address = ALIGN_DOWN(address, BIT(shift));
	/* Without PAE there is no C-bit: everything is private. */
	out->encrypted =
		w->index_bits == 10 || (address & BIT(machine.c_bit)) || w->use == GUEST_FETCH;
	out->gpa = GPA((address & ~BIT(machine.c_bit)) + offset);
}

bool guest_translate(struct plane *p, uint64_t linear, enum guest_use use, unsigned cpl,
		     struct guest_address *out, struct guest_fault *fault)
{
	struct walk w = {.p = p, .linear = linear, .use = use, .cpl = cpl};

	if (!(p->vmcb->save.cr0 & CR0_PG)) {
		*out = (struct guest_address){.gpa = GPA(linear), .encrypted = true};
		return true;
	}
	for (begin(&w);; w.level--) {
		if (!read_entry(&w)) {
			*fault = (struct guest_fault){.kind = FAULT_NESTED, .address = w.table};
			return false;
		}
		if (!(w.entry & PTE_PRESENT))
			return page_fault(&w, false, fault);
		combine(&w);
		if (w.level == 1 || (w.level <= 3 && (w.entry & PTE_LARGE)))
			break;
		w.table = w.index_bits == 10 ? w.entry & PTE_ADDRESS32 : w.entry & PTE_ADDRESS;
	}
	if (!allowed(&w))
		return page_fault(&w, true, fault);
	finish(&w, out);
	return true;
}

static bool copy(struct plane *p, uint64_t linear, uint8_t *bytes, size_t size, enum guest_use use)
{
	uint8_t needed = use == GUEST_WRITE ? RMP_WRITE : RMP_READ;
	struct guest_address at = {.encrypted = true};
	struct guest_fault fault;

	while (size) {
		size_t part = PAGE_SIZE - linear % PAGE_SIZE;
		uint8_t *memory;

		if (part > size)
			part = size;
		if (!guest_translate(p, linear, use, use == GUEST_FETCH ? p->vmcb->save.cpl : 0,
				     &at, &fault))
			return false;
		memory = pointer(p, &at, needed);
		if (!memory)
			return false;
		if (use == GUEST_WRITE)
			memcpy(memory, bytes, part);
		else
			memcpy(bytes, memory, part);
		linear += part;
		bytes += part;
		size -= part;
	}
	return true;
}

bool guest_linear_read(struct plane *p, uint64_t linear, void *to, size_t size)
{
	return copy(p, linear, to, size, GUEST_READ);
}

bool guest_linear_write(struct plane *p, uint64_t linear, const void *from, size_t size)
{
	/* copy() only reads `bytes` for GUEST_WRITE. */
	return copy(p, linear, (uint8_t *)(uintptr_t)from, size, GUEST_WRITE);
}

size_t guest_fetch(struct plane *p, uint8_t *to, size_t size)
{
	const struct vmcb_save *s = &p->vmcb->save;
	uint64_t linear = s->rip;
	size_t first;

	if (!(s->efer & EFER_LMA) || !(s->cs.attributes & BIT(9)))
		linear = (uint32_t)(s->cs.base + s->rip);
	first = PAGE_SIZE - linear % PAGE_SIZE;
	if (first >= size)
		return copy(p, linear, to, size, GUEST_FETCH) ? size : 0;
	if (!copy(p, linear, to, first, GUEST_FETCH))
		return 0;
	return first +
	       (copy(p, linear + first, to + first, size - first, GUEST_FETCH) ? size - first : 0);
}

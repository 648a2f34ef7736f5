/* SPDX-License-Identifier: MIT */
/* Husk is linked at a fixed virtual address and lies physically wherever there is room for it. */
#include "arch/insn.h"
#include "boot/boot.h"
#include "boot/layout.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "husk/svm.h"
#include "mem/mem.h"

extern char bss_end[];
void relocate_image(const void *from, void *to, size_t bytes, uint64_t cr3);

static uint64_t image_physical = HUSK_FIRST_BASE;

#define PTE_TABLE 0x3ULL
#define PTE_LARGE 0x83ULL

/* The five tables, in the pages right behind the image. */
struct boot_tables {
	uint64_t pml5[512], pml4[512], pdpt_direct[512], pdpt_image[512], pd_image[512];
};

static struct boot_tables *live_tables;

static uint64_t image_bytes(void)
{
	return (uint64_t)bss_end - HUSK_VBASE;
}

uint64_t boot_memory_used(void)
{
	return image_bytes() + sizeof(struct boot_tables);
}

paddr_t page_physical(const void *pointer)
{
	uint64_t address = (uint64_t)pointer;

	if (address >= HUSK_VBASE)
		return PADDR(address - HUSK_VBASE + image_physical);
	return PADDR(address - HUSK_DIRECT_MAP);
}

void *machine_map(paddr_t page)
{
	return (void *)(page.raw + HUSK_DIRECT_MAP);
}

volatile void *machine_map_device(gpa_t gpa)
{
	uint64_t slot = 256 + (gpa.raw >> 39);
	uint64_t *pdpt;

	if (slot >= 511)
		return NULL;
	if (!(live_tables->pml4[slot] & 1)) {
		pdpt = page_alloc();
		if (!pdpt)
			return NULL;
		for (uint64_t i = 0; i < 512; i++)
			pdpt[i] = (gpa.raw >> 39 << 39) + (i << 30) + PTE_LARGE;
		WRITE_ONCE(live_tables->pml4[slot], page_physical(pdpt).raw | PTE_TABLE);
	}
	return (volatile void *)(gpa.raw + HUSK_DIRECT_MAP);
}

static void fill_tables(struct boot_tables *t, uint64_t at, uint64_t base)
{
	for (uint64_t i = 0; i < 512; i++)
		t->pdpt_direct[i] = (i << 30) | PTE_LARGE;
	for (uint64_t i = 0; i < HUSK_IMAGE_MAX >> PAGE_2M_SHIFT; i++)
		t->pd_image[i] = (base + (i << PAGE_2M_SHIFT)) | PTE_LARGE;
	t->pdpt_image[510] = (at + offsetof(struct boot_tables, pd_image)) | PTE_TABLE;
	t->pml4[0] = (at + offsetof(struct boot_tables, pdpt_direct)) | PTE_TABLE;
	t->pml4[256] = t->pml4[0];
	t->pml4[511] = (at + offsetof(struct boot_tables, pdpt_image)) | PTE_TABLE;
	t->pml5[0] = (at + offsetof(struct boot_tables, pml4)) | PTE_TABLE;
	t->pml5[511] = t->pml5[0];
}

void relocate(void)
{
	uint64_t base = machine.husk_base.raw;
	uint64_t at = base + image_bytes();
	struct boot_tables *tables = machine_map(PADDR(at));
	bool la57 = read_cr4() & CR4_LA57;

	memset(tables, 0, sizeof(*tables));
	fill_tables(tables, at, base);
	live_tables = tables;
	image_physical = base;
	relocate_image((void *)HUSK_VBASE, machine_map(PADDR(base)), image_bytes(),
		       at + (la57 ? offsetof(struct boot_tables, pml5)
				  : offsetof(struct boot_tables, pml4)));
}

/* SPDX-License-Identifier: MIT */
/* The guest's own page tables: the image at its link address, and windows for everything else. */
#include "internal.h"

#define PTE_P   0x001ULL
#define PTE_W   0x002ULL
#define PTE_U   0x004ULL
#define PTE_PCD 0x010ULL
#define PTE_PS  0x080ULL
#define PTE_NX  (1ULL << 63)

#define WINDOW_VA    0x40000000ULL
#define WINDOW_2M_VA 0x80000000ULL
#define IMAGE_TABLES 4 /* 8 MiB */

typedef uint64_t table[512];
static table root ALIGNED(4096), low ALIGNED(4096), high ALIGNED(4096);
static table window_directory ALIGNED(4096), window_table ALIGNED(4096);
static table window_2m_directory ALIGNED(4096);
static table image_directory ALIGNED(4096);
static table image_tables[IMAGE_TABLES] ALIGNED(4096);

/* Above the image's region: RAM that no one has validated. */
static uint64_t next_fresh;

gpa_t gpa_of(const volatile void *object)
{
	return GPA((uint64_t)object - BOOT_KERNEL_VBASE + boot->region_base);
}

static uint64_t pte(gpa_t gpa, uint64_t flags)
{
	return gpa.raw | c_bit | flags;
}

static void invlpg(const void *va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static uint64_t window_flags(unsigned flags)
{
	uint64_t bits = PTE_P | PTE_U;

	if (!(flags & MAP_READONLY))
		bits |= PTE_W;
	if (flags & MAP_NOEXEC)
		bits |= PTE_NX;
	if (flags & MAP_UNCACHED)
		bits |= PTE_PCD;
	if (!(flags & MAP_SHARED))
		bits |= c_bit;
	return bits;
}

void *window(unsigned slot, gpa_t gpa, unsigned flags)
{
	void *va = (void *)(WINDOW_VA + slot * PAGE_SIZE);

	window_table[slot] = gpa.raw | window_flags(flags);
	invlpg(va);
	return va;
}

void *window_2m(unsigned slot, gpa_t gpa, unsigned flags)
{
	void *va = (void *)(WINDOW_2M_VA + slot * PAGE_2M_SIZE);

	window_2m_directory[slot] = gpa.raw | window_flags(flags) | PTE_PS;
	invlpg(va);
	return va;
}

gpa_t fresh_page(void)
{
	gpa_t gpa = GPA(next_fresh);

	next_fresh += PAGE_SIZE;
	return gpa;
}

gpa_t fresh_2m(void)
{
	gpa_t gpa;

	next_fresh = ALIGN_UP(next_fresh, PAGE_2M_SIZE);
	gpa = GPA(next_fresh);
	next_fresh += PAGE_2M_SIZE;
	return gpa;
}

void *private_page(unsigned slot, gpa_t *gpa)
{
	void *va;

	*gpa = fresh_page();
	psc_msr(*gpa, GHCB_PSC_PRIVATE);
	va = window(slot, *gpa, 0);
	if (pvalidate(va, RMP_PAGE_4K, PVALIDATE_VALIDATE).eax)
		check(false, "a fresh page can be validated");
	return va;
}

uint64_t memory_root(void)
{
	return gpa_of(root).raw | c_bit;
}

void memory_init(void)
{
	uint64_t pages = image_size / PAGE_SIZE;

	for (uint64_t i = 0; i < pages && i < IMAGE_TABLES * 512ULL; i++)
		image_tables[i / 512][i % 512] =
			pte(GPA(boot->region_base + i * PAGE_SIZE), PTE_P | PTE_W | PTE_U);
	for (unsigned i = 0; i < IMAGE_TABLES; i++)
		image_directory[i] = pte(gpa_of(image_tables[i]), PTE_P | PTE_W | PTE_U);
	high[510] = pte(gpa_of(image_directory), PTE_P | PTE_W | PTE_U);
	window_directory[0] = pte(gpa_of(window_table), PTE_P | PTE_W | PTE_U);
	low[WINDOW_VA >> 30] = pte(gpa_of(window_directory), PTE_P | PTE_W | PTE_U);
	low[WINDOW_2M_VA >> 30] = pte(gpa_of(window_2m_directory), PTE_P | PTE_W | PTE_U);
	root[0] = pte(gpa_of(low), PTE_P | PTE_W | PTE_U);
	root[511] = pte(gpa_of(high), PTE_P | PTE_W | PTE_U);
	__asm__ volatile("mov %0, %%cr3" : : "r"(memory_root()) : "memory");
	next_fresh = boot->region_base + boot->region_size;
}

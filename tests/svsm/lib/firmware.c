/* SPDX-License-Identifier: MIT */
/* Start and memory of a test firmware: identity map, windows above 4 GiB. */
#include "internal.h"
#include "sevabi/msr.h"
#include "svsm.h"

#define PTE_P   0x001ULL
#define PTE_W   0x002ULL
#define PTE_U   0x004ULL
#define PTE_PCD 0x010ULL
#define PTE_NX  (1ULL << 63)

#define WINDOW_VA 0x100000000ULL

typedef uint64_t table[512];
static table window_directory ALIGNED(4096), window_table ALIGNED(4096);
static uint64_t next_fresh = FW_FRESH;

uint64_t c_bit;

gpa_t gpa_of(const volatile void *object)
{
	return GPA((uint64_t)object);
}

void *window(unsigned slot, gpa_t gpa, unsigned flags)
{
	void *va = (void *)(WINDOW_VA + slot * PAGE_SIZE);
	uint64_t bits = PTE_P | PTE_U;

	if (!(flags & MAP_READONLY))
		bits |= PTE_W;
	if (flags & MAP_NOEXEC)
		bits |= PTE_NX;
	if (flags & MAP_UNCACHED)
		bits |= PTE_PCD;
	if (!(flags & MAP_SHARED))
		bits |= c_bit;
	window_table[slot] = gpa.raw | bits;
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
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
	*gpa = fresh_page();
	psc_msr(*gpa, GHCB_PSC_PRIVATE);
	if (svsm_validate(*gpa, true) != SVSM_SUCCESS)
		check(false, "a fresh page can be validated");
	return window(slot, *gpa, 0);
}

const struct secrets_page *secrets(void)
{
	return (const struct secrets_page *)FW_SECRETS_PAGE;
}

uint64_t memory_root(void)
{
	return FW_PAGE_TABLES | c_bit;
}

static void ghcb_start(void)
{
	ghcb_gpa = GPA(FW_GHCB);
	ghcb = window(WINDOW_SLOTS - 1, ghcb_gpa, MAP_SHARED);
	for (unsigned i = 0; i < PAGE_SIZE / 8; i++)
		((volatile uint64_t *)ghcb)[i] = 0;
	ghcb_msr(GHCB_MSR_REGISTER_GPA_REQ_VALUE(ghcb_gpa.raw));
	write_msr(MSR_GHCB, ghcb_gpa.raw);
}

void firmware_init(uint64_t c_bit_mask);
void firmware_init(uint64_t c_bit_mask)
{
	uint64_t *directories = (uint64_t *)(FW_PAGE_TABLES + 0x1000);

	c_bit = c_bit_mask;
	directories[4] = (uint64_t)window_directory | c_bit | PTE_P | PTE_W | PTE_U;
	window_directory[0] = (uint64_t)window_table | c_bit | PTE_P | PTE_W | PTE_U;
	trap_init();
	ghcb_start();
	micro_main();
	micro_end();
}

/* SPDX-License-Identifier: MIT */
/* The kernel's own tables: image, direct map, and the roots of the other two areas. */
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "tables.h"

/* Linker script. */
extern const char kernel_text_start[], kernel_text_end[], kernel_rodata_start[],
	kernel_rodata_end[], kernel_sealed_start[], kernel_sealed_end[], kernel_image_end[];
extern const char boot_stack_guard[];

/*
 * Tables made before the allocator works. Root; image: 3; direct map: 2 and one per 2 MiB that the
 * image touches; ranges: 1; windows: 2. The direct map may need a second PD when a region of more
 * than 1 GiB is ever allowed (boot.c).
 */
#define POOL_PAGES 14

static ALIGNED(4096) uint8_t pool[POOL_PAGES][PAGE_SIZE];
static uint32_t pool_used;
static bool allocator_ready;
static RO_AFTER_INIT bool direct_ready;
static RO_AFTER_INIT paddr_t kernel_root;
static struct spinlock kernel_lock = SPINLOCK_INIT(LOCK_RANK_KERNEL_TABLES);

bool paging_direct_ready(void)
{
	return direct_ready;
}

void paging_use_allocator(void)
{
	allocator_ready = true;
}

paddr_t paging_kernel_root(void)
{
	return kernel_root;
}

enum error table_page_alloc(paddr_t *out)
{
	if (allocator_ready)
		return page_alloc(0, PAGE_OWNER_PAGE_TABLE, PAGE_ZERO, out);
	if (pool_used == POOL_PAGES)
		return ERR_NO_MEMORY;
	*out = virt_to_phys(pool[pool_used++]);
	return OK;
}

static uint64_t image_offset(const char *symbol)
{
	return (uint64_t)symbol - LAYOUT_IMAGE_BASE;
}

static bool in_image(uint64_t offset)
{
	return offset >= image_offset(kernel_text_start) && offset < image_offset(kernel_image_end);
}

void *phys_to_virt(paddr_t address)
{
	uint64_t offset = address.raw - boot_info.params.region_base;

	if (in_image(offset) || !direct_ready)
		return (void *)(LAYOUT_IMAGE_BASE + offset);
	return (void *)(LAYOUT_DIRECT_BASE + offset);
}

paddr_t virt_to_phys(const void *address)
{
	uint64_t raw = (uint64_t)address;
	uint64_t base = raw >= LAYOUT_IMAGE_BASE ? LAYOUT_IMAGE_BASE : LAYOUT_DIRECT_BASE;

	ASSERT(raw - base < boot_info.params.region_size);
	return PADDR(raw - base + boot_info.params.region_base);
}

/* --- Changes of the kernel's half -------------------------------------------------------- */

enum error kernel_entry_of(vaddr_t address, unsigned int level, uint64_t **out)
{
	return table_entry(kernel_root, address, level, true, out, NULL);
}

enum error kernel_map(vaddr_t address, paddr_t page, unsigned int flags)
{
	irq_flags_t irq = spin_lock_irq(&kernel_lock);
	uint64_t *entry;
	enum error error = kernel_entry_of(address, LEVEL_4K, &entry);

	if (error == OK && (*entry & PTE_PRESENT) != 0)
		error = ERR_EXISTS;
	if (error == OK)
		WRITE_ONCE(*entry, pte_make(page, flags, LEVEL_4K));
	spin_unlock_irq(&kernel_lock, irq);
	return error;
}

enum error kernel_unmap(vaddr_t address, paddr_t *page)
{
	irq_flags_t irq = spin_lock_irq(&kernel_lock);
	uint64_t *entry;
	enum error error = table_entry(kernel_root, address, LEVEL_4K, false, &entry, NULL);

	if (error == OK && (*entry & PTE_PRESENT) == 0)
		error = ERR_NOT_FOUND;
	if (error == OK) {
		*page = pte_address(*entry);
		WRITE_ONCE(*entry, 0);
	}
	spin_unlock_irq(&kernel_lock, irq);
	return error;
}

enum error paging_kernel_query(vaddr_t address, struct mapping *out)
{
	irq_flags_t irq = spin_lock_irq(&kernel_lock);
	enum error error = table_query(kernel_root, address, out);

	spin_unlock_irq(&kernel_lock, irq);
	return error;
}

/* The 4 KiB entry of a page of the direct map, its 2 MiB page split first. */
static enum error direct_entry(vaddr_t address, uint64_t **out)
{
	uint64_t *large;
	enum error error = table_entry(kernel_root, address, LEVEL_2M, false, &large, NULL);

	if (error == OK && (*large & PTE_LARGE) != 0)
		error = table_split(large);
	if (error == OK)
		error = table_entry(kernel_root, address, LEVEL_4K, false, out, NULL);
	return error;
}

static enum error direct_set_one(paddr_t page, bool shared)
{
	irq_flags_t irq = spin_lock_irq(&kernel_lock);
	unsigned int flags = MAP_WRITE | (shared ? MAP_SHARED : 0U);
	uint64_t *entry;
	enum error error = direct_entry(VADDR((uint64_t)phys_to_virt(page)), &entry);

	if (error == OK)
		WRITE_ONCE(*entry, pte_make(page, flags, LEVEL_4K));
	spin_unlock_irq(&kernel_lock, irq);
	return error;
}

enum error paging_direct_set_shared(paddr_t page, size_t pages, bool shared)
{
	for (size_t i = 0; i < pages; i++) {
		enum error error = direct_set_one(PADDR(page.raw + i * PAGE_SIZE), shared);

		if (error != OK)
			return error;
	}
	tlb_flush(NULL, VADDR((uint64_t)phys_to_virt(page)), pages);
	return OK;
}

/* --- Boot --------------------------------------------------------------------------------- */

static void must(enum error error)
{
	if (error != OK)
		stop(STOP_BOOT_MEMORY);
}

/* Map an area of the image with 4 KiB pages. */
static void map_image(const char *start, const char *end, unsigned int flags)
{
	for (uint64_t at = (uint64_t)start; at < (uint64_t)end; at += PAGE_SIZE)
		if (at != (uint64_t)boot_stack_guard)
			must(kernel_map(VADDR(at), virt_to_phys((const void *)at), flags));
}

/* One 2 MiB piece of the direct map: as one page, or around the image. */
static void map_direct(uint64_t offset)
{
	vaddr_t address = VADDR(LAYOUT_DIRECT_BASE + offset);
	paddr_t page = PADDR(boot_info.params.region_base + offset);
	uint64_t *entry;

	if (offset >= image_offset(kernel_image_end) ||
	    offset + PAGE_2M_SIZE <= image_offset(kernel_text_start)) {
		must(kernel_entry_of(address, LEVEL_2M, &entry));
		*entry = pte_make(page, MAP_WRITE, LEVEL_2M);
		return;
	}
	for (uint64_t i = 0; i < PAGE_2M_SIZE; i += PAGE_SIZE)
		if (!in_image(offset + i))
			must(kernel_map(VADDR(address.raw + i), PADDR(page.raw + i), MAP_WRITE));
}

/* Every top-level entry that will ever exist, so that all address spaces can share them. */
static void make_areas(void)
{
	uint64_t *entry;

	must(table_entry(kernel_root, VADDR(LAYOUT_RANGE_BASE), 3, true, &entry, NULL));
	must(table_entry(kernel_root, VADDR(LAYOUT_WINDOW_BASE), LEVEL_2M, true, &entry, NULL));
}

void paging_init(void)
{
	must(table_page_alloc(&kernel_root));
	map_image(kernel_text_start, kernel_text_end, MAP_EXECUTE);
	map_image(kernel_rodata_start, kernel_rodata_end, 0);
	map_image(kernel_sealed_start, kernel_image_end, MAP_WRITE);
	for (uint64_t at = 0; at < boot_info.params.region_size; at += PAGE_2M_SIZE)
		map_direct(at);
	make_areas();
	insn_write_cr3(kernel_root.raw | boot_info.cbit);
	direct_ready = true;
}

void paging_seal(void)
{
	for (uint64_t at = (uint64_t)kernel_sealed_start; at < (uint64_t)kernel_sealed_end;
	     at += PAGE_SIZE) {
		paddr_t page;

		must(kernel_unmap(VADDR(at), &page));
		must(kernel_map(VADDR(at), page, 0));
	}
	tlb_flush(NULL, VADDR((uint64_t)kernel_sealed_start),
		  (size_t)(kernel_sealed_end - kernel_sealed_start) / PAGE_SIZE);
}

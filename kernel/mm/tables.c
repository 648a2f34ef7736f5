/* SPDX-License-Identifier: MIT */
#include "kernel/boot.h"
#include "kernel/page.h"
#include "tables.h"

paddr_t pte_address(uint64_t entry)
{
	return PADDR(entry & PTE_ADDRESS & ~boot_info.cbit);
}

uint64_t pte_make(paddr_t page, unsigned int flags, unsigned int level)
{
	uint64_t entry = page.raw | PTE_PRESENT | PTE_ACCESSED;

	entry |= (flags & MAP_WRITE) != 0 ? PTE_WRITE | PTE_DIRTY : 0;
	entry |= (flags & MAP_EXECUTE) != 0 ? 0 : PTE_NX;
	entry |= (flags & MAP_USER) != 0 ? PTE_USER : PTE_GLOBAL;
	entry |= (flags & MAP_UNCACHED) != 0 ? PTE_PCD | PTE_PWT : 0;
	entry |= (flags & MAP_SHARED) != 0 ? 0 : boot_info.cbit;
	entry |= level == LEVEL_2M ? PTE_LARGE : 0;
	return entry;
}

unsigned int pte_flags(uint64_t entry)
{
	unsigned int flags = 0;

	flags |= (entry & PTE_WRITE) != 0 ? MAP_WRITE : 0U;
	flags |= (entry & PTE_NX) != 0 ? 0U : MAP_EXECUTE;
	flags |= (entry & PTE_USER) != 0 ? MAP_USER : 0U;
	flags |= (entry & PTE_PCD) != 0 ? MAP_UNCACHED : 0U;
	flags |= (entry & boot_info.cbit) == boot_info.cbit ? 0U : MAP_SHARED;
	return flags;
}

static unsigned int table_index(vaddr_t address, unsigned int level)
{
	return (unsigned int)(address.raw >> (PAGE_SHIFT + 9 * (level - 1))) % TABLE_ENTRIES;
}

/* Tables above user addresses carry the user bit; the leaves decide. */
static enum error table_add(uint64_t *entry, vaddr_t address, uint64_t *tables)
{
	paddr_t page;
	enum error error = table_page_alloc(&page);

	if (error != OK)
		return error;
	*entry = page.raw | boot_info.cbit | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED |
		 (address.raw < LAYOUT_USER_END ? PTE_USER : 0);
	if (tables != NULL)
		(*tables)++;
	return OK;
}

enum error table_entry(paddr_t root, vaddr_t address, unsigned int level, bool create,
		       uint64_t **out, uint64_t *tables)
{
	uint64_t *table = phys_to_virt(root);

	for (unsigned int l = LEVEL_ROOT; l > level; l--) {
		uint64_t *entry = &table[table_index(address, l)];

		if ((*entry & PTE_PRESENT) == 0) {
			enum error error =
				create ? table_add(entry, address, tables) : ERR_NOT_FOUND;

			if (error != OK)
				return error;
		}
		if ((*entry & PTE_LARGE) != 0)
			return ERR_EXISTS;
		table = phys_to_virt(pte_address(*entry));
	}
	*out = &table[table_index(address, level)];
	return OK;
}

enum error table_query(paddr_t root, vaddr_t address, struct mapping *out)
{
	const uint64_t *table = phys_to_virt(root);

	for (unsigned int l = LEVEL_ROOT; l > 0; l--) {
		uint64_t entry = table[table_index(address, l)];
		uint64_t size = 1ULL << (PAGE_SHIFT + 9 * (l - 1));

		if ((entry & PTE_PRESENT) == 0)
			return ERR_NOT_FOUND;
		if (l > LEVEL_4K && (entry & PTE_LARGE) == 0) {
			table = phys_to_virt(pte_address(entry));
			continue;
		}
		*out = (struct mapping){
			.address = PADDR(pte_address(entry).raw + (address.raw & (size - 1))),
			.size = size,
			.flags = pte_flags(entry),
			.accessed = (entry & PTE_ACCESSED) != 0,
			.dirty = (entry & PTE_DIRTY) != 0,
		};
		return OK;
	}
	return ERR_NOT_FOUND;
}

enum error table_split(uint64_t *entry)
{
	uint64_t large = *entry;
	uint64_t *table;
	paddr_t page;
	enum error error = table_page_alloc(&page);

	if (error != OK)
		return error;
	table = phys_to_virt(page);
	for (uint64_t i = 0; i < TABLE_ENTRIES; i++)
		table[i] = (large & ~PTE_LARGE) + i * PAGE_SIZE;
	WRITE_ONCE(*entry, page.raw | boot_info.cbit | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED);
	return OK;
}

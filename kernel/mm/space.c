/* SPDX-License-Identifier: MIT */
/* User address spaces: the lower half of a root of their own, the upper half the kernel's. */
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "tables.h"

#define USER_SLOTS 256

enum error space_create(struct address_space *space)
{
	uint64_t *root;
	const uint64_t *kernel = phys_to_virt(paging_kernel_root());
	paddr_t page;
	enum error error = page_alloc(0, PAGE_OWNER_PAGE_TABLE, PAGE_ZERO, &page);

	if (error != OK)
		return error;
	root = phys_to_virt(page);
	for (unsigned int i = USER_SLOTS; i < TABLE_ENTRIES; i++)
		root[i] = kernel[i];
	*space = (struct address_space){.root = page, .tables = 1};
	spin_init(&space->lock, LOCK_RANK_SPACE);
	return OK;
}

/* What a walk over the whole lower half needs to know. */
struct teardown {
	void (*release)(void *context, vaddr_t address, paddr_t page);
	void *context;
};

static void release_leaves(const struct teardown *t, const uint64_t *table, uint64_t base)
{
	for (uint64_t i = 0; i < TABLE_ENTRIES && t->release != NULL; i++)
		if ((table[i] & PTE_PRESENT) != 0)
			t->release(t->context, VADDR(base + i * PAGE_SIZE), pte_address(table[i]));
}

static void free_directory(const struct teardown *t, const uint64_t *directory, uint64_t base)
{
	for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
		paddr_t table = pte_address(directory[i]);

		if ((directory[i] & PTE_PRESENT) == 0)
			continue;
		release_leaves(t, phys_to_virt(table), base + i * PAGE_2M_SIZE);
		page_free(table, 0);
	}
}

static void free_pointer_table(const struct teardown *t, const uint64_t *pointers, uint64_t base)
{
	for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
		paddr_t directory = pte_address(pointers[i]);

		if ((pointers[i] & PTE_PRESENT) == 0)
			continue;
		free_directory(t, phys_to_virt(directory), base + i * GIB(1));
		page_free(directory, 0);
	}
}

void space_destroy(struct address_space *space,
		   void (*release)(void *context, vaddr_t address, paddr_t page), void *context)
{
	struct teardown t = {release, context};
	const uint64_t *root = phys_to_virt(space->root);

	for (uint64_t i = 0; i < USER_SLOTS; i++) {
		paddr_t pointers = pte_address(root[i]);

		if ((root[i] & PTE_PRESENT) == 0)
			continue;
		free_pointer_table(&t, phys_to_virt(pointers), i * GIB(512));
		page_free(pointers, 0);
	}
	page_free(space->root, 0);
	*space = (struct address_space){0};
}

static enum error check_flags(unsigned int flags)
{
	unsigned int both = MAP_WRITE | MAP_EXECUTE;

	return (flags & both) == both ? ERR_INVALID : OK;
}

static enum error check_page(vaddr_t address)
{
	if (!IS_ALIGNED(address.raw, PAGE_SIZE))
		return ERR_ALIGNMENT;
	return address.raw < LAYOUT_USER_END ? OK : ERR_RANGE;
}

enum error space_map(struct address_space *space, vaddr_t address, paddr_t page, unsigned int flags)
{
	enum error error = check_page(address);
	uint64_t *entry;

	if (error == OK)
		error = check_flags(flags);
	if (error != OK)
		return error;
	spin_lock(&space->lock);
	error = table_entry(space->root, address, LEVEL_4K, true, &entry, &space->tables);
	if (error == OK && (*entry & PTE_PRESENT) != 0)
		error = ERR_EXISTS;
	if (error == OK)
		WRITE_ONCE(*entry, pte_make(page, flags | MAP_USER, LEVEL_4K));
	spin_unlock(&space->lock);
	return error;
}

/* The present entry of a page; called with the lock held. */
static enum error present_entry(struct address_space *space, vaddr_t address, uint64_t **out)
{
	enum error error = check_page(address);

	if (error == OK)
		error = table_entry(space->root, address, LEVEL_4K, false, out, NULL);
	if (error == OK && (**out & PTE_PRESENT) == 0)
		error = ERR_NOT_FOUND;
	return error;
}

enum error space_unmap(struct address_space *space, vaddr_t address, paddr_t *page)
{
	uint64_t *entry;
	enum error error;

	spin_lock(&space->lock);
	error = present_entry(space, address, &entry);
	if (error == OK) {
		*page = pte_address(*entry);
		WRITE_ONCE(*entry, 0);
		tlb_flush(space, address, 1);
	}
	spin_unlock(&space->lock);
	return error;
}

enum error space_protect(struct address_space *space, vaddr_t address, unsigned int flags)
{
	uint64_t *entry;
	enum error error = check_flags(flags);

	if (error != OK)
		return error;
	spin_lock(&space->lock);
	error = present_entry(space, address, &entry);
	if (error == OK) {
		WRITE_ONCE(*entry, pte_make(pte_address(*entry), flags | MAP_USER, LEVEL_4K));
		tlb_flush(space, address, 1);
	}
	spin_unlock(&space->lock);
	return error;
}

enum error space_query(struct address_space *space, vaddr_t address, struct mapping *out)
{
	enum error error = check_page(VADDR(ALIGN_DOWN(address.raw, PAGE_SIZE)));

	if (error != OK)
		return error;
	spin_lock(&space->lock);
	error = table_query(space->root, address, out);
	spin_unlock(&space->lock);
	return error;
}

void space_switch(struct address_space *space)
{
	struct cpu *cpu = this_cpu();
	struct address_space *old = cpu->space;
	uint64_t bit = BIT(cpu->index % 64);
	paddr_t root = space != NULL ? space->root : paging_kernel_root();

	if (space == old)
		return;
	if (space != NULL)
		__atomic_fetch_or(&space->active[cpu->index / 64], bit, __ATOMIC_SEQ_CST);
	cpu->space = space;
	insn_write_cr3(root.raw | boot_info.cbit);
	if (old != NULL)
		__atomic_fetch_and(&old->active[cpu->index / 64], ~bit, __ATOMIC_SEQ_CST);
}

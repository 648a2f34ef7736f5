// SPDX-License-Identifier: MIT
/* Pages of a process: filled on first touch, copied on first write, scrubbed when given back. */
#include "vm_page.h"

#include "kernel/cache.h"
#include "kernel/page.h"
#include "kernel/string.h"

/* A page that the process owns but may not touch now (PROT_NONE). */
struct hidden_page {
	struct list link;
	uint64_t address;
	paddr_t page;
};

static unsigned int map_flags(uint32_t prot)
{
	return ((prot & VM_WRITE) != 0 ? MAP_WRITE : 0U) |
	       ((prot & VM_EXEC) != 0 ? MAP_EXECUTE : 0U);
}

void vm_page_release(void *context, vaddr_t address, paddr_t page)
{
	(void)context;
	(void)address;
	if (!page_owned_by(page, PAGE_OWNER_USER))
		return;
	memory_wipe(phys_to_virt(page), PAGE_SIZE);
	page_free(page, 0);
}

/* --- Hidden pages ----------------------------------------------------------------------- */

static struct hidden_page *find_hidden(const struct vm_map *map, uint64_t address)
{
	struct list *node;

	list_for_each(node, &map->hidden)
	{
		struct hidden_page *hidden = list_entry(node, struct hidden_page, link);

		if (hidden->address == address)
			return hidden;
	}
	return NULL;
}

/* Take a page out of hiding; false when there is none. */
static bool unhide(struct vm_map *map, uint64_t address, paddr_t *page)
{
	struct hidden_page *hidden = find_hidden(map, address);

	if (hidden == NULL)
		return false;
	*page = hidden->page;
	list_remove(&hidden->link);
	kfree(hidden);
	return true;
}

/* Take a present page out of sight. One of the archive need not be kept: it can be mapped again. */
static enum error hide(struct vm_map *map, uint64_t address, bool own)
{
	struct hidden_page *hidden;
	paddr_t page;

	if (!own)
		return space_unmap(&map->space, VADDR(address), &page);
	hidden = kalloc(sizeof(*hidden));
	if (hidden == NULL)
		return ERR_NO_MEMORY;
	if (space_unmap(&map->space, VADDR(address), &hidden->page) != OK) {
		kfree(hidden);
		return OK;
	}
	hidden->address = address;
	list_add_tail(&map->hidden, &hidden->link);
	return OK;
}

/* --- Filling and changing ---------------------------------------------------------------- */

/* Bytes of the area's file that lie in the page at `address`. */
static size_t file_bytes(const struct vm_area *area, uint64_t address, const uint8_t **bytes)
{
	uint64_t offset = address - area->start;

	if (area->data == NULL || offset >= area->data_size)
		return 0;
	*bytes = area->data + offset;
	return area->data_size - offset < PAGE_SIZE ? area->data_size - offset : PAGE_SIZE;
}

/* Map a page that the process owns; it is freed when that fails. */
static enum error map_own(struct vm_map *map, const struct vm_area *area, uint64_t address,
			  paddr_t page)
{
	enum error error = space_map(&map->space, VADDR(address), page, map_flags(area->prot));

	if (error != OK)
		vm_page_release(NULL, VADDR(address), page);
	return error;
}

enum error vm_page_fill(struct vm_map *map, const struct vm_area *area, uint64_t address)
{
	const uint8_t *bytes = NULL;
	size_t size = file_bytes(area, address, &bytes);
	paddr_t page;
	enum error error;

	if (unhide(map, address, &page))
		return map_own(map, area, address, page);
	if (size == PAGE_SIZE && IS_ALIGNED((uintptr_t)bytes, PAGE_SIZE) &&
	    (area->prot & VM_WRITE) == 0)
		return space_map(&map->space, VADDR(address), virt_to_phys(bytes),
				 map_flags(area->prot));
	error = page_alloc(0, PAGE_OWNER_USER, PAGE_ZERO, &page);
	if (error != OK)
		return error;
	if (size != 0)
		memcpy(phys_to_virt(page), bytes, size);
	return map_own(map, area, address, page);
}

enum error vm_page_make_writable(struct vm_map *map, const struct vm_area *area, uint64_t address,
				 const struct mapping *present)
{
	paddr_t old = PADDR(ALIGN_DOWN(present->address.raw, PAGE_SIZE));
	paddr_t copy;
	enum error error;

	if (page_owned_by(old, PAGE_OWNER_USER))
		return space_protect(&map->space, VADDR(address), map_flags(area->prot));
	error = page_alloc(0, PAGE_OWNER_USER, 0, &copy);
	if (error != OK)
		return error;
	memcpy(phys_to_virt(copy), phys_to_virt(old), PAGE_SIZE);
	error = space_unmap(&map->space, VADDR(address), &old);
	if (error != OK) {
		vm_page_release(NULL, VADDR(address), copy);
		return error;
	}
	return map_own(map, area, address, copy);
}

enum error vm_page_protect(struct vm_map *map, uint64_t address, uint32_t prot)
{
	struct mapping present;
	bool own;

	if (space_query(&map->space, VADDR(address), &present) != OK)
		return OK;
	own = page_owned_by(PADDR(ALIGN_DOWN(present.address.raw, PAGE_SIZE)), PAGE_OWNER_USER);
	if (prot == 0)
		return hide(map, address, own);
	if (!own)
		prot &= ~VM_WRITE; /* copied when it is written */
	return space_protect(&map->space, VADDR(address), map_flags(prot));
}

void vm_page_drop(struct vm_map *map, uint64_t address)
{
	paddr_t page;

	if (space_unmap(&map->space, VADDR(address), &page) == OK ||
	    (!list_empty(&map->hidden) && unhide(map, address, &page)))
		vm_page_release(NULL, VADDR(address), page);
}

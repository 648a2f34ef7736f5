// SPDX-License-Identifier: MIT
/* Areas of a process's memory: adding, splitting, changing, removing. */
#include "kernel/vm_map.h"

#include "kernel/cache.h"
#include "kernel/page.h"
#include "kernel/rng.h"
#include "kernel/string.h"
#include "vm_page.h"

#define TOP_RANDOM_PAGES (1ULL << 26) /* ASLR: 256 GiB */

static struct vm_area *area_of(struct list *node)
{
	return list_entry(node, struct vm_area, link);
}

static uint64_t area_pages(const struct vm_area *area)
{
	return (area->end - area->start) >> PAGE_SHIFT;
}

/* First area that ends above `address`, or the list's head. */
static struct list *first_above(struct vm_map *map, uint64_t address)
{
	struct list *node = map->areas.next;

	while (node != &map->areas && area_of(node)->end <= address)
		node = node->next;
	return node;
}

static struct vm_area *find_area(struct vm_map *map, uint64_t address)
{
	struct list *node = first_above(map, address);

	if (node == &map->areas || area_of(node)->start > address)
		return NULL;
	return area_of(node);
}

static enum error check_range(uint64_t start, uint64_t size)
{
	if (size == 0 || !IS_ALIGNED(start, PAGE_SIZE) || !IS_ALIGNED(size, PAGE_SIZE))
		return ERR_INVALID;
	if (start < VM_LOWEST || start >= VM_HIGHEST || size > VM_HIGHEST - start)
		return ERR_RANGE;
	return OK;
}

/* Whether pages of an area may have to come from the allocator. */
static bool needs_charge(uint32_t prot, const uint8_t *data)
{
	if (prot == 0)
		return false;
	return (prot & VM_WRITE) != 0 || data == NULL || !IS_ALIGNED((uintptr_t)data, PAGE_SIZE);
}

static enum error charge(struct vm_map *map, uint64_t pages)
{
	if (pages > map->limit_pages - map->charged_pages)
		return ERR_LIMIT;
	map->charged_pages += pages;
	return OK;
}

/* --- Life ------------------------------------------------------------------------------- */

enum error vm_map_create(uint64_t limit_pages, struct vm_map **out)
{
	struct vm_map *map = kalloc(sizeof(*map));
	enum error error;

	*out = NULL;
	if (map == NULL)
		return ERR_NO_MEMORY;
	error = space_create(&map->space);
	if (error != OK) {
		kfree(map);
		return error;
	}
	map->references = 1;
	mutex_init(&map->lock);
	list_init(&map->areas);
	list_init(&map->hidden);
	map->limit_pages = limit_pages;
	map->top = VM_HIGHEST - (rng_hint() % TOP_RANDOM_PAGES) * PAGE_SIZE;
	*out = map;
	return OK;
}

void vm_map_get(struct vm_map *map)
{
	__atomic_add_fetch(&map->references, 1, __ATOMIC_RELAXED);
}

static void drop_pages(struct vm_map *map, uint64_t start, uint64_t end)
{
	for (uint64_t address = start; address < end; address += PAGE_SIZE)
		vm_page_drop(map, address);
}

static void free_hidden(struct vm_map *map)
{
	struct list *node, *next;

	if (list_empty(&map->hidden))
		return;
	list_for_each_safe(node, next, &map->areas)
	{
		if (area_of(node)->prot == 0)
			drop_pages(map, area_of(node)->start, area_of(node)->end);
	}
}

void vm_map_put(struct vm_map *map)
{
	struct list *node;

	if (__atomic_sub_fetch(&map->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	free_hidden(map);
	space_destroy(&map->space, vm_page_release, NULL);
	while ((node = list_pop(&map->areas)) != NULL)
		kfree(area_of(node));
	kfree(map);
}

/* --- Splitting and merging -------------------------------------------------------------- */

static void area_free(struct vm_map *map, struct vm_area *area)
{
	list_remove(&area->link);
	kfree(area);
	map->area_count--;
}

/* Cut an area in two at `address`, which lies inside it. */
static enum error split(struct vm_map *map, struct vm_area *area, uint64_t address)
{
	struct vm_area *upper = map->area_count < VM_AREAS_MAX ? kalloc(sizeof(*upper)) : NULL;
	uint64_t lower_size = address - area->start;

	if (upper == NULL)
		return ERR_NO_MEMORY;
	map->area_count++;
	*upper = *area;
	upper->start = address;
	if (area->data != NULL && area->data_size > lower_size) {
		upper->data = area->data + lower_size;
		upper->data_size = area->data_size - lower_size;
		area->data_size = lower_size;
	} else {
		upper->data = NULL;
		upper->data_size = 0;
	}
	area->end = address;
	list_add_head(&area->link, &upper->link);
	return OK;
}

/* Make `address` a boundary between areas, if it lies inside one. */
static enum error split_at(struct vm_map *map, uint64_t address)
{
	struct vm_area *area = find_area(map, address);

	if (area == NULL || area->start == address)
		return OK;
	return split(map, area, address);
}

static bool can_merge(const struct vm_area *low, const struct vm_area *high)
{
	return low->end == high->start && low->prot == high->prot &&
	       low->charged == high->charged && low->data == NULL && high->data == NULL;
}

/* Merge the areas in and at the ends of a range; areas only get fewer. */
static void merge_around(struct vm_map *map, uint64_t start, uint64_t end)
{
	struct list *node = first_above(map, start > 0 ? start - 1 : 0);

	while (node != &map->areas && node->next != &map->areas && area_of(node)->end <= end) {
		struct vm_area *low = area_of(node), *high = area_of(node->next);

		if (!can_merge(low, high)) {
			node = node->next;
			continue;
		}
		low->end = high->end;
		area_free(map, high);
	}
}

/* --- Adding and removing ---------------------------------------------------------------- */

/* Highest gap of `size` bytes below the top; 0: none. */
static uint64_t find_gap(struct vm_map *map, uint64_t size)
{
	uint64_t end = map->top;

	for (struct list *node = map->areas.prev; node != &map->areas; node = node->prev) {
		const struct vm_area *area = area_of(node);

		if (area->end <= end && end - area->end >= size)
			return end - size;
		if (area->start < end)
			end = area->start;
	}
	return end >= VM_LOWEST && end - VM_LOWEST >= size ? end - size : 0;
}

static enum error remove_locked(struct vm_map *map, uint64_t start, uint64_t size)
{
	uint64_t end = start + size;
	struct list *node;
	enum error error = split_at(map, start);

	if (error == OK)
		error = split_at(map, end);
	if (error != OK)
		return error;
	node = first_above(map, start);
	while (node != &map->areas && area_of(node)->start < end) {
		struct vm_area *area = area_of(node);

		node = node->next;
		drop_pages(map, area->start, area->end);
		if (area->charged)
			map->charged_pages -= area_pages(area);
		area_free(map, area);
	}
	return OK;
}

/* Settle where the area goes, making room when it may. */
static enum error place(struct vm_map *map, const struct vm_request *request, uint64_t *address)
{
	struct list *next;
	enum error error;

	if (request->address == 0) {
		if (request->size == 0 || !IS_ALIGNED(request->size, PAGE_SIZE))
			return ERR_INVALID;
		*address = find_gap(map, request->size);
		return *address != 0 ? OK : ERR_NO_MEMORY;
	}
	*address = request->address;
	error = check_range(request->address, request->size);
	if (error != OK)
		return error;
	if (request->replace)
		return remove_locked(map, request->address, request->size);
	next = first_above(map, request->address);
	if (next != &map->areas && area_of(next)->start < request->address + request->size)
		return ERR_EXISTS;
	return OK;
}

static enum error add_locked(struct vm_map *map, const struct vm_request *request,
			     struct vm_area *area)
{
	enum error error = place(map, request, &area->start);

	if (error != OK)
		return error;
	if (map->area_count == VM_AREAS_MAX)
		return ERR_LIMIT;
	if (needs_charge(request->prot, request->data)) {
		error = charge(map, request->size >> PAGE_SHIFT);
		if (error != OK)
			return error;
		area->charged = true;
	}
	area->end = area->start + request->size;
	area->prot = request->prot;
	area->data = request->data;
	area->data_size = request->data != NULL ? request->data_size : 0;
	list_insert_before(first_above(map, area->start), &area->link);
	map->area_count++;
	return OK;
}

enum error vm_map_add(struct vm_map *map, const struct vm_request *request, uint64_t *address)
{
	struct vm_area *area;
	enum error error;

	if ((request->prot & VM_WRITE) != 0 && (request->prot & VM_EXEC) != 0)
		return ERR_DENIED;
	area = kalloc(sizeof(*area));
	if (area == NULL)
		return ERR_NO_MEMORY;
	mutex_lock(&map->lock);
	error = add_locked(map, request, area);
	if (error == OK) {
		*address = area->start;
		merge_around(map, area->start, area->end);
	} else {
		kfree(area);
	}
	mutex_unlock(&map->lock);
	return error;
}

enum error vm_map_remove(struct vm_map *map, uint64_t start, uint64_t size)
{
	enum error error = check_range(start, size);

	if (error != OK)
		return error;
	mutex_lock(&map->lock);
	error = remove_locked(map, start, size);
	mutex_unlock(&map->lock);
	return error;
}

/* --- Changing --------------------------------------------------------------------------- */

/* Whether [start, end) is mapped without a hole; counts what `prot` would have to be charged for.
 */
static bool covered(struct vm_map *map, uint64_t start, uint64_t end, uint32_t prot,
		    uint64_t *uncharged)
{
	struct list *node = first_above(map, start);

	*uncharged = 0;
	while (start < end) {
		const struct vm_area *area = area_of(node);

		if (node == &map->areas || area->start > start)
			return false;
		if (!area->charged && needs_charge(prot, area->data))
			*uncharged += ((area->end < end ? area->end : end) - start) >> PAGE_SHIFT;
		start = area->end;
		node = node->next;
	}
	return true;
}

static enum error protect_area(struct vm_map *map, struct vm_area *area, uint32_t prot)
{
	enum error error = OK;

	area->prot = prot;
	if (needs_charge(prot, area->data))
		area->charged = true;
	for (uint64_t at = area->start; at < area->end && error == OK; at += PAGE_SIZE)
		error = vm_page_protect(map, at, prot);
	return error;
}

static enum error protect_locked(struct vm_map *map, uint64_t start, uint64_t end, uint32_t prot)
{
	uint64_t uncharged;
	struct list *node;
	enum error error;

	if (!covered(map, start, end, prot, &uncharged))
		return ERR_NOT_FOUND;
	error = split_at(map, start);
	if (error == OK)
		error = split_at(map, end);
	if (error == OK)
		error = charge(map, uncharged);
	if (error != OK)
		return error;
	node = first_above(map, start);
	for (; node != &map->areas && area_of(node)->start < end && error == OK; node = node->next)
		error = protect_area(map, area_of(node), prot);
	merge_around(map, start, end);
	return error;
}

enum error vm_map_protect(struct vm_map *map, uint64_t start, uint64_t size, uint32_t prot)
{
	enum error error = check_range(start, size);

	if (error != OK)
		return error;
	if ((prot & VM_WRITE) != 0 && (prot & VM_EXEC) != 0)
		return ERR_DENIED;
	mutex_lock(&map->lock);
	error = protect_locked(map, start, start + size, prot);
	mutex_unlock(&map->lock);
	return error;
}

enum error vm_map_discard(struct vm_map *map, uint64_t start, uint64_t size)
{
	enum error error = check_range(start, size);
	uint64_t ignored;

	if (error != OK)
		return error;
	mutex_lock(&map->lock);
	if (covered(map, start, start + size, 0, &ignored))
		drop_pages(map, start, start + size);
	else
		error = ERR_NOT_FOUND;
	mutex_unlock(&map->lock);
	return error;
}

uint64_t vm_map_break(struct vm_map *map, uint64_t end)
{
	uint64_t now = map->heap_end, old_page, new_page;
	enum error error = OK;

	if (end < map->heap_start || end > VM_HIGHEST)
		return now;
	old_page = ALIGN_UP(now, PAGE_SIZE);
	new_page = ALIGN_UP(end, PAGE_SIZE);
	if (new_page > old_page) {
		struct vm_request more = {.address = old_page,
					  .size = new_page - old_page,
					  .prot = VM_READ | VM_WRITE};

		error = vm_map_add(map, &more, &old_page);
	} else if (new_page < old_page) {
		error = vm_map_remove(map, new_page, old_page - new_page);
	}
	if (error == OK)
		map->heap_end = end;
	return map->heap_end;
}

/* --- Touching --------------------------------------------------------------------------- */

static enum error fault_locked(struct vm_map *map, uint64_t page, uint32_t access)
{
	const struct vm_area *area = find_area(map, page);
	struct mapping present;

	if (area == NULL || area->prot == 0 || (access & ~(area->prot | VM_READ)) != 0)
		return ERR_FAULT;
	if (space_query(&map->space, VADDR(page), &present) != OK)
		return vm_page_fill(map, area, page);
	if ((access & VM_WRITE) != 0 && (present.flags & MAP_WRITE) == 0)
		return vm_page_make_writable(map, area, page, &present);
	return OK; /* another thread was first */
}

enum error vm_map_fault(struct vm_map *map, uint64_t address, uint32_t access)
{
	enum error error;

	mutex_lock(&map->lock);
	error = fault_locked(map, ALIGN_DOWN(address, PAGE_SIZE), access);
	mutex_unlock(&map->lock);
	return error;
}

enum error vm_map_write(struct vm_map *map, uint64_t address, const void *data, size_t size)
{
	const uint8_t *from = data;
	enum error error = OK;

	while (size != 0 && error == OK) {
		size_t part = PAGE_SIZE - (address & (PAGE_SIZE - 1));
		struct mapping present;

		part = part < size ? part : size;
		mutex_lock(&map->lock);
		error = fault_locked(map, ALIGN_DOWN(address, PAGE_SIZE), VM_WRITE);
		if (error == OK)
			error = space_query(&map->space, VADDR(address), &present);
		if (error == OK)
			memcpy(phys_to_virt(present.address), from, part);
		mutex_unlock(&map->lock);
		address += part;
		from += part;
		size -= part;
	}
	return error;
}

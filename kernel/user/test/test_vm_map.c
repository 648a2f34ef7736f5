/* SPDX-License-Identifier: MIT */
/*
 * A process's memory against a model: random operations on 48 pages, every page compared after
 * each; on the kernel's own allocators and page tables. Then the same with every allocation failing
 * once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake.h"
#include "kernel/cache.h"
#include "kernel/failure.h"
#include "kernel/page.h"
#include "kernel/rng.h"
#include "kernel/vm_map.h"

#define WINDOW      0x10000000ULL
#define PAGES       48
#define STEPS       6000
#define LIMIT_PAGES 30

/* --- What the kernel gives ---------------------------------------------------------------- */

void mutex_init(struct mutex *mutex)
{
	mutex->owner = NULL;
}

void mutex_lock(struct mutex *mutex)
{
	assert_null(mutex->owner);
	mutex->owner = (struct thread *)mutex;
}

void mutex_unlock(struct mutex *mutex)
{
	mutex->owner = NULL;
}

uint64_t rng_hint(void)
{
	return 12345;
}

/* --- The model ---------------------------------------------------------------------------- */

struct model_page {
	bool mapped;
	bool charged;
	uint32_t prot;
	uint8_t value; /* of every byte */
	bool file;
};

static struct model_page model[PAGES];
static uint8_t *archive; /* 8 pages; page i: bytes of value i + 100 */

static uint8_t *archive_page(size_t page)
{
	return archive + (size_t)(page * PAGE_SIZE);
}

static uint64_t address_of(size_t page)
{
	return WINDOW + page * PAGE_SIZE;
}

static uint64_t model_charge(size_t first, size_t count)
{
	uint64_t charge = 0;

	for (size_t i = 0; i < PAGES; i++)
		charge += model[i].charged && (i < first || i >= first + count);
	return charge;
}

/* Bytes of a page as the program would read them; -1: it would fault. */
static int peek(struct vm_map *map, size_t page)
{
	struct mapping mapping;
	const uint8_t *bytes;

	if (vm_map_fault(map, address_of(page), VM_READ) != OK)
		return -1;
	assert_int_equal(space_query(&map->space, VADDR(address_of(page)), &mapping), OK);
	bytes = phys_to_virt(mapping.address);
	assert_int_equal(bytes[0], bytes[PAGE_SIZE - 1]);
	assert_true((mapping.flags & MAP_WRITE) == 0 || (mapping.flags & MAP_EXECUTE) == 0);
	return bytes[0];
}

static void compare(struct vm_map *map)
{
	for (size_t i = 0; i < PAGES; i++) {
		int expected = model[i].mapped && model[i].prot != 0 ? model[i].value : -1;

		assert_int_equal(peek(map, i), expected);
	}
	assert_int_equal(map->charged_pages, model_charge(0, 0));
}

static void model_map(size_t first, size_t count, uint32_t prot, int file_page)
{
	for (size_t i = 0; i < count; i++)
		model[first + i] = (struct model_page){
			.mapped = true,
			.charged = (prot & VM_WRITE) != 0 || (prot != 0 && file_page < 0),
			.prot = prot,
			.file = file_page >= 0,
			.value = (uint8_t)(file_page >= 0 ? 100 + file_page + (int)i : 0),
		};
}

static enum error do_add(struct vm_map *map, size_t first, size_t count, uint32_t prot, bool file)
{
	int file_page = file ? (int)(first % 4) : -1;
	uint64_t address;
	struct vm_request request = {
		.address = address_of(first),
		.size = count * PAGE_SIZE,
		.prot = prot,
		.replace = true,
		.data = file ? archive_page((size_t)file_page) : NULL,
		.data_size = count * PAGE_SIZE,
	};
	bool free_of_charge = prot == 0 || (file && (prot & VM_WRITE) == 0);
	bool room = free_of_charge || model_charge(first, count) + count <= LIMIT_PAGES;
	enum error error = vm_map_add(map, &request, &address);

	if (error == OK) {
		assert_true(room);
		model_map(first, count, prot, file_page);
	} else if (error == ERR_LIMIT) {
		/* The place was cleared before the charge was refused. */
		assert_false(room);
		memset(&model[first], 0, count * sizeof(model[0]));
	}
	return error;
}

static enum error do_protect(struct vm_map *map, size_t first, size_t count, uint32_t prot)
{
	enum error error = vm_map_protect(map, address_of(first), count * PAGE_SIZE, prot);

	for (size_t i = first; i < first + count && error == OK; i++) {
		assert_true(model[i].mapped);
		model[i].prot = prot;
		model[i].charged |= (prot & VM_WRITE) != 0 || (prot != 0 && !model[i].file);
	}
	return error;
}

static enum error do_write(struct vm_map *map, size_t page, uint8_t value)
{
	uint8_t bytes[PAGE_SIZE];
	bool allowed = model[page].mapped && (model[page].prot & VM_WRITE) != 0;
	enum error error;

	memset(bytes, value, sizeof(bytes));
	error = vm_map_write(map, address_of(page), bytes, sizeof(bytes));
	if (error == OK) {
		assert_true(allowed);
		model[page].value = value;
	} else {
		assert_true(!allowed || error == ERR_NO_MEMORY);
	}
	return error;
}

static enum error do_discard(struct vm_map *map, size_t first, size_t count)
{
	enum error error = vm_map_discard(map, address_of(first), count * PAGE_SIZE);

	for (size_t i = first; i < first + count && error == OK; i++) {
		/* What a file page reads as depends on where its file begins: leave those alone. */
		assert_true(model[i].mapped && !model[i].file);
		model[i].value = 0;
	}
	return error;
}

static bool any_file(size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (model[i].file)
			return true;
	return false;
}

static enum error random_step(struct vm_map *map, unsigned int *seed)
{
	static const uint32_t prots[] = {0, VM_READ, VM_READ | VM_WRITE, VM_READ | VM_EXEC};
	size_t first = (size_t)rand_r(seed) % PAGES;
	size_t count = 1 + (size_t)rand_r(seed) % 6;
	uint32_t prot = prots[rand_r(seed) % 4];
	enum error error;

	count = count < PAGES - first ? count : PAGES - first;
	switch (rand_r(seed) % 8) {
	case 0:
		return do_add(map, first, count < 4 ? count : 4, prot, rand_r(seed) % 2 == 0);
	case 1:
		error = vm_map_remove(map, address_of(first), count * PAGE_SIZE);
		if (error == OK)
			memset(&model[first], 0, count * sizeof(model[0]));
		return error;
	case 2:
	case 3:
		return do_protect(map, first, count, prot);
	case 4:
		return any_file(first, count) ? OK : do_discard(map, first, count);
	default:
		return do_write(map, first, (uint8_t)(1 + rand_r(seed) % 99));
	}
}

static size_t user_pages(void)
{
	struct page_statistics statistics;

	page_statistics(&statistics);
	return statistics.owned[PAGE_OWNER_USER] + statistics.owned[PAGE_OWNER_PAGE_TABLE];
}

static int setup(void **state)
{
	paddr_t pages;

	(void)state;
	fake_start(900);
	memset(model, 0, sizeof(model));
	if (kalloc_init() != OK || page_alloc(3, PAGE_OWNER_BUFFER, 0, &pages) != OK)
		return -1;
	archive = phys_to_virt(pages);
	for (size_t i = 0; i < 8; i++)
		memset(archive_page(i), (int)(100 + i), PAGE_SIZE);
	return 0;
}

static void test_random(void **state)
{
	size_t before = user_pages();
	struct vm_map *map;
	unsigned int seed = 3;

	(void)state;
	assert_int_equal(vm_map_create(LIMIT_PAGES, &map), OK);
	for (int step = 0; step < STEPS; step++) {
		enum error error = random_step(map, &seed);

		assert_true(error != ERR_NO_MEMORY);
		compare(map);
	}
	vm_map_put(map);
	assert_int_equal(user_pages(), before);
}

static void test_refusals(void **state)
{
	struct vm_request request = {.address = WINDOW, .size = PAGE_SIZE, .prot = VM_READ};
	struct vm_map *map;
	uint64_t address;

	(void)state;
	assert_int_equal(vm_map_create(LIMIT_PAGES, &map), OK);
	request.prot = VM_WRITE | VM_EXEC;
	assert_int_equal(vm_map_add(map, &request, &address), ERR_DENIED);
	request.prot = VM_READ;
	request.size = 0;
	assert_int_equal(vm_map_add(map, &request, &address), ERR_INVALID);
	request.size = PAGE_SIZE + 1;
	assert_int_equal(vm_map_add(map, &request, &address), ERR_INVALID);
	request.size = PAGE_SIZE;
	request.address = VM_HIGHEST;
	assert_int_equal(vm_map_add(map, &request, &address), ERR_RANGE);
	request.address = VM_LOWEST - PAGE_SIZE;
	assert_int_equal(vm_map_add(map, &request, &address), ERR_RANGE);
	request.address = VM_HIGHEST - PAGE_SIZE;
	request.size = UINT64_MAX - PAGE_SIZE + 1;
	assert_int_equal(vm_map_add(map, &request, &address), ERR_RANGE);
	request.address = 0;
	request.size = 1ULL << 47;
	assert_int_equal(vm_map_add(map, &request, &address), ERR_NO_MEMORY);
	request.address = WINDOW;
	request.size = PAGE_SIZE;
	assert_int_equal(vm_map_add(map, &request, &address), OK);
	assert_int_equal(vm_map_add(map, &request, &address), ERR_EXISTS);
	assert_int_equal(vm_map_fault(map, WINDOW, VM_WRITE), ERR_FAULT);
	assert_int_equal(vm_map_fault(map, WINDOW, VM_EXEC), ERR_FAULT);
	assert_int_equal(vm_map_fault(map, WINDOW + PAGE_SIZE, VM_READ), ERR_FAULT);
	assert_int_equal(vm_map_protect(map, WINDOW, 2 * PAGE_SIZE, VM_READ), ERR_NOT_FOUND);
	vm_map_put(map);
}

/* A fixed run of steps; ERR_NO_MEMORY as soon as one step meets the injected failure. */
static enum error scripted_run(void)
{
	struct vm_map *map;
	unsigned int seed = 11;
	enum error error;

	memset(model, 0, sizeof(model));
	error = vm_map_create(LIMIT_PAGES, &map);
	if (error != OK)
		return error;
	for (int step = 0; step < 60 && error != ERR_NO_MEMORY; step++)
		error = random_step(map, &seed);
	vm_map_put(map);
	return error;
}

static void test_failed_allocations(void **state)
{
	size_t before = user_pages();
	bool delivered = true;

	(void)state;
	for (uint64_t n = 1; delivered; n++) {
		failure_arm(n);
		(void)!scripted_run();
		delivered = failure_disarm();
		assert_int_equal(user_pages(), before);
		assert_true(n < 2000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_random, setup),
		cmocka_unit_test_setup(test_refusals, setup),
		cmocka_unit_test_setup(test_failed_allocations, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

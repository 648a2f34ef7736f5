/* SPDX-License-Identifier: MIT */
/* Executables and rights files of any bytes: what is mapped lies in the file, and nothing is W and
 * X. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../elf.h"
#include "kernel/rights.h"
#include "kernel/rng.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *file;
static size_t file_size;
static uint64_t last_end;

uint64_t rng_hint(void)
{
	return 77;
}

static void require(bool condition)
{
	if (!condition)
		abort();
}

enum error vm_map_add(struct vm_map *map, const struct vm_request *request, uint64_t *address)
{
	(void)map;
	require(request->size != 0 && IS_ALIGNED(request->size, PAGE_SIZE));
	require(IS_ALIGNED(request->address, PAGE_SIZE) && !request->replace);
	require(request->address >= last_end);
	/* As the real one does: a static PIE may be too large for its place. */
	if (request->address + request->size > VM_HIGHEST)
		return ERR_RANGE;
	require((request->prot & VM_WRITE) == 0 || (request->prot & VM_EXEC) == 0);
	if (request->data != NULL) {
		/* A segment may begin inside a page; what is before it in that page is the file's,
		 * too. */
		require(request->data_size <= request->size);
		require(request->data >= file && request->data <= file + file_size);
		require(request->data_size <= (size_t)(file + file_size - request->data));
	}
	last_end = request->address + request->size;
	*address = request->address;
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image image;
	struct rights rights;
	struct vm_map map = {0};
	uint32_t line;

	file = data;
	file_size = size;
	last_end = 0;
	(void)!elf_load(&map, data, size, &image);
	if (rights_parse((const char *)data, size, &rights, &line) == OK) {
		require(rights.count <= RIGHTS_OPEN_MAX && rights.handles <= 256);
		for (uint32_t i = 0; i < rights.count; i++)
			require(memchr(rights.open[i].path, 0, RIGHTS_PATH_MAX) != NULL);
		(void)rights_allow_open(&rights, "/dev/log", RIGHTS_READ);
	}
	return 0;
}

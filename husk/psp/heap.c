/* SPDX-License-Identifier: MIT */
/*
 * A small first-fit heap for mbed TLS's big numbers. Called under the machine lock only; everything
 * that is allocated for one operation is freed with it.
 */
#include <mbedtls/platform.h>
#include <string.h>

#include "state.h"

#define HEAP_SIZE 131072

struct block {
	size_t size; /* of the data behind it */
	bool used;
	uint8_t pad[7];
};
LAYOUT_SIZE(struct block, 16);

static uint8_t heap[HEAP_SIZE] ALIGNED(16);

static struct block *first(void)
{
	return (struct block *)heap;
}

static struct block *next(struct block *b)
{
	uint8_t *at = (uint8_t *)(b + 1) + b->size;

	return at < heap + HEAP_SIZE ? (struct block *)at : NULL;
}

static void merge_free(struct block *b)
{
	for (struct block *n = next(b); n && !n->used; n = next(b))
		b->size += sizeof(*n) + n->size;
}

static void split(struct block *b, size_t size)
{
	struct block *rest;

	if (b->size < size + sizeof(*b) + 16)
		return;
	rest = (struct block *)((uint8_t *)(b + 1) + size);
	rest->size = b->size - size - sizeof(*rest);
	rest->used = false;
	b->size = size;
}

static void *heap_calloc(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > HEAP_SIZE)
		return NULL;
	bytes = ALIGN_UP(bytes ? bytes : 1, 16UL);
	for (struct block *b = first(); b; b = next(b)) {
		if (b->used)
			continue;
		merge_free(b);
		if (b->size < bytes)
			continue;
		split(b, bytes);
		b->used = true;
		memset(b + 1, 0, b->size);
		return b + 1;
	}
	return NULL;
}

static void heap_free(void *memory)
{
	if (memory)
		((struct block *)memory - 1)->used = false;
}

void psp_heap_init(void)
{
	first()->size = HEAP_SIZE - sizeof(struct block);
	first()->used = false;
	mbedtls_platform_set_calloc_free(heap_calloc, heap_free);
}

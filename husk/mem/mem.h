/* SPDX-License-Identifier: MIT */
/* Husk's own memory, inside. */
#ifndef HUSK_MEM_MEM_H
#define HUSK_MEM_MEM_H

#include "base/compiler.h"
#include "base/types.h"

void *memset(void *to, int value, size_t size);
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);

/* Hand `size` bytes at a physical address to the page allocator; once, after relocation. */
void pages_init(paddr_t base, uint64_t size);

/* Give the guest `size` bytes of memory that end at 4 GiB; false: Husk's memory doesn't suffice. */
bool MUST_CHECK guest_ram_add_window(uint64_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* The few C library functions that the kernel has, as in C11 7.24. */
#ifndef KERNEL_STRING_H
#define KERNEL_STRING_H

#include "base/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
char *strchr(const char *text, int c);

/* Zero `size` bytes; the compiler does not leave it out. For secrets. */
void memory_wipe(void *to, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* What libs/base/src/mem.c does not have. */
#include "kernel/string.h"

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size > 0 && *a != '\0' && *a == *b; a++, b++, size--)
		;
	return size == 0 ? 0 : (unsigned char)*a - (unsigned char)*b;
}

char *strchr(const char *text, int c)
{
	for (; *text != (char)c; text++)
		if (*text == '\0')
			return NULL;
	return (char *)(uintptr_t)text;
}

void memory_wipe(void *to, size_t size)
{
	memset(to, 0, size);
	__asm__ volatile("" : : "r"(to) : "memory");
}

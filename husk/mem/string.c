/* SPDX-License-Identifier: MIT */
/* The few functions that a freestanding compiler calls by itself, and strings. */
#include "mem/mem.h"

void *memset(void *to, int value, size_t size)
{
	void *end = to;

	__asm__ volatile("rep stosb" : "+D"(end), "+c"(size) : "a"(value) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
	void *end = to;
	size_t words = size / 8;
	size_t rest = size % 8;

	__asm__ volatile("rep movsq" : "+D"(end), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(rest) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (t <= f || t >= f + size)
		return memcpy(to, from, size);
	while (size--)
		t[size] = f[size];
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a;
	const uint8_t *y = b;

	for (size_t i = 0; i < size; i++) {
		if (x[i] != y[i])
			return x[i] - y[i];
	}
	return 0;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (a[i] != b[i] || !a[i])
			return (uint8_t)a[i] - (uint8_t)b[i];
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

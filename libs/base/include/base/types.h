/* SPDX-License-Identifier: MIT */
/* Addresses are types, not integers: mixing two kinds of address does not compile. */
#ifndef BASE_TYPES_H
#define BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Guest physical address, never with a C-bit. */
typedef struct {
	uint64_t raw;
} gpa_t;

/* Physical address as the program's own page tables see it (no C-bit). */
typedef struct {
	uint64_t raw;
} paddr_t;

/* Virtual (linear) address in the program's own address space. */
typedef struct {
	uint64_t raw;
} vaddr_t;

#define GPA(x)   ((gpa_t){.raw = (x)})
#define PADDR(x) ((paddr_t){.raw = (x)})
#define VADDR(x) ((vaddr_t){.raw = (x)})

#define KIB(x) ((uint64_t)(x) << 10)
#define MIB(x) ((uint64_t)(x) << 20)
#define GIB(x) ((uint64_t)(x) << 30)

#define PAGE_SHIFT    12
#define PAGE_SIZE     4096ULL
#define PAGE_2M_SHIFT 21
#define PAGE_2M_SIZE  (2ULL << 20)

#define BIT(n)           (1ULL << (n))
#define ARRAY_SIZE(a)    (sizeof(a) / sizeof((a)[0]))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define ALIGN_UP(x, a)   ALIGN_DOWN((x) + ((__typeof__(x))(a)-1), a)
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)

#endif

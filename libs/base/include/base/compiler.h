/* SPDX-License-Identifier: MIT */
/* What we ask of the compiler beyond C11. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stddef.h>

#define PACKED       __attribute__((packed))
#define ALIGNED(n)   __attribute__((aligned(n)))
#define MUST_CHECK   __attribute__((warn_unused_result))
#define NORETURN     __attribute__((noreturn))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define SECTION(s)   __attribute__((section(s)))
#define USED         __attribute__((used))
#define UNUSED       __attribute__((unused))
#define NOINLINE     __attribute__((noinline))
#define CLEANUP(f)   __attribute__((cleanup(f)))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* One read or one write, whole, that the compiler neither repeats nor splits. */
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

/* A layout fact from a specification: fails to compile when it does not hold. */
#define LAYOUT_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has the wrong size")
#define LAYOUT_AT(type, member, off) \
	_Static_assert(offsetof(type, member) == (off), #type "." #member " is misplaced")

#endif

/* SPDX-License-Identifier: MIT */
/* Text formatting for programs without a C library. Allocates nothing, has no state. */
#ifndef FMT_FMT_H
#define FMT_FMT_H

#include <stdarg.h>

#include "base/compiler.h"
#include "base/types.h"

/*
 * Format into `out` (size bytes, always ended by a NUL when size > 0; longer text is cut) and
 * return the bytes written, without the NUL. Understands %s %.Ns %.*s %c %d %i %u %x %X %p %%, the
 * flags 0 and -, a width, and the lengths hh h l ll z j t. Anything else is copied as it stands. A
 * NULL string prints as (null).
 */
size_t fmt_vformat(char *out, size_t size, const char *format, va_list args);
size_t fmt_format(char *out, size_t size, const char *format, ...) PRINTF(3, 4);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The kernel log: a fixed ring that never allocates, never blocks and may be written from any
 * context (NMI and panic included), and sinks that print it. Nothing secret is ever logged.
 */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include <stdarg.h>

#include "base/compiler.h"
#include "base/types.h"

enum log_level {
	LOG_ERROR = 0, /* something is broken */
	LOG_WARN = 1,  /* the host or a guest did what it should not */
	LOG_INFO = 2,  /* milestones */
	LOG_DEBUG = 3,
};

#define LOG_LINE_MAX 200 /* longest message, without level and time; longer ones are cut */

/* Format: %s %c %d %i %u %x %X %p %% with 0, width, - and l, ll, z; see fmt/fmt.h. */
void log_write(enum log_level level, const char *format, ...) PRINTF(2, 3);
void log_vwrite(enum log_level level, const char *format, va_list args);

/* A finished line (with its newline) as it is, whatever the level; cut after LOG_LINE_MAX bytes. */
void log_text(const char *text, size_t size);

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

/* At most `burst` lines per `LOG_LIMIT_WINDOW_MS`; for what a guest or a host can provoke. */
#define LOG_LIMIT_WINDOW_MS 1000
struct log_limit {
	uint64_t window_start; /* ms of clock_ns() */
	uint32_t used;
	uint32_t suppressed;
	uint32_t burst;
};
#define LOG_LIMIT(n)         \
	{                    \
		.burst = (n) \
	}
void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
	PRINTF(3, 4);

/* Levels above `level` are dropped before they are formatted. */
void log_set_level(enum log_level level);

/* The sink that prints finished lines, at most one at a time; NULL: off. */
void log_set_sink(void (*sink)(const char *text, size_t size));

/*
 * Copy finished lines from the ring. `*cursor` is 0 at the start and is advanced; lines that were
 * overwritten meanwhile are left out. Returns the bytes written to `buffer` (whole lines only).
 */
size_t log_read(uint64_t *cursor, char *buffer, size_t size);

/* From now on every line goes straight to the sink, and no lock is waited for. */
void log_enter_panic(void);

#endif

/* SPDX-License-Identifier: MIT */
/* Husk's own lines. Each starts with "husk: " and ends with a newline that the function adds. */
#ifndef HUSK_LOG_H
#define HUSK_LOG_H

#include "base/compiler.h"

enum log_level {
	LOG_ERROR,
	LOG_INFO,
	LOG_DETAIL,
	LOG_DEBUG,
};

extern enum log_level log_limit; /* lines above it are dropped */

/* printf with %s %c %d %u %x %lx %lu %llu %llx %p, widths and zero padding. */
void PRINTF(2, 3) husk_log(enum log_level level, const char *format, ...);

#define log_error(...)  husk_log(LOG_ERROR, __VA_ARGS__)
#define log_info(...)   husk_log(LOG_INFO, __VA_ARGS__)
#define log_detail(...) husk_log(LOG_DETAIL, __VA_ARGS__)
#define log_debug(...)  husk_log(LOG_DEBUG, __VA_ARGS__)

#endif

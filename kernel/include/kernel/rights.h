/* SPDX-License-Identifier: MIT */
/*
 * What a service may do beyond its own memory: /etc/rights/<name of the executed file> in the
 * measured archive, one right per line, '#' starts a comment:
 *
 *	open <path> r|w|rw     a device, or files below /tmp; a path that ends in '*' is a prefix
 *	memory <KiB>           writable memory
 *	handles <n>            open files
 *	threads <n>
 *	spawn                  start other programs
 *
 * No file: no devices, and the default limits.
 */
#ifndef KERNEL_RIGHTS_H
#define KERNEL_RIGHTS_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

#define RIGHTS_OPEN_MAX 16
#define RIGHTS_PATH_MAX 64
#define RIGHTS_READ     0x1U
#define RIGHTS_WRITE    0x2U

#define RIGHTS_DEFAULT_MEMORY_KIB 4096
#define RIGHTS_DEFAULT_HANDLES    32
#define RIGHTS_DEFAULT_THREADS    8

struct rights {
	uint64_t memory_pages;
	uint32_t handles;
	uint32_t threads;
	bool spawn;
	uint32_t count;
	struct {
		char path[RIGHTS_PATH_MAX];
		uint32_t access; /* RIGHTS_* */
	} open[RIGHTS_OPEN_MAX];
};

/* Read a rights file. ERR_FORMAT with *line set for anything else than the above. */
MUST_CHECK enum error rights_parse(const char *text, size_t size, struct rights *out,
				   uint32_t *line);

/* The rights without a file. */
void rights_default(struct rights *out);

/* Whether `path` may be opened for all of `access`. */
bool rights_allow_open(const struct rights *rights, const char *path, uint32_t access);

#endif

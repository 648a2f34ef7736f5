/* SPDX-License-Identifier: MIT */
/*
 * Reader of cpio archives in the "newc" format. Works on memory, allocates nothing, is total: any
 * bytes give entries that lie inside the archive, then an end or an error.
 */
#ifndef CPIO_CPIO_H
#define CPIO_CPIO_H

#include "base/compiler.h"
#include "base/types.h"

#define CPIO_NAME_MAX 255

#define CPIO_MODE_TYPE      0170000U
#define CPIO_MODE_DIRECTORY 0040000U
#define CPIO_MODE_FILE      0100000U
#define CPIO_MODE_LINK      0120000U

struct cpio_entry {
	const char *name; /* terminated; without leading "/" or "./" */
	const uint8_t *data;
	size_t size;
	uint32_t mode; /* type and permission bits */
	size_t offset; /* of the header, for messages */
};

enum cpio_result {
	CPIO_ENTRY,     /* *entry is valid */
	CPIO_END,       /* the trailer was reached */
	CPIO_TRUNCATED, /* the archive ends inside an entry or without a trailer */
	CPIO_BAD_MAGIC,
	CPIO_BAD_NUMBER, /* a field is not 8 hexadecimal digits */
	CPIO_BAD_NAME,   /* empty, unterminated or longer than CPIO_NAME_MAX */
};

/*
 * Read the entry at *cursor (0 at first) of the archive and advance the cursor behind it. On an
 * error *entry is zeroed and *cursor stays.
 */
MUST_CHECK enum cpio_result cpio_next(const uint8_t *archive, size_t size, size_t *cursor,
				      struct cpio_entry *entry);

/* One line about a result; never NULL. */
const char *cpio_result_text(enum cpio_result result);

#endif

/* SPDX-License-Identifier: MIT */
/* How every kernel function that can fail says so. OK is 0; nothing else is success. */
#ifndef KERNEL_ERROR_H
#define KERNEL_ERROR_H

#include "base/compiler.h"

enum error {
	OK = 0,
	ERR_NO_MEMORY,   /* no page, no object, or the owner's limit is reached */
	ERR_INVALID,     /* an argument that no state of the system makes valid */
	ERR_RANGE,       /* outside the range or object that it must lie in */
	ERR_ALIGNMENT,   /* not aligned as the operation demands */
	ERR_EXISTS,      /* already there: mapped, registered, validated, created */
	ERR_NOT_FOUND,   /* no such mapping, object, file, vCPU */
	ERR_DENIED,      /* the caller has no right to it */
	ERR_BUSY,        /* in use; nothing was changed; may be tried again */
	ERR_AGAIN,       /* accepted but not finished: call again with the same arguments */
	ERR_TIMEOUT,     /* a bounded wait ended */
	ERR_INTERRUPTED, /* a wait was broken off */
	ERR_FAULT,       /* an address that faulted, caught by the fix-up table */
	ERR_UNSUPPORTED, /* this platform or CPU cannot do it */
	ERR_OVERFLOW,    /* arithmetic on sizes or counts would wrap */
	ERR_LIMIT,       /* a fixed limit of ours is reached */
	ERR_STATE,       /* not in a state in which this is allowed */
	ERR_FORMAT,      /* bytes that do not parse */
	ERR_IO,          /* a device or a channel failed */
	ERR_CLOSED,      /* the other end is gone */
	ERR_PLATFORM,    /* the host or the PSP broke its contract */
	ERR_ENTROPY,     /* a random source is broken */
	ERR_CRYPTO,      /* authentication or a primitive failed */
	ERR_COUNT,
};

/* Short lower-case name for the log; never NULL. */
const char *error_name(enum error error);

#endif

/* SPDX-License-Identifier: MIT */
#include "base/types.h"
#include "kernel/error.h"

static const char *const names[ERR_COUNT] = {
	[OK] = "ok",
	[ERR_NO_MEMORY] = "no memory",
	[ERR_INVALID] = "invalid argument",
	[ERR_RANGE] = "out of range",
	[ERR_ALIGNMENT] = "misaligned",
	[ERR_EXISTS] = "exists",
	[ERR_NOT_FOUND] = "not found",
	[ERR_DENIED] = "denied",
	[ERR_BUSY] = "busy",
	[ERR_AGAIN] = "not finished",
	[ERR_TIMEOUT] = "timed out",
	[ERR_INTERRUPTED] = "interrupted",
	[ERR_FAULT] = "faulting address",
	[ERR_UNSUPPORTED] = "not supported",
	[ERR_OVERFLOW] = "overflow",
	[ERR_LIMIT] = "limit reached",
	[ERR_STATE] = "wrong state",
	[ERR_FORMAT] = "malformed",
	[ERR_IO] = "i/o error",
	[ERR_CLOSED] = "closed",
	[ERR_PLATFORM] = "platform broke its contract",
	[ERR_ENTROPY] = "broken random source",
	[ERR_CRYPTO] = "cryptographic check failed",
};

const char *error_name(enum error error)
{
	if ((unsigned int)error >= ERR_COUNT || names[error] == NULL)
		return "unknown";
	return names[error];
}

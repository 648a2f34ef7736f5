/* SPDX-License-Identifier: MIT */
/*
 * SHA-384 behind one function, bound at link time: library sha384_openssl for programs of the
 * build host, sha384_mbedtls for Husk.
 */
#ifndef LAUNCH_SHA384_H
#define LAUNCH_SHA384_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define SHA384_SIZE 48

/* Hashes size bytes; false (digest zeroed) when the crypto library fails. */
MUST_CHECK bool sha384(const void *data, size_t size, uint8_t digest[SHA384_SIZE]);

#endif

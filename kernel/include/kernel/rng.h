/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: HMAC_DRBG (SHA-512, mbed TLS) seeded from the CPU's generator and at least one
 * second, independent source. A source that fails, repeats or is constant is refused.
 */
#ifndef KERNEL_RNG_H
#define KERNEL_RNG_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

/* Where entropy comes from. read() fills all of it or fails. */
struct rng_source {
	const char *name;
	enum error (*read)(uint8_t *out, size_t size);
	bool one_time; /* a secret fixed at launch: it cannot be told from a constant by reading
			  twice */
};

#define RNG_MAX_SOURCES 4

/*
 * Seed from `count` sources. The first must be sound, of the others at least `others_needed`; one
 * that is not is left out and logged. ERR_INVALID (no source, too many), ERR_ENTROPY (too few are
 * sound; the kernel then stops with STOP_RANDOM_SOURCE), ERR_NO_MEMORY. Once, on the boot CPU.
 */
enum error rng_init(const struct rng_source *sources, size_t count,
		    size_t others_needed) MUST_CHECK;

/*
 * rng_init() with what this machine has: RDSEED or RDRAND first, then timing jitter and, where
 * there are any, launch secrets. On the NATIVE platform, which protects nothing, the first may be
 * alone.
 */
enum error rng_init_machine(void) MUST_CHECK;

/* Sound sources found by rng_init(). */
size_t rng_sources(void);

/* Fill a buffer. Any thread context; ERR_ENTROPY when a reseed failed (the output is zeroed). */
enum error rng_bytes(void *out, size_t size) MUST_CHECK;

/* For layout and hints only: never fails, falls back to the TSC. */
uint64_t rng_hint(void);

#endif

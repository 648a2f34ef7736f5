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
	bool one_time; /* a secret fixed at launch: the repetition tests do not apply to it */
};

#define RNG_MAX_SOURCES 4

/*
 * Seed from `count` sources; each must pass its health tests. ERR_INVALID: fewer than two;
 * ERR_CRYPTO: a source is broken (the kernel then stops with its own reason). Once, boot CPU.
 */
enum error rng_init(const struct rng_source *const *sources, size_t count) MUST_CHECK;

/* The sources of this machine: RDSEED or RDRAND, timing jitter, and launch secrets where there are.
 */
size_t rng_machine_sources(const struct rng_source **out, size_t max);

/* Fill a buffer. Any thread context; ERR_CRYPTO when a reseed failed (the output is zeroed). */
enum error rng_bytes(void *out, size_t size) MUST_CHECK;

/* For layout and hints only: never fails, falls back to the TSC. */
uint64_t rng_hint(void);

#endif

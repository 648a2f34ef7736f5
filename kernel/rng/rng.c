// SPDX-License-Identifier: MIT
/*
 * The generator: HMAC_DRBG with SHA-512 of mbed TLS (NIST SP 800-90A). Its entropy input is a hash
 * over fresh bytes of every sound source, so it is as good as the best of them.
 */
#include "kernel/rng.h"

#include <mbedtls/hmac_drbg.h>
#include <mbedtls/platform.h>
#include <mbedtls/sha512.h>

#include "arch/insn.h"
#include "health.h"
#include "kernel/cache.h"
#include "kernel/log.h"
#include "kernel/spinlock.h"
#include "kernel/stop.h"
#include "kernel/string.h"

#define POOL_BYTES      64   /* read from each source for each hash */
#define RESEED_INTERVAL 1024 /* requests */
#define HASH_BYTES      64

static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_RANDOM);
static struct rng_source sound[RNG_MAX_SOURCES];
static size_t sound_count;
static mbedtls_hmac_drbg_context generator;
static bool seeded;

static void *drbg_calloc(size_t count, size_t size)
{
	size_t total;

	return __builtin_mul_overflow(count, size, &total) ? NULL : kalloc(total);
}

/* --- Entropy ---------------------------------------------------------------------------- */

/* One block: SHA-512(counter || bytes of each source). A source that fails now fails the block. */
static int entropy_block(uint8_t counter, uint8_t out[HASH_BYTES])
{
	mbedtls_sha512_context hash;
	uint8_t bytes[POOL_BYTES];
	int result;

	mbedtls_sha512_init(&hash);
	result = mbedtls_sha512_starts(&hash, 0);
	if (result == 0)
		result = mbedtls_sha512_update(&hash, &counter, 1);
	for (size_t i = 0; i < sound_count && result == 0; i++) {
		if (sound[i].read(bytes, sizeof(bytes)) != OK)
			result = MBEDTLS_ERR_HMAC_DRBG_ENTROPY_SOURCE_FAILED;
		else
			result = mbedtls_sha512_update(&hash, bytes, sizeof(bytes));
	}
	if (result == 0)
		result = mbedtls_sha512_finish(&hash, out);
	mbedtls_sha512_free(&hash);
	memory_wipe(bytes, sizeof(bytes));
	return result;
}

static int entropy(void *unused, unsigned char *out, size_t size)
{
	uint8_t block[HASH_BYTES];
	int result = 0;

	(void)unused;
	for (uint8_t counter = 0; size != 0 && result == 0; counter++) {
		size_t part = size < sizeof(block) ? size : sizeof(block);

		result = entropy_block(counter, block);
		memcpy(out, block, part);
		out += part;
		size -= part;
	}
	memory_wipe(block, sizeof(block));
	return result;
}

/* --- Start ------------------------------------------------------------------------------ */

static void wipe(void)
{
	memory_wipe(&generator, sizeof(generator));
	memory_wipe(sound, sizeof(sound));
}

static bool admit(const struct rng_source *source)
{
	enum health health = health_of(source);

	if (health != HEALTH_SOUND) {
		log_warn("random: source %s %s", source->name, health_text(health));
		return false;
	}
	sound[sound_count++] = *source;
	return true;
}

static enum error seed(void)
{
	const mbedtls_md_info_t *sha512 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA512);
	static const unsigned char personal[] = "Copra HMAC_DRBG 1";

	mbedtls_platform_set_calloc_free(drbg_calloc, kfree_secret);
	mbedtls_hmac_drbg_init(&generator);
	if (mbedtls_hmac_drbg_seed(&generator, sha512, entropy, NULL, personal, sizeof(personal)) !=
	    0) {
		mbedtls_hmac_drbg_free(&generator);
		return ERR_ENTROPY;
	}
	mbedtls_hmac_drbg_set_reseed_interval(&generator, RESEED_INTERVAL);
	seeded = true;
	return OK;
}

enum error rng_init(const struct rng_source *sources, size_t count, size_t others_needed)
{
	size_t others = 0;

	if (count == 0 || count > RNG_MAX_SOURCES)
		return ERR_INVALID;
	if (seeded)
		mbedtls_hmac_drbg_free(&generator);
	sound_count = 0;
	seeded = false;
	if (!admit(&sources[0]))
		return ERR_ENTROPY;
	for (size_t i = 1; i < count; i++)
		others += admit(&sources[i]);
	if (others < others_needed)
		return ERR_ENTROPY;
	stop_register_wipe(wipe);
	return seed();
}

size_t rng_sources(void)
{
	return sound_count;
}

/* --- Use -------------------------------------------------------------------------------- */

enum error rng_bytes(void *out, size_t size)
{
	uint8_t *at = out;
	size_t left = size;
	int result = seeded ? 0 : -1;

	while (left != 0 && result == 0) {
		size_t part =
			left < MBEDTLS_HMAC_DRBG_MAX_REQUEST ? left : MBEDTLS_HMAC_DRBG_MAX_REQUEST;
		irq_flags_t flags = spin_lock_irq(&lock);

		result = mbedtls_hmac_drbg_random(&generator, at, part);
		spin_unlock_irq(&lock, flags);
		at += part;
		left -= part;
	}
	if (result == 0)
		return OK;
	memory_wipe(out, size);
	return ERR_ENTROPY;
}

uint64_t rng_hint(void)
{
	uint64_t value;

	return rng_bytes(&value, sizeof(value)) == OK ? value : insn_rdtsc();
}

// SPDX-License-Identifier: MIT
/* The entropy sources of the machine: the CPU's generator, timing jitter, the launch's secrets. */
#include <mbedtls/sha512.h>

#include "arch/insn.h"
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/platform.h"
#include "kernel/rng.h"
#include "kernel/string.h"
#include "sevabi/secrets_page.h"

#define ATTEMPTS       128 /* RDSEED may be empty for a while; RDRAND practically never is */
#define JITTER_SAMPLES 512 /* per 64 bytes */
#define JITTER_WORK    64
#define HASH_BYTES     64
typedef bool (*generator_fn)(uint64_t *out);

static enum error read_generator(generator_fn generator, uint8_t *out, size_t size)
{
	while (size != 0) {
		uint64_t word = 0;
		size_t part = size < sizeof(word) ? size : sizeof(word);
		int attempt = 0;

		while (!generator(&word)) {
			if (++attempt == ATTEMPTS)
				return ERR_ENTROPY;
			insn_pause();
		}
		memcpy(out, &word, part);
		out += part;
		size -= part;
	}
	return OK;
}

static enum error read_rdseed(uint8_t *out, size_t size)
{
	return read_generator(insn_rdseed, out, size);
}

static enum error read_rdrand(uint8_t *out, size_t size)
{
	return read_generator(insn_rdrand, out, size);
}

/* --- Jitter ----------------------------------------------------------------------------- */

/* How long some memory accesses take, in TSC ticks. */
static uint32_t time_accesses(void)
{
	static volatile uint8_t memory[8192];
	static uint32_t at;
	uint64_t start = insn_rdtsc();

	for (int i = 0; i < JITTER_WORK; i++) {
		at = (at + 769) % sizeof(memory);
		memory[at]++;
	}
	return (uint32_t)(insn_rdtsc() - start);
}

/* A block is believed when at least an eighth of its times differ from the one before. */
static enum error jitter_block(uint8_t out[HASH_BYTES])
{
	uint32_t times[JITTER_SAMPLES];
	uint32_t changes = 0;
	enum error error = OK;

	for (size_t i = 0; i < JITTER_SAMPLES; i++) {
		times[i] = time_accesses();
		changes += i != 0 && times[i] != times[i - 1];
	}
	if (changes < JITTER_SAMPLES / 8 ||
	    mbedtls_sha512((const uint8_t *)times, sizeof(times), out, 0) != 0)
		error = ERR_ENTROPY;
	memory_wipe(times, sizeof(times));
	return error;
}

static enum error read_jitter(uint8_t *out, size_t size)
{
	uint8_t block[HASH_BYTES];
	enum error error = OK;

	while (size != 0 && error == OK) {
		size_t part = size < sizeof(block) ? size : sizeof(block);

		error = jitter_block(block);
		if (error == OK)
			memcpy(out, block, part);
		out += part;
		size -= part;
	}
	memory_wipe(block, sizeof(block));
	return error;
}

/* --- Launch secrets ---------------------------------------------------------------------- */

static bool all_zero(const uint8_t *bytes, size_t size)
{
	uint8_t any = 0;

	for (size_t i = 0; i < size; i++)
		any |= bytes[i];
	return any == 0;
}

/* A hash of VMPCK0: its other use tells nothing about our seed, and the other way round. */
static enum error read_secret(uint8_t *out, size_t size)
{
	static const char label[] = "Copra random seed";
	const struct secrets_page *page = boot_region_pointer(BOOT_SECRETS_OFFSET, PAGE_SIZE);
	uint8_t input[sizeof(label) + VMPCK_SIZE];
	uint8_t hash[HASH_BYTES];
	enum error error = OK;

	if (page == NULL || all_zero(page->vmpck[0], VMPCK_SIZE))
		return ERR_ENTROPY;
	memcpy(input, label, sizeof(label));
	memcpy(input + sizeof(label), page->vmpck[0], VMPCK_SIZE);
	if (mbedtls_sha512(input, sizeof(input), hash, 0) != 0)
		error = ERR_ENTROPY;
	for (size_t done = 0; done < size && error == OK; done += sizeof(hash))
		memcpy(out + done, hash, size - done < sizeof(hash) ? size - done : sizeof(hash));
	memory_wipe(input, sizeof(input));
	memory_wipe(hash, sizeof(hash));
	return error;
}

enum error rng_init_machine(void)
{
	struct rng_source sources[RNG_MAX_SOURCES];
	bool snp = boot_info.platform == boot_platform_snp;
	size_t count = 0;

	if (cpu_features.rdseed)
		sources[count++] = (struct rng_source){"RDSEED", read_rdseed, false};
	else if (cpu_features.rdrand)
		sources[count++] = (struct rng_source){"RDRAND", read_rdrand, false};
	else
		return ERR_ENTROPY;
	sources[count++] = (struct rng_source){"jitter", read_jitter, false};
	if (snp)
		sources[count++] = (struct rng_source){"launch secrets", read_secret, true};
	return rng_init(sources, count, snp ? 1 : 0);
}

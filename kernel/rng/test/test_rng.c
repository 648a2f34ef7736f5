/* SPDX-License-Identifier: MIT */
/* The generator with sound and with broken sources: constant, stuck bit, cycle, failing, failing
 * later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../health.h"
#include "kernel/cache.h"
#include "kernel/log.h"
#include "kernel/spinlock.h"
#include "kernel/stop.h"
#include "kernel/string.h"

/* --- What the kernel gives ---------------------------------------------------------------- */

void *kalloc(size_t size)
{
	return calloc(1, size);
}

void kfree_secret(void *memory)
{
	free(memory);
}

void memory_wipe(void *to, size_t size)
{
	memset(to, 0, size);
}

void log_write(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

irq_flags_t spin_lock_irq(struct spinlock *lock)
{
	assert_int_equal(lock->holder, 0);
	lock->holder = 1;
	return 0;
}

void spin_unlock_irq(struct spinlock *lock, irq_flags_t flags)
{
	(void)flags;
	lock->holder = 0;
}

void stop_register_wipe(void (*wipe)(void))
{
	assert_non_null(wipe);
}

/* --- Sources ------------------------------------------------------------------------------ */

static uint64_t counter;
static bool broken_now;

/* splitmix64: good enough to pass for entropy here. */
static uint64_t mix(void)
{
	uint64_t z = (counter += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static enum error read_sound(uint8_t *out, size_t size)
{
	if (broken_now)
		return ERR_ENTROPY;
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)mix();
	return OK;
}

static enum error read_zero(uint8_t *out, size_t size)
{
	memset(out, 0, size);
	return OK;
}

static enum error read_ones(uint8_t *out, size_t size)
{
	memset(out, 0xff, size);
	return OK;
}

static enum error read_stuck_bit(uint8_t *out, size_t size)
{
	(void)!read_sound(out, size);
	for (size_t i = 0; i + 7 < size; i += 8)
		out[i] |= 4;
	return OK;
}

/* The same 16 words again and again. */
static enum error read_cycle(uint8_t *out, size_t size)
{
	uint64_t before = counter;

	for (size_t i = 0; i < size; i++) {
		if (i % 128 == 0)
			counter = 42;
		out[i] = (uint8_t)mix();
	}
	counter = before;
	return OK;
}

/* A word is given twice in a row, once. */
static enum error read_stutter(uint8_t *out, size_t size)
{
	(void)!read_sound(out, size);
	if (size >= 32)
		memcpy(out + 24, out + 16, 8);
	return OK;
}

static enum error read_fails(uint8_t *out, size_t size)
{
	(void)out;
	(void)size;
	return ERR_ENTROPY;
}

static enum error read_secret(uint8_t *out, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(i * 7);
	return OK;
}

static const struct rng_source sound = {"sound", read_sound, false};
static const struct rng_source secret = {"secret", read_secret, true};

static const struct rng_source broken[] = {
	{"zero", read_zero, false},           {"ones", read_ones, false},
	{"stuck bit", read_stuck_bit, false}, {"cycle", read_cycle, false},
	{"stutter", read_stutter, false},     {"fails", read_fails, false},
	{"zero secret", read_zero, true},     {"no secret", read_fails, true},
};

/* --- Tests -------------------------------------------------------------------------------- */

static int reset(void **state)
{
	(void)state;
	counter = 1;
	broken_now = false;
	return 0;
}

/* A refused source leaves nothing allocated. */
static int give_back(void **state)
{
	(void)state;
	return rng_init(&broken[0], 1, 0) == ERR_ENTROPY ? 0 : -1;
}

static void test_verdicts(void **state)
{
	const enum health expected[] = {HEALTH_CONSTANT, HEALTH_CONSTANT, HEALTH_CONSTANT,
					HEALTH_REPEATS,  HEALTH_REPEATS,  HEALTH_FAILED,
					HEALTH_CONSTANT, HEALTH_FAILED};

	(void)state;
	assert_int_equal(health_of(&sound), HEALTH_SOUND);
	assert_int_equal(health_of(&secret), HEALTH_SOUND);
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
		assert_int_equal(health_of(&broken[i]), expected[i]);
}

static void test_sound_sources_pass(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++)
		assert_int_equal(health_of(&sound), HEALTH_SOUND);
}

static void test_broken_first_is_refused(void **state)
{
	uint8_t out[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		const struct rng_source sources[] = {broken[i], sound, secret};

		assert_int_equal(rng_init(sources, 3, 1), ERR_ENTROPY);
		assert_int_equal(rng_bytes(out, sizeof(out)), ERR_ENTROPY);
	}
}

static void test_broken_second(void **state)
{
	uint8_t out[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		const struct rng_source sources[] = {sound, broken[i], secret};

		assert_int_equal(rng_init(sources, 2, 1), ERR_ENTROPY);
		assert_int_equal(rng_init(sources, 3, 2), ERR_ENTROPY);
		assert_int_equal(rng_init(sources, 3, 1), OK);
		assert_int_equal(rng_sources(), 2);
		assert_int_equal(rng_bytes(out, sizeof(out)), OK);
	}
}

static void test_counts(void **state)
{
	const struct rng_source sources[RNG_MAX_SOURCES + 1] = {sound, sound, sound, sound, sound};

	(void)state;
	assert_int_equal(rng_init(sources, 0, 0), ERR_INVALID);
	assert_int_equal(rng_init(sources, RNG_MAX_SOURCES + 1, 0), ERR_INVALID);
	assert_int_equal(rng_init(sources, 1, 1), ERR_ENTROPY);
	assert_int_equal(rng_init(sources, 1, 0), OK);
}

/* Equal seeds give equal streams, other seeds other ones; long requests are not cut. */
static void test_output(void **state)
{
	const struct rng_source sources[] = {sound, secret};
	uint8_t a[5000], b[5000];

	(void)state;
	assert_int_equal(rng_init(sources, 2, 1), OK);
	assert_int_equal(rng_bytes(a, sizeof(a)), OK);
	counter = 1;
	assert_int_equal(rng_init(sources, 2, 1), OK);
	assert_int_equal(rng_bytes(b, sizeof(b)), OK);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(rng_bytes(b, sizeof(b)), OK);
	assert_memory_not_equal(a, b, sizeof(a));
	counter = 2;
	assert_int_equal(rng_init(sources, 2, 1), OK);
	assert_int_equal(rng_bytes(b, sizeof(b)), OK);
	assert_memory_not_equal(a, b, 64);
	assert_memory_not_equal(a + 4936, b + 4936, 64);
}

/* A source that breaks after the start is noticed at the next reseed: an error, never old output.
 */
static void test_source_breaks_later(void **state)
{
	const struct rng_source sources[] = {sound, secret};
	static const uint8_t zero[32];
	uint8_t out[32];
	enum error error = OK;

	(void)state;
	assert_int_equal(rng_init(sources, 2, 1), OK);
	broken_now = true;
	for (int i = 0; i < 5000 && error == OK; i++)
		error = rng_bytes(out, sizeof(out));
	assert_int_equal(error, ERR_ENTROPY);
	assert_memory_equal(out, zero, sizeof(out));
	broken_now = false;
	assert_int_equal(rng_bytes(out, sizeof(out)), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verdicts, reset, give_back),
		cmocka_unit_test_setup_teardown(test_sound_sources_pass, reset, give_back),
		cmocka_unit_test_setup_teardown(test_broken_first_is_refused, reset, give_back),
		cmocka_unit_test_setup_teardown(test_broken_second, reset, give_back),
		cmocka_unit_test_setup_teardown(test_counts, reset, give_back),
		cmocka_unit_test_setup_teardown(test_output, reset, give_back),
		cmocka_unit_test_setup_teardown(test_source_breaks_later, reset, give_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

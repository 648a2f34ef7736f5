// SPDX-License-Identifier: MIT
/* Health tests: what a broken generator does (stuck, stuck bit, cycles, errors) is recognised. */
#include "health.h"

#include "kernel/string.h"

enum health health_judge(const uint64_t words[HEALTH_WORDS])
{
	uint64_t always_one = UINT64_MAX, ever_one = 0;

	for (size_t i = 0; i < HEALTH_WORDS; i++) {
		always_one &= words[i];
		ever_one |= words[i];
	}
	if (always_one != 0 || ever_one != UINT64_MAX)
		return HEALTH_CONSTANT;
	for (size_t i = 0; i < HEALTH_WORDS; i++)
		for (size_t j = 0; j < i; j++)
			if (words[i] == words[j])
				return HEALTH_REPEATS;
	return HEALTH_SOUND;
}

static enum health judge_secret(const struct rng_source *source)
{
	uint8_t secret[32];
	enum health health = HEALTH_CONSTANT;

	if (source->read(secret, sizeof(secret)) != OK)
		return HEALTH_FAILED;
	for (size_t i = 1; i < sizeof(secret); i++)
		if (secret[i] != secret[0])
			health = HEALTH_SOUND;
	memory_wipe(secret, sizeof(secret));
	return health;
}

enum health health_of(const struct rng_source *source)
{
	uint64_t words[HEALTH_WORDS];
	enum health health = HEALTH_FAILED;

	if (source->one_time)
		return judge_secret(source);
	if (source->read((uint8_t *)words, sizeof(words)) == OK)
		health = health_judge(words);
	memory_wipe(words, sizeof(words));
	return health;
}

const char *health_text(enum health health)
{
	static const char *const texts[] = {
		[HEALTH_SOUND] = "sound",
		[HEALTH_FAILED] = "fails",
		[HEALTH_CONSTANT] = "is constant",
		[HEALTH_REPEATS] = "repeats itself",
	};

	return texts[health];
}

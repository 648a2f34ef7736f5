/* SPDX-License-Identifier: MIT */
/* Health tests of entropy sources, after NIST SP 800-90B 4.4, on 64-bit words. */
#ifndef RNG_HEALTH_H
#define RNG_HEALTH_H

#include "kernel/rng.h"

/* Words that a source is asked for before it is believed. */
#define HEALTH_WORDS 64

enum health {
	HEALTH_SOUND,
	HEALTH_FAILED,   /* read() failed */
	HEALTH_CONSTANT, /* some bit never changes */
	HEALTH_REPEATS,  /* a word came twice */
};

/*
 * Judge a sample. A sound source fails with a probability below 2^-50: 64 words with a bit that
 * never changes 64 * 2^-63, a word that repeats 2^11 * 2^-64.
 */
enum health health_judge(const uint64_t words[HEALTH_WORDS]);

/* Read a sample of a source and judge it; a one-time secret must only not be one repeated byte. */
enum health health_of(const struct rng_source *source);

const char *health_text(enum health health);

#endif

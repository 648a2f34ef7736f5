/* SPDX-License-Identifier: MIT */
/* One request and what came of it, for the tests of husk/ghcb. */
#ifndef GHCB_TEST_HELPERS_H
#define GHCB_TEST_HELPERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_machine.h"
#include "husk/machine.h"

/* Tests of vCPUs, doorbell, PSP and lies; the number that failed. */
int ghcb_vcpu_tests(void);

static inline int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static inline struct plane *plane(void)
{
	return &vcpus[0].planes[0];
}

static inline uint64_t msr_call(uint64_t msr)
{
	plane()->ghcb.msr = msr;
	go();
	return plane()->ghcb.msr;
}

static inline void expect_ok(void)
{
	assert_int_equal(page()->sw_exitinfo1, GHCB_RESULT_OK);
}

static inline void expect_malformed(uint32_t reason)
{
	assert_int_equal(page()->sw_exitinfo1, GHCB_RESULT_MALFORMED);
	assert_int_equal(page()->sw_exitinfo2, reason);
}

static inline bool is_valid(unsigned index)
{
	return (page()->valid_bitmap[index / 8] >> (index % 8) & 1) != 0;
}

#endif

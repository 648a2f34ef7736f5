/* SPDX-License-Identifier: MIT */
/* The machine and the surroundings of host unit tests: one CPU, a region of ordinary memory. */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include <setjmp.h>

#include "base/types.h"
#include "kernel/stop.h"

#define FAKE_REGION_BASE 0x8000000ULL
#define FAKE_REGION_SIZE MIB(4)

/* A fresh machine: boot_info, one CPU, allocators over `pages` pages of the region. */
void fake_start(uint32_t pages);

/*
 * stop() of the kernel ends here. FAKE_EXPECT_STOP(statement) is the reason with which the
 * statement stops, or STOP_REASON_COUNT when it does not; an unexpected stop aborts the test
 * program.
 */
extern jmp_buf fake_stop_target;
extern bool fake_stop_expected;
extern enum stop_reason fake_stop_reason;

#define FAKE_EXPECT_STOP(statement)                   \
	({                                            \
		fake_stop_reason = STOP_REASON_COUNT; \
		fake_stop_expected = true;            \
		if (setjmp(fake_stop_target) == 0) {  \
			statement;                    \
		}                                     \
		fake_stop_expected = false;           \
		fake_stop_reason;                     \
	})

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Monotonic time from the TSC. Its rate comes from the platform; without Secure TSC the host sets
 * it, and nothing that must hold against the host depends on time (docs/threat-model.md).
 */
#ifndef KERNEL_CLOCK_H
#define KERNEL_CLOCK_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

/* Learn the TSC's rate from the platform. ERR_PLATFORM: outside 1 MHz to 100 GHz. Once, boot CPU.
 */
enum error clock_init(uint64_t tsc_hz) MUST_CHECK;

/* Nanoseconds since clock_init(); monotonic over all CPUs as far as the host keeps TSCs in step. */
uint64_t clock_ns(void);

/* Convert a span. Saturates at UINT64_MAX. */
uint64_t clock_tsc_to_ns(uint64_t tsc);
uint64_t clock_ns_to_tsc(uint64_t ns);

/* TSC value at which a time of clock_ns() is reached, for the hardware timer. */
uint64_t clock_deadline_tsc(uint64_t deadline_ns);

/* Spin (with PAUSE) for a short time; for device waits before the scheduler runs. */
void clock_delay_ns(uint64_t ns);

#endif

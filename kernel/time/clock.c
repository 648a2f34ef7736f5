// SPDX-License-Identifier: MIT
/* Monotonic time: the TSC, scaled by a 32.32 fixed-point factor. */
#include "kernel/clock.h"

#include "arch/insn.h"

#define NS_PER_S   1000000000ULL
#define TSC_HZ_MIN 1000000ULL
#define TSC_HZ_MAX 100000000000ULL

static uint64_t tsc_start;
static uint64_t ns_per_tsc; /* 32.32 */
static uint64_t tsc_per_ns; /* 32.32 */

/* value * factor / 2^32, saturating. */
static uint64_t scale(uint64_t value, uint64_t factor)
{
	unsigned __int128 product = (unsigned __int128)value * factor >> 32;

	return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

enum error clock_init(uint64_t tsc_hz)
{
	if (tsc_hz < TSC_HZ_MIN || tsc_hz > TSC_HZ_MAX)
		return ERR_PLATFORM;
	/* Neither overflows: 10^9 << 32 < 2^62; 10^11 << 27 < 2^64. */
	ns_per_tsc = (NS_PER_S << 32) / tsc_hz;
	tsc_per_ns = (tsc_hz << 27) / (NS_PER_S >> 5);
	tsc_start = insn_rdtsc();
	return OK;
}

uint64_t clock_tsc_to_ns(uint64_t tsc)
{
	return scale(tsc, ns_per_tsc);
}

uint64_t clock_ns_to_tsc(uint64_t ns)
{
	return scale(ns, tsc_per_ns);
}

uint64_t clock_ns(void)
{
	uint64_t now = insn_rdtsc();

	/* A CPU whose TSC is behind the boot CPU's (a host may set it so) stands at the start. */
	return now > tsc_start ? scale(now - tsc_start, ns_per_tsc) : 0;
}

uint64_t clock_deadline_tsc(uint64_t deadline_ns)
{
	uint64_t span = clock_ns_to_tsc(deadline_ns);

	return span > UINT64_MAX - tsc_start ? UINT64_MAX : tsc_start + span;
}

void clock_delay_ns(uint64_t ns)
{
	uint64_t start = insn_rdtsc();
	uint64_t span = clock_ns_to_tsc(ns);

	while (insn_rdtsc() - start < span)
		insn_pause();
}

/* SPDX-License-Identifier: MIT */
/*
 * What Copra's calls cost, seen from the guest: instructions from before the call to after it,
 * Copra's and the few of the guest's own (cost mode: -icount shift=0 and opt/husk/cost=1). An exit
 * to Husk still costs the count a little: exit_residue, measured here, is to be taken off once for
 * each exit (10 in a call that does nothing). Lines: perf: NAME VALUE UNIT.
 */
#include "sevabi/msr.h"
#include "svsm.h"

#define ROUNDS 64
#define WARM   8

static uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return low | ((uint64_t)high << 32);
}

static void report(const char *name, uint64_t total, unsigned rounds)
{
	note("perf: %s %u instructions", name, (unsigned)(total / rounds));
}

static void measure_exit(void)
{
	uint64_t start = rdtsc();

	for (unsigned i = 0; i < ROUNDS; i++)
		(void)read_msr(MSR_GHCB);
	report("exit_residue", rdtsc() - start, ROUNDS);
}

static void measure_null_call(void)
{
	uint64_t longest = 0, total = 0;
	unsigned good = 0;

	for (unsigned i = 0; i < ROUNDS + WARM; i++) {
		uint64_t start = rdtsc(), cost;

		good += svsm_call(&svsm_boot_port, SVSM_PROTOCOL_CORE, SVSM_CORE_QUERY_PROTOCOL,
				  SVSM_QUERY_RCX(0, 1), 0, 0) == SVSM_SUCCESS;
		cost = rdtsc() - start;
		total += i < WARM ? 0 : cost;
		longest = cost > longest ? cost : longest;
	}
	check_equal(good, ROUNDS + WARM, "QUERY_PROTOCOL succeeds every time");
	report("svsm_null_call", total, ROUNDS);
	report("svsm_null_call_longest", longest, 1);
}

/* One page, rescinded and validated again; the host's page state is changed once before. */
static void measure_pvalidate(void)
{
	uint64_t validate = 0, rescind = 0;
	gpa_t page = fresh_page();
	unsigned good = 0, next;

	check_equal(svsm_validate(page, true), SVSM_SUCCESS, "a page can be validated");
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t entry = ENTRY_4K(page, 0), start = rdtsc();

		good += svsm_pvalidate(&entry, 1, &next) == SVSM_SUCCESS;
		rescind += rdtsc() - start;
		entry = ENTRY_4K(page, SVSM_PVALIDATE_VALIDATE);
		start = rdtsc();
		good += svsm_pvalidate(&entry, 1, &next) == SVSM_SUCCESS;
		validate += rdtsc() - start;
	}
	check_equal(good, 2 * ROUNDS, "it can be rescinded and validated again and again");
	report("svsm_pvalidate_4k", validate, ROUNDS);
	report("svsm_rescind_4k", rescind, ROUNDS);
}

void micro_main(void)
{
	measure_exit();
	measure_null_call();
	measure_pvalidate();
}

/* SPDX-License-Identifier: MIT */
/* The test image: every test, then the allocation sweep; TAP on the console. */
#include "fmt/fmt.h"
#include "kernel/failure.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/rng.h"
#include "kernel/run.h"
#include "kernel/stop.h"
#include "kernel/test.h"

#define SWEEP_LIMIT 2000 /* a test that meets more allocations than this is broken */

extern const struct ktest *const ktests_start[], *const ktests_end[];

static bool failed; /* the running test */

static void print(const char *format, ...) PRINTF(1, 2);

static void print(const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;
	size_t size;

	va_start(args, format);
	size = fmt_vformat(line, sizeof(line), format, args);
	va_end(args);
	log_text(line, size);
}

void ktest_fail(const char *expression, const char *file, unsigned int line)
{
	failed = true;
	print("# %s:%u: %s\n", file, line, expression);
}

static void report(unsigned int number, const char *what, const char *name, unsigned int runs)
{
	print("%s %u - %s%s (%u failures injected)\n", failed ? "not ok" : "ok", number, what, name,
	      runs);
}

static void run_plain(const struct ktest *test)
{
	enum error error;

	failed = false;
	error = test->run();
	if (error != OK)
		ktest_fail(error_name(error), test->name, 0);
}

static size_t pages_used(void)
{
	struct page_statistics s;

	page_statistics(&s);
	return s.total - s.free - s.owned[PAGE_OWNER_CACHE];
}

/* Fail the n-th allocation for n = 1, 2, ... until the test meets no failure. Nothing may leak. */
static unsigned int run_sweep(const struct ktest *test)
{
	unsigned int n = 0;
	bool delivered;

	failed = false;
	do {
		size_t before = pages_used();
		enum error error;

		failure_arm(++n);
		error = test->run();
		delivered = failure_disarm();
		if (error != OK && error != ERR_NO_MEMORY)
			ktest_fail(error_name(error), test->name, n);
		if (error != OK && !delivered)
			ktest_fail("error without a failed allocation", test->name, n);
		if (pages_used() > before)
			ktest_fail("pages leaked", test->name, n);
	} while (delivered && !failed && n < SWEEP_LIMIT);
	return n - 1;
}

static unsigned int count_tests(void)
{
	unsigned int count = 0;

	for (const struct ktest *const *test = ktests_start; test < ktests_end; test++)
		count += ((*test)->flags & KTEST_SWEEP) != 0 ? 2 : 1;
	return count;
}

enum error run_seed_random(void)
{
	return rng_init_machine();
}

void run_main(void *unused)
{
	unsigned int number = 0, failures = 0;

	(void)unused;
	print("1..%u\n", count_tests());
	for (const struct ktest *const *test = ktests_start; test < ktests_end; test++) {
		unsigned int injected;

		run_plain(*test);
		report(++number, "", (*test)->name, 0);
		failures += failed;
		if (((*test)->flags & KTEST_SWEEP) == 0)
			continue;
		injected = run_sweep(*test);
		report(++number, "sweep ", (*test)->name, injected);
		failures += failed;
	}
	stop(failures == 0 ? STOP_TEST_PASSED : STOP_TEST_FAILED);
}

/* SPDX-License-Identifier: MIT */
/*
 * abi: the conformance program. abi [stress]; an argument "child-..." is a part that test_processes
 * starts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "stress.h"

static unsigned count;
static unsigned failed;

void check(bool ok, const char *name)
{
	count++;
	if (!ok)
		failed++;
	printf("%s %u - %s\n", ok ? "ok" : "not ok", count, name);
}

void check_equal(long got, long expected, const char *name)
{
	check(got == expected, name);
	if (got != expected)
		printf("# got %ld, expected %ld\n", got, expected);
}

int main(int argc, char **argv, char **envp)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && strncmp(argv[1], "child-", 6) == 0)
		return child_main(argc, argv, envp);
	if (argc > 1 && strcmp(argv[1], "stress") == 0) {
		stress();
	} else {
		test_startup(argc, argv, envp);
		test_files();
		test_directories();
		test_memory(argv[0]);
		test_pipes();
		test_poll();
		test_time();
		test_random();
		test_threads();
		test_futex();
		test_signals();
		test_processes(argv[0]);
		test_errors();
	}
	printf("1..%u\n", count);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

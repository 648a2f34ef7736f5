/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int64_t now(clockid_t clock)
{
	struct timespec time = {0};

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void test_time(void)
{
	struct timespec wait = {.tv_nsec = 30000000}, bad = {.tv_nsec = 1000000000};
	int64_t start = now(CLOCK_MONOTONIC), last = start, next;
	bool forward = true;

	for (int i = 0; i < 1000; i++) {
		next = now(CLOCK_MONOTONIC);
		forward = forward && next >= last;
		last = next;
	}
	check(forward, "time: never steps back");
	start = now(CLOCK_MONOTONIC);
	check_equal(nanosleep(&wait, NULL), 0, "time: nanosleep");
	check(now(CLOCK_MONOTONIC) - start >= 30000000, "time: ... not shorter");
	start = now(CLOCK_MONOTONIC);
	next = start + 20000000;
	wait.tv_sec = (time_t)(next / 1000000000);
	wait.tv_nsec = (long)(next % 1000000000);
	check_equal(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wait, NULL), 0,
		    "time: sleep until");
	check(now(CLOCK_MONOTONIC) >= next, "time: ... not earlier");
	errno = 0;
	check_equal(nanosleep(&bad, NULL), -1, "time: a bad time");
	check_equal(errno, EINVAL, "time: ... EINVAL");
	errno = 0;
	check_equal(clock_gettime(99, &wait), -1, "time: no such clock");
	check_equal(errno, EINVAL, "time: ... EINVAL");
}

void test_random(void)
{
	uint8_t a[64] = {0}, b[64] = {0};
	struct utsname name;
	volatile uintptr_t nowhere = 8;

	check_equal(getrandom(a, sizeof(a), 0), 64, "random: getrandom");
	check_equal(getrandom(b, sizeof(b), GRND_NONBLOCK), 64, "random: again");
	check(memcmp(a, b, sizeof(a)) != 0, "random: not the same twice");
	errno = 0;
	check_equal(getrandom((void *)nowhere, 16, 0), -1, "random: no memory");
	check_equal(errno, EFAULT, "random: ... EFAULT");
	check(uname(&name) == 0 && strcmp(name.machine, "x86_64") == 0, "uname: the machine");
}

// SPDX-License-Identifier: MIT
/* System calls on time. There is one clock, counted from boot; no time of day that could be
 * trusted. */
#include "syscall.h"

#include "kernel/clock.h"
#include "kernel/sched.h"

#define NS_PER_S      1000000000ULL
#define TIMER_ABSTIME 1U

enum {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 1,
	CLOCK_PROCESS_CPUTIME = 2,
	CLOCK_THREAD_CPUTIME = 3,
	CLOCK_MONOTONIC_RAW = 4,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_MONOTONIC_COARSE = 6,
	CLOCK_BOOTTIME = 7,
};

/* False: no such clock. */
static bool read_clock(uint64_t clock, uint64_t *ns)
{
	const struct thread *self = thread_current();

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_ns();
		return true;
	case CLOCK_PROCESS_CPUTIME:
	case CLOCK_THREAD_CPUTIME:
		*ns = self->run_ns + (clock_ns() - self->switched_in);
		return true;
	default:
		return false;
	}
}

static int64_t put_time(uint64_t user, uint64_t ns)
{
	const struct linux_timespec time = {.seconds = (int64_t)(ns / NS_PER_S),
					    .nanoseconds = (int64_t)(ns % NS_PER_S)};

	return user_copy_out(user, &time, sizeof(time)) == OK ? 0 : -LINUX_EFAULT;
}

int64_t sys_clock_gettime(struct trap_frame *frame)
{
	uint64_t ns;

	if (!read_clock(ARG0(frame), &ns))
		return -LINUX_EINVAL;
	return put_time(ARG1(frame), ns);
}

int64_t sys_clock_getres(struct trap_frame *frame)
{
	uint64_t ns;

	if (!read_clock(ARG0(frame), &ns))
		return -LINUX_EINVAL;
	return ARG1(frame) != 0 ? put_time(ARG1(frame), 1) : 0;
}

int64_t sys_gettimeofday(struct trap_frame *frame)
{
	uint64_t now = clock_ns();
	const int64_t time[2] = {(int64_t)(now / NS_PER_S), (int64_t)(now % NS_PER_S / 1000)};

	if (ARG0(frame) == 0)
		return 0;
	return user_copy_out(ARG0(frame), time, sizeof(time)) == OK ? 0 : -LINUX_EFAULT;
}

/* Sleep; when broken off, *left (if any) gets what is missing. */
static int64_t sleep_until(uint64_t deadline_ns, uint64_t left)
{
	uint64_t now;

	if (wait_until(deadline_ns) == OK)
		return 0;
	now = clock_ns();
	if (left != 0 && put_time(left, deadline_ns > now ? deadline_ns - now : 0) != 0)
		return -LINUX_EFAULT;
	return -LINUX_EINTR;
}

static uint64_t after(uint64_t ns)
{
	uint64_t deadline;

	return __builtin_add_overflow(clock_ns(), ns, &deadline) ? UINT64_MAX - 1 : deadline;
}

int64_t sys_nanosleep(struct trap_frame *frame)
{
	uint64_t ns;
	int64_t result = syscall_timespec(ARG0(frame), &ns);

	return result != 0 ? result : sleep_until(after(ns), ARG1(frame));
}

int64_t sys_clock_nanosleep(struct trap_frame *frame)
{
	uint64_t ns, now;
	int64_t result = syscall_timespec(ARG2(frame), &ns);

	if (!read_clock(ARG0(frame), &now) || ARG0(frame) == CLOCK_THREAD_CPUTIME)
		return -LINUX_EINVAL;
	if (result != 0)
		return result;
	if ((ARG1(frame) & TIMER_ABSTIME) != 0)
		return sleep_until(ns, 0);
	return sleep_until(after(ns), ARG3(frame));
}

int64_t sys_sched_yield(struct trap_frame *frame)
{
	(void)frame;
	sched_yield();
	return 0;
}

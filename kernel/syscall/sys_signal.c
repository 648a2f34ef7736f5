// SPDX-License-Identifier: MIT
/*
 * Signals, as far as C libraries need them: actions and masks are kept for the program to read
 * back, a signal whose default is to end the process ends it, handlers never run.
 */
#include "syscall.h"

#define SIGNAL_SET_SIZE 8

enum {
	SIG_BLOCK = 0,
	SIG_UNBLOCK = 1,
	SIG_SETMASK = 2
};

int64_t sys_rt_sigaction(struct trap_frame *frame)
{
	uint64_t signal = ARG0(frame);
	struct signal_action action, *kept;

	if (signal == 0 || signal > LINUX_SIGNALS || ARG3(frame) != SIGNAL_SET_SIZE)
		return -LINUX_EINVAL;
	kept = &process_current()->signals[signal - 1];
	if (ARG1(frame) != 0) {
		if (user_copy_in(&action, ARG1(frame), sizeof(action)) != OK)
			return -LINUX_EFAULT;
		if (signal == LINUX_SIGKILL || signal == 19 /* SIGSTOP */)
			return -LINUX_EINVAL;
	}
	if (ARG2(frame) != 0 && user_copy_out(ARG2(frame), kept, sizeof(*kept)) != OK)
		return -LINUX_EFAULT;
	if (ARG1(frame) != 0)
		*kept = action;
	return 0;
}

int64_t sys_rt_sigprocmask(struct trap_frame *frame)
{
	struct user_thread *self = thread_current()->user;
	uint64_t old = self->signal_mask, set;

	if (ARG3(frame) != SIGNAL_SET_SIZE)
		return -LINUX_EINVAL;
	if (ARG1(frame) != 0) {
		if (user_copy_in(&set, ARG1(frame), sizeof(set)) != OK)
			return -LINUX_EFAULT;
		switch (ARG0(frame)) {
		case SIG_BLOCK:
			set |= old;
			break;
		case SIG_UNBLOCK:
			set = old & ~set;
			break;
		case SIG_SETMASK:
			break;
		default:
			return -LINUX_EINVAL;
		}
		self->signal_mask = set & ~(BIT(LINUX_SIGKILL - 1) | BIT(18));
	}
	if (ARG2(frame) != 0 && user_copy_out(ARG2(frame), &old, sizeof(old)) != OK)
		return -LINUX_EFAULT;
	return 0;
}

/* Handlers never run, so an alternative stack is as good as set. */
int64_t sys_sigaltstack(struct trap_frame *frame)
{
	static const uint64_t none[3] = {0, 2 /* SS_DISABLE */, 0};

	if (ARG1(frame) != 0 && user_copy_out(ARG1(frame), none, sizeof(none)) != OK)
		return -LINUX_EFAULT;
	return 0;
}

int64_t sys_kill(struct trap_frame *frame)
{
	return process_signal(INT_OF(ARG0(frame)), (uint32_t)ARG1(frame));
}

int64_t sys_tgkill(struct trap_frame *frame)
{
	return process_signal(INT_OF(ARG0(frame)), (uint32_t)ARG2(frame));
}

/* Any thread of the own process: what a signal does, it does to the process. */
int64_t sys_tkill(struct trap_frame *frame)
{
	return process_signal(process_current()->pid, (uint32_t)ARG1(frame));
}

/* No handler ever runs: only the end of the process ends this. */
int64_t sys_pause(struct trap_frame *frame)
{
	(void)frame;
	(void)!wait_until(WAIT_FOREVER);
	return -LINUX_EINTR;
}

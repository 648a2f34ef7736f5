/* SPDX-License-Identifier: MIT */
/* Until user mode is there: no user code runs, so nothing of this is called with a user frame. */
#include "kernel/stop.h"
#include "kernel/user.h"
#include "kernel/user_thread.h"

void user_init_cpu(void)
{
}

bool user_page_fault(struct trap_frame *frame, vaddr_t address, uint64_t error_code)
{
	(void)frame;
	(void)address;
	(void)error_code;
	return false;
}

void user_exception(struct trap_frame *frame)
{
	stop_with_frame(STOP_EXCEPTION, frame);
}

void user_return(struct trap_frame *frame)
{
	stop_with_frame(STOP_EXCEPTION, frame);
}

struct address_space *user_thread_space(const struct user_thread *user)
{
	(void)user;
	return NULL;
}

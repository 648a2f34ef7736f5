/* SPDX-License-Identifier: MIT */
/* The user half of a thread. */
#ifndef KERNEL_USER_THREAD_H
#define KERNEL_USER_THREAD_H

#include "base/list.h"
#include "base/types.h"

struct process;
struct thread;

struct user_thread {
	struct list link; /* in its process, under the process's lock */
	struct thread *thread;
	struct process *process;
	uint32_t tid;
	void *fpu;            /* save area */
	uint64_t fs_base;     /* ARCH_SET_FS */
	uint64_t clear_tid;   /* user address: 0 is written there and a futex woken at the end; 0:
				 none */
	uint64_t signal_mask; /* kept for the program, otherwise unused */
};

/* The memory of a process as the CPU sees it, NULL for none. */
struct address_space *user_thread_space(const struct user_thread *user);

#endif

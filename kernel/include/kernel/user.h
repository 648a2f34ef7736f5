/* SPDX-License-Identifier: MIT */
/* User mode, as the rest of the kernel sees it. */
#ifndef KERNEL_USER_H
#define KERNEL_USER_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"

struct trap_frame;

/*
 * Mount the services archive (cpio newc, in memory that stays) and add the devices: the name space
 * of ring 3. After service_init(), once. ERR_FORMAT for a broken archive (logged), ERR_NO_MEMORY.
 */
enum error user_mount(const uint8_t *archive, size_t size) MUST_CHECK;

/* user_mount(), then start /bin/init, which the kernel does not outlive. ERR_NOT_FOUND without one.
 */
enum error user_start(const uint8_t *archive, size_t size) MUST_CHECK;

/* Per CPU: MSRs of SYSCALL, entry stack. After sched_init_cpu(). */
void user_init_cpu(void);

/*
 * A page fault from user mode, or from a kernel copy of user memory: true when it was resolved (or
 * the process is ended) and execution goes on; false: the caller treats it as a kernel fault.
 * Called with interrupts on.
 */
bool user_page_fault(struct trap_frame *frame, vaddr_t address, uint64_t error_code);

/* Any other exception with CPL 3: ends the process with a logged reason. Does not return to it. */
void user_exception(struct trap_frame *frame);

/*
 * Before each return to ring 3: end threads of dying processes, switch if due. Returns with
 * interrupts off, so that nothing new comes up before ring 3 is reached.
 */
void user_return(struct trap_frame *frame);

#endif

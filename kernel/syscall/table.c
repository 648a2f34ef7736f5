// SPDX-License-Identifier: MIT
/* From number to handler. */
#include "syscall.h"

#include "kernel/cpu.h"
#include "kernel/percpu.h"
#include "kernel/platform.h"
#include "kernel/sched.h"
#include "kernel/user.h"
#include "kernel/vfs.h"

/* Called by user_entry.S; false: leave by IRET. */
bool syscall_dispatch(struct trap_frame *frame);

#define SYSCALL_ENTRY(number, name) [number] = sys_##name,
static const syscall_handler handlers[SYSCALL_COUNT] = {SYSCALL_LIST(SYSCALL_ENTRY)};
#undef SYSCALL_ENTRY

bool syscall_dispatch(struct trap_frame *frame)
{
	uint64_t number = frame->rax;
	syscall_handler handler = number < SYSCALL_COUNT ? handlers[number] : NULL;

	frame->rax = handler != NULL ? (uint64_t)handler(frame) : (uint64_t)-LINUX_ENOSYS;
	if (unlikely(!sched_preemptive()))
		sched_poll();
	irq_disable();
	platform->deliver_pending();
	if (unlikely(this_cpu()->need_resched || thread_current()->killed))
		user_return(frame);
	return frame->vector == VECTOR_SYSCALL;
}

int64_t syscall_errno(enum error error)
{
	static const int64_t numbers[ERR_COUNT] = {
		[OK] = 0,
		[ERR_NO_MEMORY] = -LINUX_ENOMEM,
		[ERR_INVALID] = -LINUX_EINVAL,
		[ERR_RANGE] = -LINUX_ENOMEM,
		[ERR_ALIGNMENT] = -LINUX_EINVAL,
		[ERR_EXISTS] = -LINUX_EEXIST,
		[ERR_NOT_FOUND] = -LINUX_ENOMEM,
		[ERR_DENIED] = -LINUX_EACCES,
		[ERR_BUSY] = -LINUX_EBUSY,
		[ERR_AGAIN] = -LINUX_EAGAIN,
		[ERR_TIMEOUT] = -LINUX_ETIMEDOUT,
		[ERR_INTERRUPTED] = -LINUX_EINTR,
		[ERR_FAULT] = -LINUX_EFAULT,
		[ERR_LIMIT] = -LINUX_ENOMEM,
	};

	return error == OK || numbers[error] != 0 ? numbers[error] : -LINUX_EIO;
}

int64_t syscall_path(uint64_t user, char path[VFS_PATH_MAX])
{
	size_t length;
	enum error error = user_copy_string(path, VFS_PATH_MAX, user, &length);

	if (error != OK)
		return error == ERR_RANGE ? -LINUX_ENAMETOOLONG : -LINUX_EFAULT;
	return length != 0 ? 0 : -LINUX_ENOENT;
}

int64_t syscall_timespec(uint64_t user, uint64_t *ns)
{
	struct linux_timespec time;

	if (user_copy_in(&time, user, sizeof(time)) != OK)
		return -LINUX_EFAULT;
	if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= 1000000000)
		return -LINUX_EINVAL;
	if (__builtin_mul_overflow((uint64_t)time.seconds, 1000000000ULL, ns) ||
	    __builtin_add_overflow(*ns, (uint64_t)time.nanoseconds, ns))
		*ns = UINT64_MAX;
	return 0;
}

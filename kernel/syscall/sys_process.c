// SPDX-License-Identifier: MIT
/* System calls on processes and threads. */
#include "syscall.h"

#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/futex.h"
#include "kernel/rng.h"
#include "kernel/string.h"

static struct user_thread *self(void)
{
	return thread_current()->user;
}

/* --- Identity --------------------------------------------------------------------------- */

int64_t sys_getpid(struct trap_frame *frame)
{
	(void)frame;
	return process_current()->pid;
}

int64_t sys_gettid(struct trap_frame *frame)
{
	(void)frame;
	return self()->tid;
}

int64_t sys_getppid(struct trap_frame *frame)
{
	(void)frame;
	return process_parent_id(process_current());
}

int64_t sys_getuid(struct trap_frame *frame)
{
	(void)frame;
	return 0;
}

int64_t sys_uname(struct trap_frame *frame)
{
	/* C libraries look at the release: nothing older than what they were built for. */
	static const char names[6][65] = {"Linux", "copra", "6.1.0", "Copra", "x86_64", ""};

	return user_copy_out(ARG0(frame), names, sizeof(names)) == OK ? 0 : -LINUX_EFAULT;
}

/* --- End -------------------------------------------------------------------------------- */

int64_t sys_exit_group(struct trap_frame *frame)
{
	process_end(process_current(), STATUS_EXIT(ARG0(frame)));
	return 0; /* the way back to ring 3 ends here */
}

int64_t sys_exit(struct trap_frame *frame)
{
	process_thread_exit(STATUS_EXIT(ARG0(frame)));
}

/* --- clone ------------------------------------------------------------------------------ */

#define CLONE_SIGNAL         0xffULL
#define CLONE_VM             0x100ULL
#define CLONE_FS             0x200ULL
#define CLONE_FILES          0x400ULL
#define CLONE_SIGHAND        0x800ULL
#define CLONE_VFORK          0x4000ULL
#define CLONE_THREAD         0x10000ULL
#define CLONE_SYSVSEM        0x40000ULL
#define CLONE_SETTLS         0x80000ULL
#define CLONE_PARENT_SETTID  0x100000ULL
#define CLONE_CHILD_CLEARTID 0x200000ULL
#define CLONE_DETACHED       0x400000ULL
#define CLONE_CHILD_SETTID   0x1000000ULL
#define CLONE_CLEAR_SIGHAND  0x100000000ULL

#define CLONE_THREAD_NEEDS (CLONE_VM | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define CLONE_THREAD_KNOWN                                                                    \
	(CLONE_THREAD_NEEDS | CLONE_FS | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | \
	 CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_CHILD_SETTID)
#define CLONE_VFORK_NEEDS (CLONE_VM | CLONE_VFORK)
#define CLONE_VFORK_KNOWN (CLONE_VFORK_NEEDS | CLONE_SIGNAL | CLONE_CLEAR_SIGHAND)

struct clone_request {
	uint64_t flags;
	uint64_t stack; /* top; 0: the caller's */
	uint64_t parent_tid;
	uint64_t child_tid;
	uint64_t tls;
};

static int64_t clone_thread(struct trap_frame *frame, const struct clone_request *request)
{
	struct trap_frame start = *frame;
	uint64_t flags = request->flags;

	if ((flags & ~(CLONE_THREAD_KNOWN)) != 0)
		return -LINUX_EINVAL;
	start.rax = 0;
	start.rsp = request->stack != 0 ? request->stack : frame->rsp;
	return process_clone_thread(&start,
				    (flags & CLONE_SETTLS) != 0 ? request->tls : self()->fs_base,
				    (flags & CLONE_CHILD_CLEARTID) != 0 ? request->child_tid : 0,
				    (flags & CLONE_PARENT_SETTID) != 0 ? request->parent_tid : 0,
				    (flags & CLONE_CHILD_SETTID) != 0 ? request->child_tid : 0);
}

static int64_t clone_request(struct trap_frame *frame, const struct clone_request *request)
{
	if (request->tls >= LAYOUT_USER_END)
		return -LINUX_EPERM;
	if ((request->flags & CLONE_THREAD_NEEDS) == CLONE_THREAD_NEEDS)
		return clone_thread(frame, request);
	/* Copies of memory (fork) are not offered; a child that only executes a program is. */
	if ((request->flags & CLONE_VFORK_NEEDS) != CLONE_VFORK_NEEDS ||
	    (request->flags & ~CLONE_VFORK_KNOWN) != 0)
		return -LINUX_ENOSYS;
	if (!process_current()->rights.spawn)
		return -LINUX_EPERM;
	return process_vfork(frame, request->stack);
}

int64_t sys_clone(struct trap_frame *frame)
{
	const struct clone_request request = {
		.flags = ARG0(frame),
		.stack = ARG1(frame),
		.parent_tid = ARG2(frame),
		.child_tid = ARG3(frame),
		.tls = ARG4(frame),
	};

	return clone_request(frame, &request);
}

int64_t sys_clone3(struct trap_frame *frame)
{
	/* struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack, its size, tls
	 */
	uint64_t words[8];
	struct clone_request request;

	if (ARG1(frame) < sizeof(words))
		return -LINUX_EINVAL;
	if (user_copy_in(words, ARG0(frame), sizeof(words)) != OK)
		return -LINUX_EFAULT;
	request = (struct clone_request){
		.flags = words[0] | (words[4] & CLONE_SIGNAL),
		.stack = words[5] != 0 ? words[5] + words[6] : 0,
		.parent_tid = words[3],
		.child_tid = words[2],
		.tls = words[7],
	};
	return clone_request(frame, &request);
}

int64_t sys_vfork(struct trap_frame *frame)
{
	const struct clone_request request = {.flags = CLONE_VFORK_NEEDS};

	return clone_request(frame, &request);
}

/* --- execve and wait ---------------------------------------------------------------------- */

#define STRINGS_MAX (8 * PAGE_SIZE)

/* Append the strings of a NULL-terminated vector. 0 or -errno. */
static int64_t copy_vector(uint64_t user, struct exec_arguments *out, uint32_t *count)
{
	for (; user != 0; user += sizeof(uint64_t)) {
		uint64_t string;
		size_t length;
		enum error error;

		if (user_copy_in(&string, user, sizeof(string)) != OK)
			return -LINUX_EFAULT;
		if (string == 0)
			return 0;
		error = user_copy_string(out->strings + out->size, STRINGS_MAX - out->size, string,
					 &length);
		if (error != OK)
			return error == ERR_RANGE ? -LINUX_E2BIG : -LINUX_EFAULT;
		out->size += length + 1;
		(*count)++;
	}
	return 0;
}

int64_t sys_execve(struct trap_frame *frame)
{
	struct exec_arguments *arguments = kalloc(sizeof(*arguments));
	int64_t result = -LINUX_ENOMEM;

	if (arguments == NULL)
		return -LINUX_ENOMEM;
	arguments->strings = kalloc(STRINGS_MAX);
	if (arguments->strings != NULL)
		result = syscall_path(ARG0(frame), arguments->path);
	if (result == 0)
		result = copy_vector(ARG1(frame), arguments, &arguments->argc);
	if (result == 0)
		result = copy_vector(ARG2(frame), arguments, &arguments->envc);
	if (result == 0)
		result = process_execute(arguments, frame);
	kfree_secret(arguments->strings);
	kfree(arguments);
	return result;
}

#define WAIT_NOHANG 1U

int64_t sys_wait4(struct trap_frame *frame)
{
	uint32_t status = 0;
	int64_t result =
		process_wait(INT_OF(ARG0(frame)), (ARG2(frame) & WAIT_NOHANG) == 0, &status);

	if (result > 0 && ARG1(frame) != 0 &&
	    user_copy_out(ARG1(frame), &status, sizeof(status)) != OK)
		return -LINUX_EFAULT;
	return result;
}

enum {
	WAIT_ALL = 0,
	WAIT_PID = 1
};
enum {
	CHILD_EXITED = 1,
	CHILD_KILLED = 2
};

int64_t sys_waitid(struct trap_frame *frame)
{
	int32_t info[32] = {0}; /* siginfo_t: signo, errno, code, pad, pid, uid, status */
	uint32_t status = 0;
	int64_t result;

	if (ARG0(frame) > WAIT_PID)
		return -LINUX_EINVAL;
	result = process_wait(ARG0(frame) == WAIT_ALL ? -1 : INT_OF(ARG1(frame)),
			      (ARG3(frame) & WAIT_NOHANG) == 0, &status);
	if (result < 0)
		return result;
	if (result > 0) {
		bool killed = (status & 0x7f) != 0;

		info[0] = LINUX_SIGCHLD;
		info[2] = killed ? CHILD_KILLED : CHILD_EXITED;
		info[4] = (int32_t)result;
		info[6] = killed ? (int32_t)(status & 0x7f) : (int32_t)(status >> 8);
	}
	if (ARG2(frame) != 0 && user_copy_out(ARG2(frame), info, sizeof(info)) != OK)
		return -LINUX_EFAULT;
	return 0;
}

/* --- Threads ---------------------------------------------------------------------------- */

#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003

int64_t sys_arch_prctl(struct trap_frame *frame)
{
	struct user_thread *user = self();

	switch (ARG0(frame)) {
	case ARCH_SET_FS:
		if (ARG1(frame) >= LAYOUT_USER_END)
			return -LINUX_EPERM;
		user->fs_base = ARG1(frame);
		insn_wrmsr(MSR_FS_BASE, user->fs_base);
		return 0;
	case ARCH_GET_FS:
		return user_copy_out(ARG1(frame), &user->fs_base, sizeof(user->fs_base)) == OK
			       ? 0
			       : -LINUX_EFAULT;
	default:
		return -LINUX_EINVAL;
	}
}

int64_t sys_set_tid_address(struct trap_frame *frame)
{
	self()->clear_tid = ARG0(frame);
	return self()->tid;
}

/* Accepted and not walked: robust mutexes of a dead thread stay locked (docs/abi.md). */
int64_t sys_set_robust_list(struct trap_frame *frame)
{
	return ARG1(frame) == 24 ? 0 : -LINUX_EINVAL;
}

int64_t sys_getcpu(struct trap_frame *frame)
{
	const uint32_t cpu = this_cpu()->index, node = 0;

	if (ARG0(frame) != 0 && user_copy_out(ARG0(frame), &cpu, sizeof(cpu)) != OK)
		return -LINUX_EFAULT;
	if (ARG1(frame) != 0 && user_copy_out(ARG1(frame), &node, sizeof(node)) != OK)
		return -LINUX_EFAULT;
	return 0;
}

int64_t sys_sched_getaffinity(struct trap_frame *frame)
{
	uint64_t mask[CPU_MAX / 64] = {0};

	if (ARG1(frame) < sizeof(mask))
		return -LINUX_EINVAL;
	for (uint32_t i = 0; i < cpu_count(); i++)
		mask[i / 64] |= BIT(i % 64);
	return user_copy_out(ARG2(frame), mask, sizeof(mask)) == OK ? (int64_t)sizeof(mask)
								    : -LINUX_EFAULT;
}

/* --- futex ------------------------------------------------------------------------------ */

enum {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_REQUEUE = 3,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
};

#define FUTEX_COMMAND 0x7fU /* without PRIVATE and CLOCK_REALTIME */

/* FUTEX_WAIT has a relative timeout, FUTEX_WAIT_BITSET an absolute one. */
static int64_t futex_deadline(uint64_t user, bool absolute, uint64_t *deadline)
{
	int64_t result;

	*deadline = WAIT_FOREVER;
	if (user == 0)
		return 0;
	result = syscall_timespec(user, deadline);
	if (result == 0 && !absolute && __builtin_add_overflow(*deadline, clock_ns(), deadline))
		*deadline = WAIT_FOREVER;
	return result;
}

static int64_t futex_sleep(struct trap_frame *frame, bool bitset)
{
	uint64_t deadline;
	int64_t result = futex_deadline(ARG3(frame), bitset, &deadline);

	if (result != 0)
		return result;
	return futex_wait(process_current()->map, ARG0(frame), (uint32_t)ARG2(frame),
			  bitset ? (uint32_t)ARG5(frame) : UINT32_MAX, deadline);
}

static uint32_t count_of(uint64_t argument)
{
	int64_t count = INT_OF(argument);

	return count > 0 ? (uint32_t)count : 0;
}

int64_t sys_futex(struct trap_frame *frame)
{
	struct vm_map *map = process_current()->map;
	uint32_t command = (uint32_t)ARG1(frame) & FUTEX_COMMAND, value;

	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return futex_sleep(frame, command == FUTEX_WAIT_BITSET);
	case FUTEX_WAKE:
		return futex_wake(map, ARG0(frame), count_of(ARG2(frame)), UINT32_MAX);
	case FUTEX_WAKE_BITSET:
		return futex_wake(map, ARG0(frame), count_of(ARG2(frame)), (uint32_t)ARG5(frame));
	case FUTEX_CMP_REQUEUE:
		if (user_read_u32(ARG0(frame), &value) != OK)
			return -LINUX_EFAULT;
		if (value != (uint32_t)ARG5(frame))
			return -LINUX_EAGAIN;
		return futex_requeue(map, ARG0(frame), ARG4(frame), count_of(ARG2(frame)),
				     count_of(ARG3(frame)));
	case FUTEX_REQUEUE:
		return futex_requeue(map, ARG0(frame), ARG4(frame), count_of(ARG2(frame)),
				     count_of(ARG3(frame)));
	default:
		return -LINUX_ENOSYS;
	}
}

/* --- Limits and random numbers ------------------------------------------------------------- */

#define GETRANDOM_KNOWN 0x7U
#define GETRANDOM_CHUNK 256

int64_t sys_getrandom(struct trap_frame *frame)
{
	uint64_t size = ARG1(frame) < MIB(32) ? ARG1(frame) : MIB(32);
	uint8_t chunk[GETRANDOM_CHUNK];
	int64_t result = (int64_t)size;

	if ((ARG2(frame) & ~(uint64_t)GETRANDOM_KNOWN) != 0)
		return -LINUX_EINVAL;
	for (uint64_t done = 0; done < size && result > 0; done += sizeof(chunk)) {
		size_t part = size - done < sizeof(chunk) ? size - done : sizeof(chunk);

		if (rng_bytes(chunk, part) != OK)
			result = -LINUX_EIO;
		else if (user_copy_out(ARG0(frame) + done, chunk, part) != OK)
			result = -LINUX_EFAULT;
	}
	memory_wipe(chunk, sizeof(chunk));
	return result;
}

enum {
	LIMIT_DATA = 2,
	LIMIT_STACK = 3,
	LIMIT_CORE = 4,
	LIMIT_THREADS = 6,
	LIMIT_FILES = 7,
	LIMIT_MEMORY = 9,
	LIMIT_COUNT = 16,
};

static uint64_t limit_of(uint64_t resource)
{
	const struct process *process = process_current();

	switch (resource) {
	case LIMIT_DATA:
	case LIMIT_MEMORY:
		return process->rights.memory_pages * PAGE_SIZE;
	case LIMIT_STACK:
		return PROCESS_STACK_MAX;
	case LIMIT_CORE:
		return 0;
	case LIMIT_THREADS:
		return process->rights.threads;
	case LIMIT_FILES:
		return process->rights.handles;
	default:
		return UINT64_MAX;
	}
}

static int64_t put_limit(uint64_t resource, uint64_t user)
{
	const uint64_t limits[2] = {limit_of(resource), limit_of(resource)};

	if (resource >= LIMIT_COUNT)
		return -LINUX_EINVAL;
	if (user == 0)
		return 0;
	return user_copy_out(user, limits, sizeof(limits)) == OK ? 0 : -LINUX_EFAULT;
}

int64_t sys_getrlimit(struct trap_frame *frame)
{
	return put_limit(ARG0(frame), ARG1(frame));
}

/* Limits come from the rights file and cannot be changed. */
int64_t sys_prlimit64(struct trap_frame *frame)
{
	int64_t pid = INT_OF(ARG0(frame));

	if (pid != 0 && pid != process_current()->pid)
		return -LINUX_ESRCH;
	if (ARG2(frame) != 0)
		return -LINUX_EPERM;
	return put_limit(ARG1(frame), ARG3(frame));
}

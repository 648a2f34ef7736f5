/* SPDX-License-Identifier: MIT */
/*
 * System calls: Linux's numbers, registers and results (docs/abi.md). A handler gets the frame: the
 * arguments are RDI, RSI, RDX, R10, R8, R9; what it returns goes to RAX.
 */
#ifndef SYSCALL_SYSCALL_H
#define SYSCALL_SYSCALL_H

#include "kernel/process.h"
#include "kernel/trap.h"
#include "kernel/user_copy.h"
#include "kernel/vfs.h"

typedef int64_t (*syscall_handler)(struct trap_frame *frame);

/* Argument n (0 to 5) as a number; as a C int. */
#define ARG0(frame) ((frame)->rdi)
#define ARG1(frame) ((frame)->rsi)
#define ARG2(frame) ((frame)->rdx)
#define ARG3(frame) ((frame)->r10)
#define ARG4(frame) ((frame)->r8)
#define ARG5(frame) ((frame)->r9)
#define INT_OF(x)   ((int64_t)(int32_t)(uint32_t)(x))

/* Longest transfer of one call, as on Linux. */
#define TRANSFER_MAX 0x7ffff000ULL

/* -errno for an error of the kernel. */
int64_t syscall_errno(enum error error);

/* Copy a path argument in. 0 or -errno. */
int64_t syscall_path(uint64_t user, char path[VFS_PATH_MAX]);

/* Read a struct timespec as nanoseconds. 0, -EFAULT, -EINVAL. */
int64_t syscall_timespec(uint64_t user, uint64_t *ns);

#define SYSCALL_LIST(X)           \
	X(0, read)                \
	X(1, write)               \
	X(2, open)                \
	X(3, close)               \
	X(4, stat)                \
	X(5, fstat)               \
	X(6, stat)                \
	X(7, poll)                \
	X(8, lseek)               \
	X(9, mmap)                \
	X(10, mprotect)           \
	X(11, munmap)             \
	X(12, brk)                \
	X(13, rt_sigaction)       \
	X(14, rt_sigprocmask)     \
	X(16, ioctl)              \
	X(17, pread64)            \
	X(18, pwrite64)           \
	X(19, readv)              \
	X(20, writev)             \
	X(22, pipe)               \
	X(24, sched_yield)        \
	X(28, madvise)            \
	X(32, dup)                \
	X(33, dup2)               \
	X(34, pause)              \
	X(35, nanosleep)          \
	X(39, getpid)             \
	X(46, sendmsg)            \
	X(47, recvmsg)            \
	X(53, socketpair)         \
	X(56, clone)              \
	X(58, vfork)              \
	X(59, execve)             \
	X(60, exit)               \
	X(61, wait4)              \
	X(62, kill)               \
	X(63, uname)              \
	X(72, fcntl)              \
	X(77, ftruncate)          \
	X(79, getcwd)             \
	X(83, mkdir)              \
	X(84, rmdir)              \
	X(87, unlink)             \
	X(89, readlink)           \
	X(96, gettimeofday)       \
	X(97, getrlimit)          \
	X(102, getuid)            \
	X(104, getuid)            \
	X(107, getuid)            \
	X(108, getuid)            \
	X(110, getppid)           \
	X(131, sigaltstack)       \
	X(158, arch_prctl)        \
	X(186, gettid)            \
	X(200, tkill)             \
	X(202, futex)             \
	X(204, sched_getaffinity) \
	X(217, getdents64)        \
	X(218, set_tid_address)   \
	X(228, clock_gettime)     \
	X(229, clock_getres)      \
	X(230, clock_nanosleep)   \
	X(231, exit_group)        \
	X(234, tgkill)            \
	X(247, waitid)            \
	X(257, openat)            \
	X(258, mkdirat)           \
	X(262, newfstatat)        \
	X(263, unlinkat)          \
	X(267, readlinkat)        \
	X(271, ppoll)             \
	X(273, set_robust_list)   \
	X(290, eventfd2)          \
	X(292, dup3)              \
	X(293, pipe2)             \
	X(302, prlimit64)         \
	X(309, getcpu)            \
	X(318, getrandom)         \
	X(435, clone3)

#define SYSCALL_DECLARE(number, name) int64_t sys_##name(struct trap_frame *frame);
SYSCALL_LIST(SYSCALL_DECLARE)
#undef SYSCALL_DECLARE

#define SYSCALL_COUNT 436

#endif

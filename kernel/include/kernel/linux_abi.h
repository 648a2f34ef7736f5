/* SPDX-License-Identifier: MIT */
/*
 * Numbers and structures of the Linux/x86-64 system-call interface, as far as Copra offers it
 * (docs/abi.md). Source: the manual pages of section 2 and the x86-64 psABI.
 */
#ifndef KERNEL_LINUX_ABI_H
#define KERNEL_LINUX_ABI_H

#include "base/compiler.h"
#include "base/types.h"

/* System calls return -errno. */
enum linux_errno {
	LINUX_EPERM = 1,
	LINUX_ENOENT = 2,
	LINUX_ESRCH = 3,
	LINUX_EINTR = 4,
	LINUX_EIO = 5,
	LINUX_E2BIG = 7,
	LINUX_ENOEXEC = 8,
	LINUX_EBADF = 9,
	LINUX_ECHILD = 10,
	LINUX_EAGAIN = 11,
	LINUX_ENOMEM = 12,
	LINUX_EACCES = 13,
	LINUX_EFAULT = 14,
	LINUX_EBUSY = 16,
	LINUX_EEXIST = 17,
	LINUX_ENODEV = 19,
	LINUX_ENOTDIR = 20,
	LINUX_EISDIR = 21,
	LINUX_EINVAL = 22,
	LINUX_EMFILE = 24,
	LINUX_ENOTTY = 25,
	LINUX_EFBIG = 27,
	LINUX_ENOSPC = 28,
	LINUX_ESPIPE = 29,
	LINUX_EROFS = 30,
	LINUX_EPIPE = 32,
	LINUX_ERANGE = 34,
	LINUX_ENAMETOOLONG = 36,
	LINUX_ENOSYS = 38,
	LINUX_ENOTEMPTY = 39,
	LINUX_EOVERFLOW = 75,
	LINUX_ENOTSOCK = 88,
	LINUX_EMSGSIZE = 90,
	LINUX_EAFNOSUPPORT = 97,
	LINUX_ETIMEDOUT = 110,
	LINUX_ESTALE = 116,
};

/* openat() and fcntl() */
#define LINUX_O_ACCMODE   00000003U
#define LINUX_O_RDONLY    00000000U
#define LINUX_O_WRONLY    00000001U
#define LINUX_O_RDWR      00000002U
#define LINUX_O_CREAT     00000100U
#define LINUX_O_EXCL      00000200U
#define LINUX_O_TRUNC     00001000U
#define LINUX_O_APPEND    00002000U
#define LINUX_O_NONBLOCK  00004000U
#define LINUX_O_LARGEFILE 00100000U
#define LINUX_O_DIRECTORY 00200000U
#define LINUX_O_CLOEXEC   02000000U

#define LINUX_AT_FDCWD      (-100)
#define LINUX_AT_REMOVEDIR  0x200U
#define LINUX_AT_EMPTY_PATH 0x1000U

#define LINUX_S_IFDIR  0040000U
#define LINUX_S_IFCHR  0020000U
#define LINUX_S_IFREG  0100000U
#define LINUX_S_IFIFO  0010000U
#define LINUX_S_IFSOCK 0140000U

#define LINUX_SEEK_SET 0
#define LINUX_SEEK_CUR 1
#define LINUX_SEEK_END 2

struct linux_stat {
	uint64_t dev;
	uint64_t ino;
	uint64_t nlink;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint32_t pad0;
	uint64_t rdev;
	int64_t size;
	int64_t blksize;
	int64_t blocks;
	uint64_t times[6]; /* access, modification, change: seconds and nanoseconds */
	int64_t unused[3];
};
LAYOUT_SIZE(struct linux_stat, 144);
LAYOUT_AT(struct linux_stat, size, 48);

struct linux_timespec {
	int64_t seconds;
	int64_t nanoseconds;
};

struct linux_iovec {
	uint64_t base;
	uint64_t size;
};

struct linux_pollfd {
	int32_t fd;
	int16_t events;
	int16_t revents;
};

#define LINUX_POLLIN   0x001
#define LINUX_POLLOUT  0x004
#define LINUX_POLLERR  0x008
#define LINUX_POLLHUP  0x010
#define LINUX_POLLNVAL 0x020

/* getdents64(): the name follows. */
struct linux_dirent64 {
	uint64_t ino;
	int64_t offset; /* of the next entry */
	uint16_t size;
	uint8_t type;
} PACKED;
LAYOUT_SIZE(struct linux_dirent64, 19);

#define LINUX_DT_CHR 2
#define LINUX_DT_DIR 4
#define LINUX_DT_REG 8

/* Signals that end a process. */
#define LINUX_SIGILL   4
#define LINUX_SIGTRAP  5
#define LINUX_SIGABRT  6
#define LINUX_SIGBUS   7
#define LINUX_SIGFPE   8
#define LINUX_SIGKILL  9
#define LINUX_SIGSEGV  11
#define LINUX_SIGPIPE  13
#define LINUX_SIGTERM  15
#define LINUX_SIGCHLD  17
#define LINUX_SIGCONT  18
#define LINUX_SIGURG   23
#define LINUX_SIGWINCH 28
#define LINUX_SIGNALS  64

#endif

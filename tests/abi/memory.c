/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define PAGE 4096UL

static unsigned char *map(size_t size, int protection)
{
	void *at = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static bool all_zero(const unsigned char *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (at[i] != 0)
			return false;
	return true;
}

static void test_anonymous(void)
{
	unsigned char *a = map(16 * PAGE, PROT_READ | PROT_WRITE);

	check(a != NULL, "memory: mmap");
	check(((uintptr_t)a & (PAGE - 1)) == 0, "memory: page aligned");
	check(all_zero(a, 16 * PAGE), "memory: zeroed");
	memset(a, 0x77, 16 * PAGE);
	check_equal(munmap(a + 4 * PAGE, 4 * PAGE), 0, "memory: munmap of a middle");
	check(a[3 * PAGE] == 0x77 && a[8 * PAGE] == 0x77, "memory: both ends are left");
	check_equal(mmap(a + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == a + 4 * PAGE,
		    1, "memory: MAP_FIXED into the hole");
	check(all_zero(a + 4 * PAGE, 4 * PAGE), "memory: fresh pages there");
	check_equal(madvise(a, PAGE, MADV_DONTNEED), 0, "memory: MADV_DONTNEED");
	check(all_zero(a, PAGE) && a[PAGE] == 0x77, "memory: ... gives zero pages");
	check_equal(munmap(a, 16 * PAGE), 0, "memory: munmap of all");
	check_equal(munmap(a, 16 * PAGE), 0, "memory: munmap of nothing is no error");
}

static void test_protection(void)
{
	unsigned char *a = map(4 * PAGE, PROT_READ | PROT_WRITE);
	int fds[2];

	a[PAGE] = 42;
	check_equal(mprotect(a + PAGE, PAGE, PROT_READ), 0, "memory: mprotect read-only");
	check_equal(a[PAGE], 42, "memory: still readable");
	check_equal(pipe(fds), 0, "memory: a pipe to try the pages with");
	check_equal(write(fds[1], "xy", 2), 2, "memory: bytes into it");
	errno = 0;
	check_equal(read(fds[0], a + PAGE, 1), -1,
		    "memory: the kernel does not write there either");
	check_equal(errno, EFAULT, "memory: ... EFAULT");
	check_equal(mprotect(a, 4 * PAGE, PROT_NONE), 0, "memory: PROT_NONE");
	errno = 0;
	check_equal(write(fds[1], a, 1), -1, "memory: nor does it read there");
	check_equal(errno, EFAULT, "memory: ... EFAULT");
	check_equal(mprotect(a, 4 * PAGE, PROT_READ | PROT_WRITE), 0, "memory: back");
	check_equal(a[PAGE], 42, "memory: the content survived");
	munmap(a, 4 * PAGE);
	errno = 0;
	check_equal(write(fds[1], a, 1), -1, "memory: an unmapped buffer");
	check_equal(errno, EFAULT, "memory: ... EFAULT");
	errno = 0;
	check_equal(mprotect(a, PAGE, PROT_READ), -1, "memory: mprotect of nothing");
	check_equal(errno, ENOMEM, "memory: ... ENOMEM");
	close(fds[0]);
	close(fds[1]);
}

static void test_file_mapping(const char *self)
{
	unsigned char magic[4];
	unsigned char *a;
	int fd = open(self, O_RDONLY);

	check(fd >= 0 && read(fd, magic, 4) == 4, "memory: the program's own file");
	a = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	check(a != MAP_FAILED && memcmp(a, "\177ELF", 4) == 0, "memory: mmap of a file");
	close(fd);
	check(a[1] == 'E', "memory: it outlives the descriptor");
	munmap(a, 2 * PAGE);
	fd = open(self, O_RDONLY);
	a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	check(a != MAP_FAILED, "memory: a private writable mapping");
	a[0] = 'X';
	check(pread(fd, magic, 1, 0) == 1 && magic[0] == 0x7f, "memory: the file is untouched");
	munmap(a, PAGE);
	close(fd);
}

static void test_heap(void)
{
	long before = syscall(SYS_brk, 0), above = (before + (long)PAGE - 1) & ~((long)PAGE - 1);
	unsigned char *blocks[64];
	bool intact = true;

	/* Between libc's calls, so that its heap does not notice. */
	check_equal(syscall(SYS_brk, above + 3 * (long)PAGE), above + 3 * (long)PAGE,
		    "memory: brk grows");
	check(all_zero((unsigned char *)above, 3 * PAGE), "memory: by zero pages");
	check_equal(syscall(SYS_brk, before), before, "memory: brk shrinks");
	for (size_t i = 0; i < 64; i++) {
		blocks[i] = malloc(1000 * (i + 1));
		if (blocks[i])
			memset(blocks[i], (int)i, 1000 * (i + 1));
	}
	for (size_t i = 0; i < 64; i++) {
		intact = intact && blocks[i] && blocks[i][0] == i &&
			 blocks[i][1000 * (i + 1) - 1] == i;
		free(blocks[i]);
	}
	check(intact, "memory: malloc");
}

static void test_bad_arguments(void)
{
	errno = 0;
	check(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED,
	      "memory: mmap of nothing");
	check_equal(errno, EINVAL, "memory: ... EINVAL");
	errno = 0;
	check(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 77, 0) == MAP_FAILED,
	      "memory: mmap of no file");
	check_equal(errno, EBADF, "memory: ... EBADF");
	errno = 0;
	check(mmap(NULL, 1UL << 46, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		      MAP_FAILED,
	      "memory: more than there is");
	check_equal(errno, ENOMEM, "memory: ... ENOMEM");
	errno = 0;
	check_equal(munmap((void *)1, PAGE), -1, "memory: munmap of an odd address");
	check_equal(errno, EINVAL, "memory: ... EINVAL");
}

void test_memory(const char *self)
{
	test_anonymous();
	test_protection();
	test_file_mapping(self);
	test_heap();
	test_bad_arguments();
}

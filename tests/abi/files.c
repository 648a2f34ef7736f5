/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

#define DIR_PATH "/tmp/copra-abi"
#define PATH     DIR_PATH "/file"

static void test_write_and_read(int fd)
{
	char buffer[32] = {0};

	check_equal(write(fd, "hello world", 11), 11, "files: write");
	check_equal(lseek(fd, 0, SEEK_CUR), 11, "files: the offset moved");
	check_equal(lseek(fd, 6, SEEK_SET), 6, "files: lseek SET");
	check_equal(read(fd, buffer, sizeof(buffer)), 5, "files: read to the end");
	check(memcmp(buffer, "world", 5) == 0, "files: what was written");
	check_equal(read(fd, buffer, sizeof(buffer)), 0, "files: end of file");
	check_equal(lseek(fd, -1, SEEK_END), 10, "files: lseek END");
	errno = 0;
	check_equal(lseek(fd, -1, SEEK_SET), -1, "files: a negative offset is refused");
	check_equal(errno, EINVAL, "files: ... with EINVAL");
}

static void test_positioned(int fd)
{
	char buffer[8] = {0};

	check_equal(pwrite(fd, "HE", 2, 0), 2, "files: pwrite");
	check_equal(pread(fd, buffer, 5, 0), 5, "files: pread");
	check(memcmp(buffer, "HEllo", 5) == 0, "files: pread sees pwrite");
	check_equal(pread(fd, buffer, 5, 1000), 0, "files: pread behind the end");
	errno = 0;
	check_equal(pread(fd, buffer, 5, -1), -1, "files: pread of a negative offset");
	check_equal(errno, EINVAL, "files: ... is EINVAL");
}

static void test_vectors(int fd)
{
	char a[3] = {0}, b[4] = {0};
	struct iovec out[3] = {{"one", 3}, {"", 0}, {"two!", 4}};
	struct iovec in[2] = {{a, 3}, {b, 4}};

	check_equal(ftruncate(fd, 0), 0, "files: ftruncate to nothing");
	check_equal(lseek(fd, 0, SEEK_SET), 0, "files: back to the start");
	check_equal(writev(fd, out, 3), 7, "files: writev");
	check_equal(lseek(fd, 0, SEEK_SET), 0, "files: back again");
	check_equal(readv(fd, in, 2), 7, "files: readv");
	check(memcmp(a, "one", 3) == 0 && memcmp(b, "two!", 4) == 0, "files: vectors in order");
}

static void test_sizes(int fd)
{
	struct stat status;
	char byte = 'x';

	check_equal(ftruncate(fd, 10000), 0, "files: ftruncate makes it longer");
	check(fstat(fd, &status) == 0 && status.st_size == 10000, "files: fstat tells the size");
	check(S_ISREG(status.st_mode), "files: a regular file");
	check(pread(fd, &byte, 1, 9000) == 1 && byte == 0, "files: the hole reads as zero");
	check(stat(PATH, &status) == 0 && status.st_size == 10000, "files: stat by name");
	errno = 0;
	check_equal(stat(DIR_PATH "/none", &status), -1, "files: stat of nothing");
	check_equal(errno, ENOENT, "files: ... is ENOENT");
}

static void test_flags(void)
{
	int fd;

	errno = 0;
	check_equal(open(PATH, O_WRONLY | O_CREAT | O_EXCL, 0600), -1, "files: O_EXCL");
	check_equal(errno, EEXIST, "files: ... is EEXIST");
	fd = open(PATH, O_WRONLY | O_APPEND);
	check(fd >= 0 && write(fd, "z", 1) == 1 && lseek(fd, 0, SEEK_CUR) == 10001,
	      "files: O_APPEND");
	errno = 0;
	check(read(fd, &fd, 0) <= 0, "files: reading a write-only file gives nothing");
	close(fd);
	fd = open(PATH, O_RDONLY | O_TRUNC | O_CLOEXEC);
	check(fd >= 0, "files: open read-only");
	check_equal(fcntl(fd, F_GETFD), FD_CLOEXEC, "files: O_CLOEXEC");
	check_equal(fcntl(fd, F_SETFD, 0), 0, "files: F_SETFD");
	check_equal(fcntl(fd, F_GETFD), 0, "files: ... takes it away");
	check_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY, "files: F_GETFL");
	errno = 0;
	check_equal(write(fd, "x", 1), -1, "files: writing a read-only file");
	check_equal(errno, EBADF, "files: ... is EBADF");
	close(fd);
}

static void test_duplicates(void)
{
	int fd = open(PATH, O_RDWR);
	int copy = dup(fd);

	check(copy > fd, "files: dup takes a free number");
	check(write(fd, "abc", 3) == 3 && lseek(copy, 0, SEEK_CUR) == 3,
	      "files: a duplicate shares the offset");
	check_equal(dup2(fd, 20), 20, "files: dup2");
	check_equal(dup3(fd, 21, O_CLOEXEC), 21, "files: dup3");
	check_equal(fcntl(21, F_GETFD), FD_CLOEXEC, "files: dup3 with O_CLOEXEC");
	check_equal(fcntl(fd, F_DUPFD, 15), 15, "files: F_DUPFD takes the lowest from 15");
	check(close(fd) == 0 && lseek(copy, 0, SEEK_CUR) == 3, "files: the duplicate lives on");
	errno = 0;
	check_equal(close(fd), -1, "files: closed is closed");
	check_equal(errno, EBADF, "files: ... EBADF");
	close(copy);
	close(20);
	close(21);
	close(15);
}

void test_files(void)
{
	int fd;

	unlink(PATH);
	rmdir(DIR_PATH);
	check_equal(mkdir(DIR_PATH, 0700), 0, "files: mkdir");
	fd = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(fd >= 0, "files: create");
	test_write_and_read(fd);
	test_positioned(fd);
	test_vectors(fd);
	test_sizes(fd);
	close(fd);
	test_flags();
	test_duplicates();
}

/* Names in a folder are found once each, in whatever order. */
static bool names_are(const char *path, unsigned expected)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	unsigned found = 0;

	if (!folder)
		return false;
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			found += 1U << (entry->d_name[0] - 'a');
	closedir(folder);
	return found == expected;
}

void test_directories(void)
{
	struct stat status;
	int fd;

	check_equal(unlink(PATH), 0, "directories: unlink");
	check(names_are(DIR_PATH, 0), "directories: empty");
	fd = open(DIR_PATH "/a", O_WRONLY | O_CREAT, 0600);
	check(fd >= 0, "directories: create a");
	close(fd);
	check_equal(mkdir(DIR_PATH "/b", 0700), 0, "directories: mkdir b");
	check(names_are(DIR_PATH, 3), "directories: a and b");
	check(stat(DIR_PATH "/b", &status) == 0 && S_ISDIR(status.st_mode),
	      "directories: a folder");
	errno = 0;
	check_equal(mkdir(DIR_PATH "/b", 0700), -1, "directories: mkdir twice");
	check_equal(errno, EEXIST, "directories: ... is EEXIST");
	errno = 0;
	check_equal(rmdir(DIR_PATH), -1, "directories: rmdir of a full one");
	check_equal(errno, ENOTEMPTY, "directories: ... is ENOTEMPTY");
	errno = 0;
	check_equal(open(DIR_PATH "/a/c", O_RDONLY), -1, "directories: a file is no folder");
	check_equal(errno, ENOTDIR, "directories: ... is ENOTDIR");
	errno = 0;
	check_equal(open(DIR_PATH "/b", O_WRONLY), -1, "directories: a folder can't be written");
	check_equal(errno, EISDIR, "directories: ... is EISDIR");
	check_equal(rmdir(DIR_PATH "/b"), 0, "directories: rmdir");
	check_equal(unlink(DIR_PATH "/a"), 0, "directories: unlink a");
	check_equal(rmdir(DIR_PATH), 0, "directories: rmdir of all");
	errno = 0;
	check_equal(unlink(DIR_PATH), -1, "directories: unlink of nothing");
	check_equal(errno, ENOENT, "directories: ... is ENOENT");
}

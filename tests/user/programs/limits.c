/* SPDX-License-Identifier: MIT */
/* What only Copra does: rights, limits, write xor execute. Prints the facts that do not hold. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failures;

static void expect(const char *what, long result, int error)
{
	if (result == -1 && errno == error)
		return;
	printf("%s: %ld, errno %d\n", what, result, errno);
	failures++;
}

static void hold(const char *what, int condition)
{
	if (condition)
		return;
	printf("does not hold: %s\n", what);
	failures++;
}

static void *wait_for_ever(void *unused)
{
	pause();
	return unused;
}

static void test_rights(void)
{
	char *argv[] = {"/bin/limits", NULL};
	pid_t pid;

	expect("a device without right", open("/dev/svsm/protocol/2", O_RDWR), EPERM);
	expect("launch", open("/dev/svsm/launch", O_WRONLY), EPERM);
	expect("a file without right", open("/tmp/x", O_CREAT | O_RDWR, 0600), EPERM);
	expect("the archive", open("/etc/tests", O_RDWR), EROFS);
	hold("the archive can be read", open("/etc/tests", O_RDONLY) >= 0);
	hold("no spawn", posix_spawn(&pid, argv[0], NULL, NULL, argv, NULL) == EPERM);
	expect("execve", execve(argv[0], argv, NULL), EPERM);
	expect("fork", syscall(SYS_fork), ENOSYS);
	expect("socket", syscall(SYS_socket, 1, 1, 0), ENOSYS);
	expect("init is not ours", syscall(SYS_kill, 1, 9), ESRCH);
}

/* Every second page of a reservation is given back: each leaves one more area. */
static void test_areas(void)
{
	char *start = mmap(NULL, 4096UL * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int holes = 0;

	while (holes < 2000 && munmap(start + 8192L * holes, 4096) == 0)
		holes++;
	hold("areas are limited", holes > 500 && holes < 1024 && errno == ENOMEM);
	munmap(start, 4096UL * 4096);
}

static void test_names(void)
{
	char path[32];
	int names = 0, fd;

	for (;; names++) {
		snprintf(path, sizeof(path), "/tmp/n%d", names);
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		if (fd < 0)
			break;
		close(fd);
	}
	hold("names are limited", names > 100 && names <= 256 && errno == ENOMEM);
	while (names-- > 0) {
		snprintf(path, sizeof(path), "/tmp/n%d", names);
		unlink(path);
	}
	fd = open("/tmp/n0", O_CREAT | O_WRONLY, 0600);
	hold("and given back", fd >= 0 && unlink("/tmp/n0") == 0);
	close(fd);
}

static void test_memory(void)
{
	void *p;
	size_t got = 0;

	expect("writable and executable",
	       (long)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	       EACCES);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	expect("becomes both", mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC), EACCES);
	expect("shared", (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
	       EINVAL);
	expect("page 0",
	       (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
	       EPERM);
	expect("reading needs pages, too",
	       (long)mmap(NULL, 64 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	test_areas();
	while (mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED)
		got += 65536;
	hold("memory ends with ENOMEM", errno == ENOMEM);
	hold("at the limit of 2 MiB", got > 1 << 20 && got <= 2 << 20);
	hold("reserving is free",
	     mmap(NULL, 1UL << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void test_counts(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int handles = 0, threads = 0, fd;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 16384);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		handles++;
	hold("handles end with EMFILE", errno == EMFILE);
	hold("at the limit", handles >= 6 && handles < 10);
	while (pthread_create(&thread, &attributes, wait_for_ever, NULL) == 0)
		threads++;
	hold("at the limit of 4 threads", threads == 3);
}

int main(void)
{
	test_rights();
	test_names();
	test_counts();
	test_memory();
	printf("%d failures\n", failures);
	return failures != 0;
}

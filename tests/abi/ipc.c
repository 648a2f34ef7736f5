/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static void test_pipe_bytes(int *fds)
{
	char buffer[16];

	check_equal(write(fds[1], "abcdef", 6), 6, "pipes: write");
	check_equal(read(fds[0], buffer, 4), 4, "pipes: read a part");
	check_equal(read(fds[0], buffer, 16), 2, "pipes: read the rest");
	check(memcmp(buffer, "ef", 2) == 0, "pipes: in order");
	errno = 0;
	check_equal(lseek(fds[0], 0, SEEK_CUR), -1, "pipes: no offset");
	check_equal(errno, ESPIPE, "pipes: ... ESPIPE");
	errno = 0;
	check_equal(write(fds[0], "x", 1), -1, "pipes: the reading end can't be written");
	check_equal(errno, EBADF, "pipes: ... EBADF");
}

static void test_pipe_full(int *fds)
{
	static char block[4096];
	long written = 0;
	ssize_t got;

	check_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0, "pipes: O_NONBLOCK");
	while ((got = write(fds[1], block, sizeof(block))) > 0)
		written += got;
	check(got == -1 && errno == EAGAIN, "pipes: a full one says EAGAIN");
	check(written >= 4096, "pipes: it takes a page at least");
	check_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0, "pipes: O_NONBLOCK for the reader");
	while ((got = read(fds[0], block, sizeof(block))) > 0)
		written -= got;
	check(got == -1 && errno == EAGAIN, "pipes: an empty one says EAGAIN");
	check_equal(written, 0, "pipes: every byte came");
}

static void *write_later(void *fd)
{
	const struct timespec wait = {.tv_nsec = 20000000};

	nanosleep(&wait, NULL);
	return (void *)(intptr_t)write((int)(intptr_t)fd, "L", 1);
}

static void test_pipe_blocks(void)
{
	pthread_t thread;
	int fds[2];
	char byte = 0;

	check_equal(pipe(fds), 0, "pipes: another");
	check_equal(pthread_create(&thread, NULL, write_later, (void *)(intptr_t)fds[1]), 0,
		    "pipes: a writer");
	check(read(fds[0], &byte, 1) == 1 && byte == 'L', "pipes: read waits for it");
	pthread_join(thread, NULL);
	close(fds[1]);
	check_equal(read(fds[0], &byte, 1), 0, "pipes: no writer left is the end");
	close(fds[0]);
}

static void test_pipe_broken(void)
{
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	check_equal(pipe2(fds, O_CLOEXEC), 0, "pipes: pipe2");
	check_equal(fcntl(fds[0], F_GETFD), FD_CLOEXEC, "pipes: ... with O_CLOEXEC");
	close(fds[0]);
	errno = 0;
	check_equal(write(fds[1], "x", 1), -1, "pipes: no reader left");
	check_equal(errno, EPIPE, "pipes: ... EPIPE");
	close(fds[1]);
}

void test_pipes(void)
{
	int fds[2];

	check_equal(pipe(fds), 0, "pipes: pipe");
	test_pipe_bytes(fds);
	test_pipe_full(fds);
	close(fds[0]);
	close(fds[1]);
	test_pipe_blocks();
	test_pipe_broken();
}

static void test_poll_pipe(void)
{
	struct pollfd polled[2];
	int fds[2];

	check_equal(pipe(fds), 0, "poll: a pipe");
	polled[0] = (struct pollfd){.fd = fds[0], .events = POLLIN};
	polled[1] = (struct pollfd){.fd = fds[1], .events = POLLOUT};
	check_equal(poll(polled, 2, 0), 1, "poll: one is ready");
	check(polled[0].revents == 0 && polled[1].revents == POLLOUT, "poll: the writer");
	check_equal(poll(polled, 1, 10), 0, "poll: time-out");
	check_equal(write(fds[1], "x", 1), 1, "poll: a byte");
	check_equal(poll(polled, 2, -1), 2, "poll: both are ready");
	check_equal(polled[0].revents, POLLIN, "poll: POLLIN");
	close(fds[1]);
	polled[1].fd = -1;
	check_equal(poll(polled, 2, 0), 1, "poll: a negative descriptor is left out");
	check_equal(polled[0].revents, POLLIN | POLLHUP, "poll: POLLHUP");
	polled[1].fd = 99;
	check(poll(polled, 2, 0) == 2 && polled[1].revents == POLLNVAL, "poll: POLLNVAL");
	close(fds[0]);
}

static void test_poll_wakes(void)
{
	struct pollfd polled;
	pthread_t thread;
	int fds[2];

	check_equal(pipe(fds), 0, "poll: another pipe");
	polled = (struct pollfd){.fd = fds[0], .events = POLLIN};
	check_equal(pthread_create(&thread, NULL, write_later, (void *)(intptr_t)fds[1]), 0,
		    "poll: a writer");
	check_equal(poll(&polled, 1, 10000), 1, "poll: is woken");
	pthread_join(thread, NULL);
	close(fds[0]);
	close(fds[1]);
}

static void test_eventfd(void)
{
	struct pollfd polled;
	uint64_t value = 5;
	int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);

	check(fd >= 0, "eventfd: made");
	check_equal(write(fd, &value, 8), 8, "eventfd: add");
	check(read(fd, &value, 8) == 8 && value == 8, "eventfd: the sum");
	errno = 0;
	check_equal(read(fd, &value, 8), -1, "eventfd: nothing left");
	check_equal(errno, EAGAIN, "eventfd: ... EAGAIN");
	polled = (struct pollfd){.fd = fd, .events = POLLIN | POLLOUT};
	check(poll(&polled, 1, 0) == 1 && polled.revents == POLLOUT, "eventfd: poll");
	errno = 0;
	check_equal(write(fd, &value, 4), -1, "eventfd: eight bytes, not four");
	check_equal(errno, EINVAL, "eventfd: ... EINVAL");
	value = UINT64_MAX;
	errno = 0;
	check_equal(write(fd, &value, 8), -1, "eventfd: the largest value is none");
	check_equal(errno, EINVAL, "eventfd: ... EINVAL");
	close(fd);
	fd = eventfd(2, EFD_SEMAPHORE);
	check(read(fd, &value, 8) == 8 && value == 1, "eventfd: a semaphore gives one");
	check(read(fd, &value, 8) == 8 && value == 1, "eventfd: ... and another");
	close(fd);
}

void test_poll(void)
{
	test_poll_pipe();
	test_poll_wakes();
	test_eventfd();
}

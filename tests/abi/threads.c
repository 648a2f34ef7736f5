/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define THREADS 4

/* Linux's numbers; musl comes without the kernel's headers. */
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

#define ROUNDS 2000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static unsigned long shared;
static unsigned turn;
static _Thread_local unsigned long local = 7;

static void *add(void *argument)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		shared++;
		pthread_mutex_unlock(&mutex);
		local++;
	}
	return (void *)(local + (uintptr_t)argument);
}

static void *take_turns(void *argument)
{
	unsigned me = (unsigned)(uintptr_t)argument;

	for (unsigned i = 0; i < 50; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % THREADS != me)
			pthread_cond_wait(&condition, &mutex);
		turn++;
		pthread_cond_broadcast(&condition);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

void test_threads(void)
{
	pthread_t threads[THREADS];
	bool sums = true, made = true;
	void *result;

	for (uintptr_t i = 0; i < THREADS; i++)
		made = made && pthread_create(&threads[i], NULL, add, (void *)i) == 0;
	check(made, "threads: created");
	for (uintptr_t i = 0; i < THREADS; i++)
		sums = pthread_join(threads[i], &result) == 0 && sums &&
		       (uintptr_t)result == 7 + ROUNDS + i;
	check(sums, "threads: each has storage of its own, and a result");
	check_equal((long)shared, THREADS * ROUNDS, "threads: a mutex excludes");
	check_equal((long)local, 7, "threads: our own is as it was");
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, take_turns, (void *)i);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check_equal(turn, 50 * THREADS, "threads: condition variables");
	check(syscall(SYS_gettid) == getpid(), "threads: the first one's number is the process's");
}

static long futex(uint32_t *at, int operation, uint32_t value, const struct timespec *time,
		  uint32_t *at2)
{
	return syscall(SYS_futex, at, operation, value, time, at2, 0);
}

static _Atomic uint32_t word;
static _Atomic uint32_t woken;

static void *wait_on_word(void *unused)
{
	(void)unused;
	while (atomic_load(&word) == 0)
		futex((uint32_t *)&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL);
	atomic_fetch_add(&woken, 1);
	return NULL;
}

static void test_futex_wakes(void)
{
	pthread_t threads[THREADS];

	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, wait_on_word, NULL);
	atomic_store(&word, 1);
	futex((uint32_t *)&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check_equal(atomic_load(&woken), THREADS, "futex: all are woken");
}

void test_futex(void)
{
	const struct timespec short_time = {.tv_nsec = 5000000};
	const struct timespec bad_time = {.tv_nsec = 2000000000};
	uint32_t value = 3;

	errno = 0;
	check_equal(futex(&value, FUTEX_WAIT_PRIVATE, 4, NULL, NULL), -1, "futex: another value");
	check_equal(errno, EAGAIN, "futex: ... EAGAIN");
	errno = 0;
	check_equal(futex(&value, FUTEX_WAIT_PRIVATE, 3, &short_time, NULL), -1, "futex: time-out");
	check_equal(errno, ETIMEDOUT, "futex: ... ETIMEDOUT");
	errno = 0;
	check_equal(futex(&value, FUTEX_WAIT_PRIVATE, 3, &bad_time, NULL), -1, "futex: no time");
	check_equal(errno, EINVAL, "futex: ... EINVAL");
	errno = 0;
	check_equal(futex((uint32_t *)((uintptr_t)&value + 1), FUTEX_WAKE_PRIVATE, 1, NULL, NULL),
		    -1, "futex: an odd address");
	check_equal(errno, EINVAL, "futex: ... EINVAL");
	errno = 0;
	check_equal(futex((uint32_t *)8, FUTEX_WAIT_PRIVATE, 0, NULL, NULL), -1,
		    "futex: no memory");
	check_equal(errno, EFAULT, "futex: ... EFAULT");
	check_equal(futex(&value, FUTEX_WAKE_PRIVATE, 1, NULL, NULL), 0, "futex: nobody to wake");
	test_futex_wakes();
}

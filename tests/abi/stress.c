/* SPDX-License-Identifier: MIT */
#include "stress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

#define THREADS  6
#define ROUNDS   3000
#define MAPPINGS 300

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static unsigned long guarded;
static _Atomic unsigned long errors;
static int ring[THREADS][2];

static void *lock_and_count(void *unused)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		guarded++;
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

static void *meet(void *unused)
{
	static _Atomic unsigned arrived;

	for (unsigned i = 1; i <= 100; i++) {
		atomic_fetch_add(&arrived, 1);
		pthread_barrier_wait(&barrier);
		if (atomic_load(&arrived) < i * THREADS)
			atomic_fetch_add(&errors, 1);
		pthread_barrier_wait(&barrier);
	}
	return unused;
}

/* A number goes round the pipes; each thread adds one to it. */
static void *pass_on(void *argument)
{
	uintptr_t me = (uintptr_t)argument;
	uint64_t number;

	for (unsigned i = 0; i < 200; i++) {
		if (read(ring[me][0], &number, sizeof(number)) != sizeof(number))
			atomic_fetch_add(&errors, 1);
		number++;
		if (write(ring[(me + 1) % THREADS][1], &number, sizeof(number)) != sizeof(number))
			atomic_fetch_add(&errors, 1);
	}
	return NULL;
}

static void *map_and_unmap(void *argument)
{
	for (unsigned i = 0; i < MAPPINGS; i++) {
		size_t size = 4096 * (1 + i % 7);
		unsigned char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED) {
			atomic_fetch_add(&errors, 1);
			continue;
		}
		for (size_t j = 0; j < size; j += 4096)
			if (at[j] != 0)
				atomic_fetch_add(&errors, 1);
		memset(at, (int)(uintptr_t)argument + 1, size);
		munmap(at, size);
	}
	return NULL;
}

static void run(void *(*function)(void *))
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, function, (void *)i)) {
			atomic_fetch_add(&errors, 1);
			return;
		}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void check_errors(const char *name)
{
	check_equal((long)atomic_exchange(&errors, 0), 0, name);
}

static void *do_nothing(void *unused)
{
	return unused;
}

void stress(void)
{
	uint64_t number = 0;

	run(lock_and_count);
	check_equal((long)guarded, (long)THREADS * ROUNDS, "stress: a mutex");
	pthread_barrier_init(&barrier, NULL, THREADS);
	run(meet);
	check_errors("stress: a barrier");
	for (unsigned i = 0; i < THREADS; i++)
		check_equal(pipe(ring[i]), 0, "stress: a pipe");
	check_equal(write(ring[0][1], &number, sizeof(number)), sizeof(number), "stress: a number");
	run(pass_on);
	check_errors("stress: it went round");
	check_equal(read(ring[0][0], &number, sizeof(number)), sizeof(number),
		    "stress: it is back");
	check_equal((long)number, THREADS * 200, "stress: all have added to it");
	run(map_and_unmap);
	check_errors("stress: mappings");
	for (unsigned i = 0; i < 100; i++)
		run(do_nothing);
	check_errors("stress: threads come and go");
}

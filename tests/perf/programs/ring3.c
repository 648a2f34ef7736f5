/* SPDX-License-Identifier: MIT */
/*
 * The ring-3 side of `make perf`, as init of its image: measures a system call that does nothing,
 * then serves protocol 7 by echoing, until a call asks it to end. Under -icount the TSC counts
 * instructions.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#include "svcabi/svcabi.h"

#define ROUNDS   64
#define CALL_END 1

static struct svc_request request;
static struct svc_response response;

static inline void null_call(void)
{
	long number = SYS_getpid;

	__asm__ volatile("syscall" : "+a"(number) : : "rcx", "r11", "memory");
}

/* Least of some rounds: instructions between two readings of the counter. */
static uint64_t measure(int with_call)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = __rdtsc(), took;

		if (with_call)
			null_call();
		took = __rdtsc() - start;
		if (took < least)
			least = took;
	}
	return least;
}

int main(void)
{
	uint64_t cost = measure(1);
	int server;

	/* Setting the number up and reading its result are the caller's. */
	printf("perf: null_system_call %lu instructions\n", cost - measure(0) - 1);
	fflush(stdout);
	server = open("/dev/svsm/protocol/7", O_RDWR);
	if (server < 0)
		return 1;
	do {
		if (read(server, &request, sizeof(request)) != (ssize_t)sizeof(request))
			return 2;
		response.id = request.id;
		response.result = 0;
		response.rcx = request.rcx + 1;
		if (write(server, &response, sizeof(response)) != (ssize_t)sizeof(response))
			return 3;
	} while (request.call != CALL_END);
	return 0;
}

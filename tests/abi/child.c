/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int child_arguments(int argc, char **argv, char **envp)
{
	if (argc != 2 || strcmp(argv[1], "child-arguments") != 0)
		return 1;
	return envp[0] && strcmp(envp[0], "COPRA=abi") == 0 && !envp[1] ? 0 : 2;
}

static void *sleep_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static int child_thread_exit(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, sleep_for_ever, NULL))
		return 1;
	exit(7);
}

static int child_null(void)
{
	volatile uintptr_t nowhere = 16;

	return *(volatile int *)nowhere;
}

static int child_text(void)
{
	volatile unsigned char *code = (volatile unsigned char *)(uintptr_t)child_text;

	*code = 0xc3;
	return 0;
}

static int child_stack(void)
{
	volatile unsigned char code[16] = {0xc3};
	void (*call)(void) = (void (*)(void))(uintptr_t)code;

	call();
	return 0;
}

static int child_kernel(void)
{
	volatile unsigned long *kernel = (volatile unsigned long *)UINT64_C(0xffffffff80000000);

	return (int)*kernel;
}

static int child_overflow(void)
{
	volatile char *at = __builtin_frame_address(0);

	for (unsigned i = 0; i < 1U << 20; i++) { /* 4 GiB: past any limit */
		at -= 4096;
		*at = 1;
	}
	return 0;
}

static int child_privileged(void)
{
	__asm__ volatile("hlt");
	return 0;
}

static int child_illegal(void)
{
	__asm__ volatile("ud2");
	return 0;
}

static int child_divide(void)
{
	volatile int zero = 0;

	__asm__ volatile("idivl %0" : : "m"(zero), "a"(1), "d"(0));
	return 0;
}

int child_main(int argc, char **argv, char **envp)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} children[] = {
		{"child-thread-exit", child_thread_exit},
		{"child-null", child_null},
		{"child-text", child_text},
		{"child-stack", child_stack},
		{"child-kernel", child_kernel},
		{"child-overflow", child_overflow},
		{"child-privileged", child_privileged},
		{"child-illegal", child_illegal},
		{"child-divide", child_divide},
	};
	const struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	if (strcmp(argv[1], "child-exit") == 0)
		return 42;
	if (strcmp(argv[1], "child-arguments") == 0)
		return child_arguments(argc, argv, envp);
	if (strcmp(argv[1], "child-abort") == 0)
		abort();
	if (strcmp(argv[1], "child-ready") == 0)
		return write(CHILD_READY_FD, "R", 1) == 1 ? 0 : 1;
	for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++)
		if (strcmp(argv[1], children[i].name) == 0)
			return children[i].run();
	return 99;
}

/* SPDX-License-Identifier: MIT */
/*
 * The first process of the ABI test image: runs each program of its table to its end, and says so.
 * Its exit status is that of the machine.
 */
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(const char *path, const char *argument)
{
	char *arguments[] = {(char *)(uintptr_t)path, (char *)(uintptr_t)argument, NULL};
	char *environment[] = {NULL};
	int status = -1;
	pid_t pid;

	if (posix_spawn(&pid, path, NULL, NULL, arguments, environment) != 0)
		return -1;
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

int main(void)
{
	static const struct {
		const char *path;
		const char *argument;
	} programs[] = {
		{"/bin/abi-musl", NULL},     {"/bin/abi-glibc", NULL},     {"/bin/abi-pie", NULL},
		{"/bin/abi-musl", "stress"}, {"/bin/abi-glibc", "stress"}, {"/bin/abi-fuzz", NULL},
	};
	int worst = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		int status = run(programs[i].path, programs[i].argument);

		printf("end of %s%s%s: %d\n", programs[i].path, programs[i].argument ? " " : "",
		       programs[i].argument ? programs[i].argument : "", status);
		if (status != 0)
			worst = EXIT_FAILURE;
	}
	return worst;
}

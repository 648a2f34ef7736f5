/* SPDX-License-Identifier: MIT */
/* Children: spawn, exit status, signals, faults, handles that are passed on, bad programs. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

extern char **environ;

static void *spin(void *unused)
{
	for (;;)
		;
	return unused;
}

/* Opaque to the compiler, which would warn. */
static volatile char *volatile null_address = (char *)8;
static volatile char *volatile kernel_address = (char *)0xffffffff80000000;

/* What this program does when it is its own child. */
static int be_child(const char *what, const char *argument)
{
	pthread_t thread;

	if (strcmp(what, "exit") == 0)
		return atoi(argument);
	if (strcmp(what, "abort") == 0)
		abort();
	if (strcmp(what, "null") == 0)
		*null_address = 1;
	if (strcmp(what, "text") == 0)
		memset((void *)(uintptr_t)abort, 0, 1);
	if (strcmp(what, "data") == 0) {
		static char code[] = {(char)0xc3};
		void (*function)(void);

		memcpy(&function, &(char *){code}, sizeof(function));
		function();
	}
	if (strcmp(what, "kernel") == 0)
		*kernel_address = 1;
	if (strcmp(what, "privileged") == 0)
		__asm__ volatile("cli");
	if (strcmp(what, "undefined") == 0)
		__asm__ volatile("ud2");
	if (strcmp(what, "divide") == 0)
		__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx");
	if (strcmp(what, "threads") == 0) {
		pthread_create(&thread, NULL, spin, NULL);
		pthread_create(&thread, NULL, spin, NULL);
		usleep(20000);
		_exit(9);
	}
	if (strcmp(what, "write") == 0)
		return write(7, argument, strlen(argument)) == (ssize_t)strlen(argument) ? 0 : 1;
	if (strcmp(what, "closed") == 0)
		return fcntl(9, F_GETFD) == -1 ? 0 : 1;
	if (strcmp(what, "wait") == 0)
		pause();
	return 99;
}

static pid_t start(char *self, char *what, char *argument)
{
	char *argv[] = {self, what, argument, NULL};
	pid_t pid = -1;
	int error = posix_spawn(&pid, self, NULL, NULL, argv, environ);

	return error == 0 ? pid : -1;
}

static void report(const char *what, int status)
{
	if (WIFEXITED(status))
		printf("%s: exit %d\n", what, WEXITSTATUS(status));
	else
		printf("%s: signal %d\n", what, WTERMSIG(status));
}

static void run(char *self, char *what, char *argument)
{
	pid_t pid = start(self, what, argument);
	int status = 0;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		printf("%s: not run\n", what);
	else
		report(what, status);
}

static void test_pipe(char *self)
{
	char text[16] = {0};
	int ends[2], status;
	pid_t pid;

	FACT("pipe", pipe2(ends, O_CLOEXEC) == 0);
	dup2(ends[1], 7);
	fcntl(7, F_SETFD, 0);
	dup3(ends[1], 9, O_CLOEXEC);
	pid = start(self, "write", "passed on");
	close(7);
	close(9);
	close(ends[1]);
	waitpid(pid, &status, 0);
	report("write", status);
	CALL("read", read(ends[0], text, sizeof(text)));
	printf("text: %s\n", text);
	CALL("then the end", read(ends[0], text, sizeof(text)));
	close(ends[0]);
	run(self, "closed", "");
}

static void test_waiting(char *self)
{
	pid_t pid = start(self, "wait", "");
	int status = 0;

	CALL("not yet", waitpid(pid, &status, WNOHANG));
	CALL("kill", kill(pid, SIGKILL));
	FACT("gone", waitpid(pid, &status, 0) == pid);
	report("killed", status);
	CALL("no such child", waitpid(pid, &status, 0));
	CALL("no child at all", waitpid(-1, &status, WNOHANG));
	CALL("kill a stranger", kill(pid, SIGTERM));
}

static void test_bad_programs(char *self)
{
	char *argv[] = {self, NULL};
	pid_t pid;
	int fd = open("/dev/null", O_RDONLY);

	FACT("missing", posix_spawn(&pid, "/nowhere", NULL, NULL, argv, environ) == ENOENT);
	FACT("not executable", posix_spawn(&pid, "/dev/null", NULL, NULL, argv, environ) == EACCES);
	close(fd);
	FACT("no child was made", waitpid(-1, &fd, WNOHANG) == -1 && errno == ECHILD);
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return be_child(argv[1], argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	run(argv[0], "exit", "0");
	run(argv[0], "exit", "77");
	run(argv[0], "abort", "");
	run(argv[0], "null", "");
	run(argv[0], "text", "");
	run(argv[0], "data", "");
	run(argv[0], "kernel", "");
	run(argv[0], "privileged", "");
	run(argv[0], "undefined", "");
	run(argv[0], "divide", "");
	run(argv[0], "threads", "");
	test_pipe(argv[0]);
	test_waiting(argv[0]);
	test_bad_programs(argv[0]);
	for (int i = 0; i < 50; i++) {
		pid_t pid = start(argv[0], "exit", "3");
		int status;

		if (waitpid(pid, &status, 0) != pid || status != 3 << 8)
			printf("run %d differs\n", i);
	}
	printf("done\n");
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"

void test_startup(int argc, char **argv, char **envp)
{
	uintptr_t stack = (uintptr_t)&argc;
	const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
	unsigned sum = 0;

	check(argc >= 1 && argv[argc] == NULL, "startup: arguments end with NULL");
	check(argv[0] && argv[0][0] == '/', "startup: the path is the first");
	check(envp == argv + argc + 1, "startup: the environment follows");
	check_equal((long)getauxval(AT_PAGESZ), 4096, "startup: AT_PAGESZ");
	check(getauxval(AT_PHDR) != 0 && getauxval(AT_PHNUM) != 0, "startup: AT_PHDR");
	check(getauxval(AT_ENTRY) != 0, "startup: AT_ENTRY");
	for (int i = 0; random && i < 16; i++)
		sum |= random[i];
	check(sum != 0, "startup: AT_RANDOM");
	check(stack < UINT64_C(1) << 47, "startup: the stack is in the lower half");
	check((uintptr_t)__builtin_frame_address(0) % 16 == 0, "startup: the stack is aligned");
}

/* --- Signals: as much as abort() and pthreads need ---------------------------------------- */

void test_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN}, old;
	sigset_t set, before;

	check_equal(sigaction(SIGUSR1, &action, NULL), 0, "signals: ignore one");
	check_equal(sigaction(SIGUSR1, NULL, &old), 0, "signals: ask");
	check(old.sa_handler == SIG_IGN, "signals: it is remembered");
	check_equal(kill(getpid(), SIGUSR1), 0, "signals: an ignored one does nothing");
	check_equal(kill(getpid(), 0), 0, "signals: signal 0 only asks");
	errno = 0;
	check_equal(sigaction(SIGKILL, &action, NULL), -1, "signals: SIGKILL can't be ignored");
	check_equal(errno, EINVAL, "signals: ... EINVAL");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	check_equal(sigprocmask(SIG_BLOCK, &set, &before), 0, "signals: block");
	check(!sigismember(&before, SIGUSR2), "signals: the mask before");
	check_equal(sigprocmask(SIG_SETMASK, &before, &set), 0, "signals: unblock");
	check(sigismember(&set, SIGUSR2) == 1, "signals: the mask between");
}

/* --- Processes ------------------------------------------------------------------------------ */

static int run_child(const char *self, const char *what, int ready_fd)
{
	char *arguments[] = {(char *)(uintptr_t)self, (char *)(uintptr_t)what, NULL};
	char *environment[] = {(char *)(uintptr_t) "COPRA=abi", NULL};
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (ready_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, ready_fd, CHILD_READY_FD);
	if (posix_spawn(&pid, self, &actions, NULL, arguments, environment) != 0)
		return -1;
	posix_spawn_file_actions_destroy(&actions);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void check_exit(const char *self, const char *what, int code, const char *name)
{
	int status = run_child(self, what, -1);

	check(WIFEXITED(status) && WEXITSTATUS(status) == code, name);
}

static void check_killed(const char *self, const char *what, int signal, const char *name)
{
	int status = run_child(self, what, -1);

	check(WIFSIGNALED(status) && WTERMSIG(status) == signal, name);
}

void test_processes(const char *self)
{
	char *arguments[] = {(char *)(uintptr_t) "/none", NULL};
	char byte = 0;
	int fds[2];
	pid_t pid;

	check_exit(self, "child-exit", 42, "processes: exit status");
	check_exit(self, "child-arguments", 0, "processes: arguments and environment");
	check_exit(self, "child-thread-exit", 7, "processes: exit_group ends other threads");
	check_killed(self, "child-abort", SIGABRT, "processes: abort");
	check_killed(self, "child-null", SIGSEGV, "processes: a wild pointer");
	check_killed(self, "child-text", SIGSEGV, "processes: code can't be written");
	check_killed(self, "child-stack", SIGSEGV, "processes: the stack can't be executed");
	check_killed(self, "child-kernel", SIGSEGV, "processes: the kernel's half is closed");
	check_killed(self, "child-overflow", SIGSEGV, "processes: the stack has an end");
	check_killed(self, "child-privileged", SIGSEGV, "processes: privileged instructions");
	check_killed(self, "child-illegal", SIGILL, "processes: an undefined instruction");
	check_killed(self, "child-divide", SIGFPE, "processes: division by zero");
	check_equal(pipe2(fds, O_CLOEXEC), 0, "processes: a pipe");
	check(WIFEXITED(run_child(self, "child-ready", fds[1])), "processes: with a descriptor");
	check(read(fds[0], &byte, 1) == 1 && byte == 'R', "processes: it came through");
	close(fds[1]);
	check_equal(read(fds[0], &byte, 1), 0, "processes: its copy is closed with it");
	close(fds[0]);
	check_equal(posix_spawn(&pid, "/none", NULL, NULL, arguments, NULL), ENOENT,
		    "processes: no such program");
	errno = 0;
	check_equal(waitpid(-1, NULL, 0), -1, "processes: no children are left");
	check_equal(errno, ECHILD, "processes: ... ECHILD");
}

void test_errors(void)
{
	errno = 0;
	check_equal(syscall(9999), -1, "errors: no such call");
	check_equal(errno, ENOSYS, "errors: ... ENOSYS");
	errno = 0;
	check_equal(write(1, (void *)UINT64_C(0xffffffff80000000), 16), -1,
		    "errors: a buffer in the kernel");
	check_equal(errno, EFAULT, "errors: ... EFAULT");
	errno = 0;
	check_equal(open((const char *)UINT64_C(0xffff800000000000), O_RDONLY), -1,
		    "errors: a path in the kernel");
	check_equal(errno, EFAULT, "errors: ... EFAULT");
	errno = 0;
	check_equal(open("/none/none", O_RDONLY), -1, "errors: no such folder");
	check_equal(errno, ENOENT, "errors: ... ENOENT");
	errno = 0;
	check_equal(read(1234567, NULL, 0), -1, "errors: no such descriptor");
	check_equal(errno, EBADF, "errors: ... EBADF");
}

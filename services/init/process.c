/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int spawn(const char *const *arguments, int ready_fd, pid_t *pid)
{
	static char *const environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	int error;

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, ready_fd, PROCESS_READY_FD);
	if (!error)
		error = posix_spawn(pid, arguments[0], &actions, NULL,
				    (char *const *)(uintptr_t)arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

int process_start(const char *const *arguments, struct process *out)
{
	int pipe_fds[2];
	pid_t pid;
	int error;

	*out = (struct process){.pid = 0, .ready_fd = -1};
	if (pipe2(pipe_fds, O_CLOEXEC))
		return errno;
	error = spawn(arguments, pipe_fds[1], &pid);
	close(pipe_fds[1]);
	if (error) {
		close(pipe_fds[0]);
		return error;
	}
	out->pid = pid;
	out->ready_fd = pipe_fds[0];
	return 0;
}

void process_kill(const struct process *process)
{
	if (process->pid > 0)
		kill(process->pid, SIGKILL);
}

static void close_ready(struct process *process)
{
	if (process->ready_fd >= 0)
		close(process->ready_fd);
	process->ready_fd = -1;
}

bool process_read_ready(struct process *process)
{
	char byte;
	ssize_t got = read(process->ready_fd, &byte, 1);

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	close_ready(process); /* a word, or the end of the pipe without one */
	return got == 1;
}

void process_forget(struct process *process)
{
	close_ready(process);
	process->pid = 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * init: the first process. Starts the services of /etc/init.conf, starts again what ends, and tells
 * the kernel when the guest may run. On Linux: init CONFIG LAUNCH-FILE, for the tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "process.h"
#include "supervisor.h"

#define REAP_INTERVAL_MS 50 /* while somebody is starting: poll() does not see a child's end */

static struct config config;
static struct supervisor supervisor;
static struct process processes[CONFIG_SERVICES];
static const char *launch_path = "/dev/svsm/launch";

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool read_config(const char *path)
{
	static char text[CONFIG_FILE_MAX + 1];
	enum config_error error;
	unsigned line;
	ssize_t size;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "init: %s: %s\n", path, strerror(errno));
		return false;
	}
	size = read(fd, text, sizeof(text));
	close(fd);
	error = config_parse(text, size < 0 ? 0 : (size_t)size, &config, &line);
	if (error)
		fprintf(stderr, "init: %s:%u: error %d\n", path, line, (int)error);
	return error == CONFIG_OK;
}

static void ended(size_t index, int status)
{
	struct service *service = &supervisor.services[index];

	process_forget(&processes[index]);
	supervisor_ended(&supervisor, index, now_ms());
	printf("init: %s ended (%s %d), %s\n", service->config->name,
	       WIFSIGNALED(status) ? "signal" : "status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	       service->state == SERVICE_GIVEN_UP ? "given up" : "starts again");
}

static void start(size_t index)
{
	const struct service_config *service = &config.services[index];
	int error = process_start(service->arguments, &processes[index]);

	if (error) {
		fprintf(stderr, "init: %s: %s\n", service->arguments[0], strerror(error));
		supervisor_ended(&supervisor, index, now_ms());
	}
}

static void launch(void)
{
	int fd = open(launch_path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "go", 2) != 2)
		fprintf(stderr, "init: %s: %s\n", launch_path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void act(void)
{
	for (;;) {
		struct action action = supervisor_next(&supervisor, now_ms());

		switch (action.kind) {
		case ACTION_NONE:
			return;
		case ACTION_START:
			start(action.index);
			break;
		case ACTION_KILL:
			process_kill(&processes[action.index]);
			break;
		case ACTION_LAUNCH:
			launch();
			break;
		}
	}
}

/* Waits for the readiness of those who are starting, `timeout` ms at most (-1: for ever). */
static void wait_for_readiness(int timeout)
{
	struct pollfd polled[CONFIG_SERVICES];
	size_t owner[CONFIG_SERVICES];
	nfds_t count = 0;

	for (size_t i = 0; i < config.count; i++) {
		if (processes[i].ready_fd < 0)
			continue;
		owner[count] = i;
		polled[count++] = (struct pollfd){.fd = processes[i].ready_fd, .events = POLLIN};
	}
	if (poll(polled, count, timeout) <= 0)
		return;
	for (nfds_t i = 0; i < count; i++)
		if (polled[i].revents && process_read_ready(&processes[owner[i]])) {
			supervisor_ready(&supervisor, owner[i], now_ms());
			printf("init: %s is ready\n", config.services[owner[i]].name);
		}
}

/* Takes note of ended children; with WNOHANG it does not wait for one. False: there are none. */
static bool reap(int flags)
{
	int status;
	pid_t pid = waitpid(-1, &status, flags);

	if (pid <= 0)
		return pid == 0 || errno == EINTR;
	for (size_t i = 0; i < config.count; i++)
		if (processes[i].pid == pid)
			ended(i, status);
	return true;
}

/* Sleeps until something happens: without any timer when all services are settled. */
static void wait_for_event(void)
{
	int timeout = supervisor_wait(&supervisor, now_ms());
	bool children = false;

	for (size_t i = 0; i < config.count; i++)
		children = children || processes[i].pid > 0;
	if (timeout < 0 && children && reap(0))
		return;
	if (children && (timeout < 0 || timeout > REAP_INTERVAL_MS))
		timeout = REAP_INTERVAL_MS;
	wait_for_readiness(timeout);
	reap(WNOHANG);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 2)
		launch_path = argv[2];
	for (size_t i = 0; i < CONFIG_SERVICES; i++)
		processes[i].ready_fd = -1;
	if (!read_config(argc > 1 ? argv[1] : "/etc/init.conf"))
		return EXIT_FAILURE;
	supervisor_begin(&supervisor, &config, now_ms());
	for (;;) {
		act();
		wait_for_event();
	}
}

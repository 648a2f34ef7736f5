/* SPDX-License-Identifier: MIT */
/* The processes behind the services: starting, waiting, readiness. */
#ifndef INIT_PROCESS_H
#define INIT_PROCESS_H

#include <sys/types.h>

#include "base/compiler.h"
#include "base/types.h"

#define PROCESS_READY_FD 3 /* where a service finds its end of the readiness pipe */

struct process {
	pid_t pid;    /* 0: none */
	int ready_fd; /* our end of its readiness pipe; -1: it has said its word, or ended */
};

/*
 * Starts `arguments[0]` with `arguments` and an environment of its own. 0, or the errno that says
 * why not; then `out` is no process.
 */
int process_start(const char *const *arguments, struct process *out) MUST_CHECK;

/* Ends a process at once. Its end is seen by process_reap. */
void process_kill(const struct process *process);

/* Reads the readiness pipe that poll() found readable. True: the service is ready now. */
bool process_read_ready(struct process *process) MUST_CHECK;

/* Forgets a process that has ended. */
void process_forget(struct process *process);

#endif

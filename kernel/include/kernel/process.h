/* SPDX-License-Identifier: MIT */
/*
 * Processes: memory, handles, rights and threads. A process ends when its last thread has left;
 * what stays until its parent has waited for it is the status.
 *
 * Locks: process_lock (one for all processes) guards the family tree, the lists of threads and the
 * states. A thread's own process and its fields `map` and `files` are read without it: only the
 * process's last thread changes them.
 */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include "kernel/file.h"
#include "kernel/linux_abi.h"
#include "kernel/rights.h"
#include "kernel/thread.h"
#include "kernel/trap.h"
#include "kernel/user_thread.h"
#include "kernel/vm_map.h"

#define PROCESS_MAX       64
#define PROCESS_NAME_MAX  32
#define PROCESS_STACK_MAX KIB(256)

struct signal_action { /* as rt_sigaction(2) has it; kept for the program, never delivered */
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

#define SIGNAL_DEFAULT 0
#define SIGNAL_IGNORE  1

struct process {
	uint32_t references; /* atomic */
	uint32_t pid;
	char name[PROCESS_NAME_MAX];
	struct rights rights;
	struct vm_map *map;
	struct file_table *files;
	struct signal_action signals[LINUX_SIGNALS];

	/* Under process_lock: */
	struct process *parent; /* NULL: nobody waits for it */
	struct list sibling;
	struct list children;
	struct list threads; /* of struct user_thread */
	uint32_t thread_count;
	bool ending; /* no new threads; those there are on the way out */
	bool ended;
	bool essential;  /* the kernel stops when it ends */
	uint32_t status; /* as wait4(2) gives it */

	struct wait_queue child_ended;
	bool borrowed_map; /* a vfork child before its execve() or end */
	struct wait_queue map_returned;
};

#define STATUS_EXIT(code)     (((uint32_t)(code)&0xffU) << 8)
#define STATUS_SIGNAL(signal) ((uint32_t)(signal))

/* The process of the calling thread; NULL for kernel threads. */
struct process *process_current(void);

/*
 * Start `path` as a process of its own, without parent; argv is {path}, the environment empty. When
 * an essential process ends the kernel stops. Errors: ERR_NOT_FOUND, ERR_DENIED, ERR_FORMAT,
 * ERR_RANGE, ERR_NO_MEMORY, ERR_LIMIT.
 */
MUST_CHECK enum error process_start(const char *path, bool essential);

void process_get(struct process *process);
void process_put(struct process *process);

/* End a process with a wait4() status. Its threads leave as soon as they can; any context that may
 * take process_lock. The first status counts. */
void process_end(struct process *process, uint32_t status);

/* exit(2): the calling thread leaves; `status` counts when it is the last. */
void process_thread_exit(uint32_t status) NORETURN;

/* Id of the parent, 0 without one. */
uint32_t process_parent_id(const struct process *process);

/* The calling user thread leaves; the last one ends the process. */
void process_leave(void) NORETURN;

/* A thread of the calling process that starts with `frame`. Returns its id or -errno. */
int64_t process_clone_thread(const struct trap_frame *frame, uint64_t fs_base, uint64_t clear_tid,
			     uint64_t parent_tid, uint64_t child_tid);

/*
 * A child that runs in the caller's memory until it executes a program or ends; the caller waits
 * for that. Returns the child's id or -errno.
 */
int64_t process_vfork(const struct trap_frame *frame, uint64_t stack);

/* wait4(2): pid > 0 or -1 (any child). Returns pid, 0 (WNOHANG) or -errno. */
int64_t process_wait(int64_t pid, bool hang, uint32_t *status);

/* Send a signal to a process by id, as far as the caller may: itself and its children. */
int64_t process_signal(int64_t pid, uint32_t signal);

/* execve(2) with everything copied in. On success the frame is the new program's. 0 or -errno. */
struct exec_arguments {
	char path[256];
	uint32_t argc;
	uint32_t envc;
	size_t size;   /* bytes of strings */
	char *strings; /* argc + envc terminated strings */
};
int64_t process_execute(const struct exec_arguments *arguments, struct trap_frame *frame);

/* Number of processes alive, for audits after tests. */
uint32_t process_count(void);

#endif

/* SPDX-License-Identifier: MIT */
/* What the files of the process component share. */
#ifndef USER_PROCESS_INTERNAL_H
#define USER_PROCESS_INTERNAL_H

#include "kernel/process.h"
#include "kernel/spinlock.h"

extern struct spinlock process_lock;

/* A fresh id, for processes and threads alike. */
uint32_t process_new_id(void);

/* A process without memory, handles and threads, child of `parent` (may be NULL). NULL: none. */
struct process *process_alloc(struct process *parent, const char *name);

/* Take back what process_alloc() made and nobody saw running. */
void process_discard(struct process *process);

/* The last thread has gone: release everything and tell the parent. */
void process_finish(struct process *process);

/* Tell the parent of a vfork that its memory is its own again. */
void process_return_map(struct process *process);

/*
 * Add a thread with these registers to a process; it does not run yet. ERR_NO_MEMORY, ERR_LIMIT
 * (threads), ERR_STATE (the process is ending).
 */
MUST_CHECK enum error user_thread_create(struct process *process, const struct trap_frame *frame,
					 uint32_t tid, struct user_thread **out);
void user_thread_start(struct user_thread *user);

/* Take back a thread that never ran. */
void user_thread_discard(struct user_thread *user);

/* The calling thread stops being a user thread: no memory map, no FPU state. */
void user_thread_detach(struct user_thread *user);

/* user_entry.S: go to ring 3 with these registers. */
void user_enter(struct trap_frame *frame) NORETURN;

/* What to do when the process that must not end, ends. */
void user_essential_ended(const struct process *process) NORETURN;

#endif

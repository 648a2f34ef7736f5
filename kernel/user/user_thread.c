// SPDX-License-Identifier: MIT
/* User threads: birth, clone, end. */
#include "kernel/user_thread.h"

#include "kernel/cache.h"
#include "kernel/cpu.h"
#include "kernel/fpu.h"
#include "kernel/futex.h"
#include "kernel/preempt.h"
#include "kernel/string.h"
#include "kernel/user_copy.h"
#include "process_internal.h"

/* What a new thread needs until it is in ring 3. */
struct thread_start {
	struct trap_frame frame;
};

struct address_space *user_thread_space(const struct user_thread *user)
{
	return &user->process->map->space;
}

static void user_thread_entry(void *argument)
{
	struct thread_start *start = argument;
	struct trap_frame frame = start->frame;

	kfree(start);
	if (thread_current()->killed)
		process_leave();
	irq_disable();
	user_enter(&frame);
}

/* Add to the process, if it may have one more. */
static enum error join_process(struct user_thread *user)
{
	struct process *process = user->process;
	enum error error = OK;

	spin_lock(&process_lock);
	if (process->ending) {
		error = ERR_STATE;
	} else if (process->thread_count >= process->rights.threads) {
		error = ERR_LIMIT;
	} else {
		list_add_tail(&process->threads, &user->link);
		process->thread_count++;
		process_get(process);
	}
	spin_unlock(&process_lock);
	return error;
}

static void leave_process(struct user_thread *user)
{
	spin_lock(&process_lock);
	list_remove(&user->link);
	user->process->thread_count--;
	spin_unlock(&process_lock);
}

static enum error make_thread(struct user_thread *user, const struct trap_frame *frame)
{
	const struct thread_options options = {.name = user->process->name,
					       .priority = THREAD_PRIO_USER,
					       .affinity = THREAD_ANY_CPU};
	struct thread_start *start = kalloc(sizeof(*start));
	enum error error = ERR_NO_MEMORY;

	if (start != NULL) {
		start->frame = *frame;
		error = thread_create(&user->thread, &options, user_thread_entry, start);
	}
	if (error != OK)
		kfree(start);
	return error;
}

enum error user_thread_create(struct process *process, const struct trap_frame *frame, uint32_t tid,
			      struct user_thread **out)
{
	struct user_thread *user = kalloc(sizeof(*user));
	enum error error = ERR_NO_MEMORY;

	*out = NULL;
	if (user == NULL)
		return ERR_NO_MEMORY;
	list_init(&user->link);
	user->process = process;
	user->tid = tid;
	user->fpu = fpu_create();
	if (user->fpu != NULL)
		error = make_thread(user, frame);
	if (error == OK) {
		user->thread->user = user;
		error = join_process(user);
		if (error != OK) {
			kfree(user->thread->argument);
			thread_put(user->thread);
		}
	}
	if (error != OK) {
		fpu_destroy(user->fpu);
		kfree(user);
		return error;
	}
	*out = user;
	return OK;
}

void user_thread_start(struct user_thread *user)
{
	struct thread *thread = user->thread;

	thread_start(thread);
	thread_put(thread); /* the scheduler's reference keeps it */
}

void user_thread_discard(struct user_thread *user)
{
	leave_process(user);
	process_put(user->process);
	kfree(user->thread->argument);
	thread_put(user->thread);
	fpu_destroy(user->fpu);
	kfree(user);
}

void user_thread_detach(struct user_thread *user)
{
	irq_flags_t flags = irq_save();

	user->thread->user = NULL;
	space_switch(NULL);
	irq_restore(flags);
	fpu_destroy(user->fpu);
	user->fpu = NULL;
}

/* set_tid_address(2): who joins this thread waits for the word to become 0. */
static void announce_end(struct user_thread *user)
{
	static const uint32_t zero;

	if (user->clear_tid == 0 || user->process->ending)
		return;
	if (user_copy_out(user->clear_tid, &zero, sizeof(zero)) == OK)
		futex_wake(user->process->map, user->clear_tid, 1, UINT32_MAX);
}

void process_leave(void)
{
	struct user_thread *user = thread_current()->user;
	struct process *process = user->process;
	bool last;

	announce_end(user);
	spin_lock(&process_lock);
	list_remove(&user->link);
	last = --process->thread_count == 0;
	if (last && !process->ending)
		process->ending = true; /* exit(2) of the last thread: its status is set */
	spin_unlock(&process_lock);
	user_thread_detach(user);
	if (last)
		process_finish(process);
	process_put(process);
	kfree(user);
	thread_exit();
}

void process_thread_exit(uint32_t status)
{
	struct process *process = process_current();

	spin_lock(&process_lock);
	if (!process->ending)
		process->status = status; /* of the last thread to get here */
	spin_unlock(&process_lock);
	process_leave();
}

/* --- clone ------------------------------------------------------------------------------ */

static int64_t errno_of(enum error error)
{
	return error == ERR_NO_MEMORY ? -LINUX_ENOMEM : -LINUX_EAGAIN;
}

static bool put_tid(uint64_t address, uint32_t tid)
{
	return address == 0 || user_copy_out(address, &tid, sizeof(tid)) == OK;
}

/* The child starts with the state that the caller has now. */
static void inherit(struct user_thread *child, uint64_t fs_base)
{
	const struct user_thread *self = thread_current()->user;

	fpu_copy_live(child->fpu);
	child->fs_base = fs_base;
	child->signal_mask = self->signal_mask;
}

int64_t process_clone_thread(const struct trap_frame *frame, uint64_t fs_base, uint64_t clear_tid,
			     uint64_t parent_tid, uint64_t child_tid)
{
	struct process *process = process_current();
	uint32_t tid = process_new_id();
	struct user_thread *child;
	enum error error = user_thread_create(process, frame, tid, &child);

	if (error != OK)
		return errno_of(error);
	if (!put_tid(parent_tid, tid) || !put_tid(child_tid, tid)) {
		user_thread_discard(child);
		return -LINUX_EFAULT;
	}
	inherit(child, fs_base);
	child->clear_tid = clear_tid;
	user_thread_start(child);
	return tid;
}

static enum error lend(struct process *child, struct process *self)
{
	enum error error = file_table_copy(self->files, &child->files);

	if (error != OK)
		return error;
	child->rights = self->rights;
	memcpy(child->signals, self->signals, sizeof(child->signals));
	vm_map_get(self->map);
	child->map = self->map;
	child->borrowed_map = true;
	return OK;
}

int64_t process_vfork(const struct trap_frame *frame, uint64_t stack)
{
	struct process *self = process_current();
	struct process *child = process_alloc(self, self->name);
	struct trap_frame start = *frame;
	struct user_thread *thread;
	uint32_t pid;
	enum error error;

	if (child == NULL)
		return -LINUX_EAGAIN;
	pid = child->pid;
	start.rax = 0;
	start.rsp = stack != 0 ? stack : frame->rsp;
	error = lend(child, self);
	if (error == OK)
		error = user_thread_create(child, &start, pid, &thread);
	if (error != OK) {
		process_discard(child);
		return errno_of(error);
	}
	inherit(thread, thread_current()->user->fs_base);
	process_get(child);
	user_thread_start(thread);
	/* When the caller itself is ended meanwhile it just leaves: the map has its references. */
	(void)!wait_event(&child->map_returned, !READ_ONCE(child->borrowed_map));
	process_put(child);
	return pid;
}

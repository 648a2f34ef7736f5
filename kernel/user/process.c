// SPDX-License-Identifier: MIT
/* Processes: life, family, end. */
#include "kernel/process.h"

#include "kernel/cache.h"
#include "kernel/log.h"
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "kernel/string.h"
#include "process_internal.h"

struct spinlock process_lock = SPINLOCK_INIT(LOCK_RANK_PROCESS);

static uint32_t last_id;
static uint32_t processes; /* atomic */

uint32_t process_new_id(void)
{
	return __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED) & 0x3fffffffU;
}

uint32_t process_count(void)
{
	return __atomic_load_n(&processes, __ATOMIC_RELAXED);
}

struct process *process_current(void)
{
	struct user_thread *user = thread_current()->user;

	return user != NULL ? user->process : NULL;
}

void process_get(struct process *process)
{
	__atomic_add_fetch(&process->references, 1, __ATOMIC_RELAXED);
}

void process_put(struct process *process)
{
	if (__atomic_sub_fetch(&process->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	__atomic_sub_fetch(&processes, 1, __ATOMIC_RELAXED);
	kfree_secret(process);
}

struct process *process_alloc(struct process *parent, const char *name)
{
	struct process *process;

	if (__atomic_add_fetch(&processes, 1, __ATOMIC_RELAXED) > PROCESS_MAX ||
	    (process = kalloc(sizeof(*process))) == NULL) {
		__atomic_sub_fetch(&processes, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	process->references = 1; /* the family tree's, or the creator's */
	process->pid = process_new_id();
	memcpy(process->name, name, strlen(name) + 1);
	list_init(&process->sibling);
	list_init(&process->children);
	list_init(&process->threads);
	wait_queue_init(&process->child_ended);
	wait_queue_init(&process->map_returned);
	if (parent == NULL)
		return process;
	spin_lock(&process_lock);
	process->parent = parent;
	list_add_tail(&parent->children, &process->sibling);
	spin_unlock(&process_lock);
	return process;
}

void process_discard(struct process *process)
{
	spin_lock(&process_lock);
	list_remove(&process->sibling);
	process->parent = NULL;
	spin_unlock(&process_lock);
	if (process->files != NULL)
		file_table_put(process->files);
	if (process->map != NULL)
		vm_map_put(process->map);
	process_put(process);
}

uint32_t process_parent_id(const struct process *process)
{
	uint32_t id;

	spin_lock(&process_lock);
	id = process->parent != NULL ? process->parent->pid : 0;
	spin_unlock(&process_lock);
	return id;
}

/* --- The end ---------------------------------------------------------------------------- */

void process_end(struct process *process, uint32_t status)
{
	struct list *node;

	spin_lock(&process_lock);
	if (!process->ending) {
		process->ending = true;
		process->status = status;
	}
	list_for_each(node, &process->threads)
	{
		struct thread *thread = list_entry(node, struct user_thread, link)->thread;

		WRITE_ONCE(thread->killed, true);
		if (thread == thread_current())
			continue;
		sched_wake(thread);
		smp_reschedule(READ_ONCE(thread->cpu)); /* out of ring 3, if it is there */
	}
	spin_unlock(&process_lock);
}

void process_return_map(struct process *process)
{
	if (!process->borrowed_map)
		return;
	WRITE_ONCE(process->borrowed_map, false);
	wait_wake_all(&process->map_returned);
}

/* Nobody waits for the children of a process that is gone. */
static void orphan_children(struct process *process)
{
	struct list *node;

	for (;;) {
		struct process *child;
		bool ended;

		spin_lock(&process_lock);
		node = list_pop(&process->children);
		if (node == NULL) {
			spin_unlock(&process_lock);
			return;
		}
		child = list_entry(node, struct process, sibling);
		child->parent = NULL;
		ended = child->ended;
		spin_unlock(&process_lock);
		if (ended)
			process_put(child);
	}
}

static void log_end(const struct process *process)
{
	uint32_t status = process->status;

	if ((status & 0x7f) != 0)
		log_warn("%s (%u) ended by signal %u", process->name, process->pid, status & 0x7f);
	else
		log_debug("%s (%u) ended with %u", process->name, process->pid, status >> 8);
}

void process_finish(struct process *process)
{
	struct process *parent;

	file_table_put(process->files);
	vm_map_put(process->map);
	process_return_map(process);
	log_end(process);
	orphan_children(process);
	if (process->essential)
		user_essential_ended(process);
	spin_lock(&process_lock);
	process->ended = true;
	parent = process->parent;
	if (parent != NULL)
		process_get(parent);
	spin_unlock(&process_lock);
	if (parent == NULL) {
		process_put(process);
		return;
	}
	wait_wake_all(&parent->child_ended);
	process_put(parent);
}

/* --- Waiting and signals ---------------------------------------------------------------- */

static struct process *find_child(struct process *parent, int64_t pid)
{
	struct list *node;

	list_for_each(node, &parent->children)
	{
		struct process *child = list_entry(node, struct process, sibling);

		if (child->pid == (uint64_t)pid)
			return child;
	}
	return NULL;
}

static bool wanted(const struct process *child, int64_t pid)
{
	return pid == -1 || child->pid == (uint64_t)pid;
}

/* One look: the id of a child that has ended and is taken, 0: none yet, -ECHILD. */
static int64_t try_wait(struct process *self, int64_t pid, uint32_t *status)
{
	struct process *found = NULL;
	int64_t result = -LINUX_ECHILD;
	struct list *node;

	spin_lock(&process_lock);
	list_for_each(node, &self->children)
	{
		struct process *child = list_entry(node, struct process, sibling);

		if (!wanted(child, pid))
			continue;
		result = 0;
		if (child->ended) {
			found = child;
			break;
		}
	}
	if (found != NULL) {
		list_remove(&found->sibling);
		result = found->pid;
		*status = found->status;
	}
	spin_unlock(&process_lock);
	if (found != NULL)
		process_put(found);
	return result;
}

int64_t process_wait(int64_t pid, bool hang, uint32_t *status)
{
	struct process *self = process_current();
	int64_t result;

	if (pid <= 0 && pid != -1)
		return -LINUX_EINVAL;
	if (!hang)
		return try_wait(self, pid, status);
	if (wait_event(&self->child_ended, (result = try_wait(self, pid, status)) != 0) != OK)
		return -LINUX_EINTR;
	return result;
}

/* What the default action of a signal is: nothing, or the end. */
static bool signal_is_harmless(uint32_t signal)
{
	return signal == 0 || signal == LINUX_SIGCHLD || signal == LINUX_SIGURG ||
	       signal == LINUX_SIGWINCH || signal == LINUX_SIGCONT;
}

int64_t process_signal(int64_t pid, uint32_t signal)
{
	struct process *self = process_current(), *target = self;
	uint64_t handler;

	if (signal >= LINUX_SIGNALS)
		return -LINUX_EINVAL;
	if (pid != self->pid) {
		spin_lock(&process_lock);
		target = find_child(self, pid);
		if (target != NULL)
			process_get(target);
		spin_unlock(&process_lock);
		if (target == NULL)
			return -LINUX_ESRCH;
	} else {
		process_get(self);
	}
	handler = signal == 0 ? SIGNAL_DEFAULT : target->signals[signal - 1].handler;
	if (!signal_is_harmless(signal) && (signal == LINUX_SIGKILL || handler != SIGNAL_IGNORE))
		process_end(target, STATUS_SIGNAL(signal));
	process_put(target);
	return 0;
}

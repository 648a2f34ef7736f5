// SPDX-License-Identifier: MIT
/* poll(2) and ppoll(2): enter the queue of every file, look, sleep, look again. */
#include "syscall.h"

#include "kernel/cache.h"
#include "kernel/clock.h"

#define POLL_MAX FILES_MAX

struct poll_slot {
	struct linux_pollfd poll;
	struct file *file;
	struct wait_entry entry;
};

static int64_t open_slots(struct poll_slot *slots, size_t count, uint64_t user)
{
	for (size_t i = 0; i < count; i++) {
		struct poll_slot *slot = &slots[i];

		if (user_copy_in(&slot->poll, user + i * sizeof(slot->poll), sizeof(slot->poll)) !=
		    OK)
			return -LINUX_EFAULT;
		if (slot->poll.fd >= 0)
			slot->file = file_table_find(process_current()->files, slot->poll.fd);
	}
	return 0;
}

/* What holds now; how many slots have something. */
static int64_t look(struct poll_slot *slots, size_t count)
{
	const int unasked = LINUX_POLLERR | LINUX_POLLHUP;
	int64_t ready = 0;

	for (size_t i = 0; i < count; i++) {
		struct poll_slot *slot = &slots[i];
		int holds = LINUX_POLLIN | LINUX_POLLOUT;

		slot->poll.revents = 0;
		if (slot->poll.fd < 0)
			continue;
		if (slot->file == NULL)
			holds = LINUX_POLLNVAL;
		else if (slot->file->operations->poll != NULL)
			holds = slot->file->operations->poll(slot->file);
		holds &= slot->poll.events | unasked | LINUX_POLLNVAL;
		slot->poll.revents = (int16_t)holds;
		ready += holds != 0;
	}
	return ready;
}

static void enter_queues(struct poll_slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slots[i].file != NULL && slots[i].file->queue != NULL)
			wait_prepare(slots[i].file->queue, &slots[i].entry);
}

/* Each waiter is woken by wait_wake_all() on these queues: nothing need be passed on. */
static void leave_queues(struct poll_slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slots[i].file != NULL && slots[i].file->queue != NULL)
			(void)wait_finish(slots[i].file->queue, &slots[i].entry);
}

static int64_t wait_ready(struct poll_slot *slots, size_t count, uint64_t deadline_ns)
{
	for (;;) {
		enum error error = OK;
		int64_t ready;

		enter_queues(slots, count);
		ready = look(slots, count);
		if (ready == 0)
			error = wait_sleep(deadline_ns);
		leave_queues(slots, count);
		if (ready != 0)
			return ready;
		if (error == ERR_TIMEOUT)
			return look(slots, count);
		if (error != OK)
			return -LINUX_EINTR;
	}
}

static int64_t put_results(const struct poll_slot *slots, size_t count, uint64_t user)
{
	for (size_t i = 0; i < count; i++)
		if (user_copy_out(user + i * sizeof(slots[i].poll), &slots[i].poll,
				  sizeof(slots[i].poll)) != OK)
			return -LINUX_EFAULT;
	return 0;
}

static int64_t do_poll(uint64_t user, uint64_t count, uint64_t deadline_ns)
{
	struct poll_slot *slots;
	int64_t result, ready = 0;

	if (count > POLL_MAX)
		return -LINUX_EINVAL;
	slots = kalloc((count + 1) * sizeof(*slots));
	if (slots == NULL)
		return -LINUX_ENOMEM;
	result = open_slots(slots, count, user);
	if (result == 0)
		ready = wait_ready(slots, count, deadline_ns);
	if (result == 0 && ready >= 0)
		result = put_results(slots, count, user);
	for (size_t i = 0; i < count; i++)
		if (slots[i].file != NULL)
			file_put(slots[i].file);
	kfree(slots);
	return result != 0 ? result : ready;
}

int64_t sys_poll(struct trap_frame *frame)
{
	int64_t timeout_ms = INT_OF(ARG2(frame));
	uint64_t deadline = WAIT_FOREVER;

	if (timeout_ms >= 0)
		deadline = clock_ns() + (uint64_t)timeout_ms * 1000000ULL;
	return do_poll(ARG0(frame), (uint32_t)ARG1(frame), deadline);
}

int64_t sys_ppoll(struct trap_frame *frame)
{
	uint64_t deadline = WAIT_FOREVER, ns;

	if (ARG2(frame) != 0) {
		int64_t result = syscall_timespec(ARG2(frame), &ns);

		if (result != 0)
			return result;
		if (__builtin_add_overflow(clock_ns(), ns, &deadline))
			deadline = WAIT_FOREVER;
	}
	return do_poll(ARG0(frame), ARG1(frame), deadline);
}

// SPDX-License-Identifier: MIT
/* eventfd(2): a counter that can be waited for. */
#include "kernel/file.h"

#include "kernel/cache.h"
#include "kernel/user_copy.h"

#define COUNTER_MAX (UINT64_MAX - 1)

struct eventfd {
	struct mutex lock;
	struct wait_queue changed;
	uint64_t counter;
	bool semaphore;
};

/* One attempt; false: the counter is 0. */
static bool try_take(struct eventfd *event, uint64_t *value)
{
	mutex_lock(&event->lock);
	*value = event->semaphore && event->counter != 0 ? 1 : event->counter;
	event->counter -= *value;
	mutex_unlock(&event->lock);
	return *value != 0;
}

static bool try_add(struct eventfd *event, uint64_t value)
{
	bool fits;

	mutex_lock(&event->lock);
	fits = value <= COUNTER_MAX - event->counter;
	if (fits)
		event->counter += value;
	mutex_unlock(&event->lock);
	return fits;
}

static int64_t eventfd_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	struct eventfd *event = file->object;
	uint64_t value;

	(void)offset;
	if (size < sizeof(value))
		return -LINUX_EINVAL;
	if (file_nonblocking(file)) {
		if (!try_take(event, &value))
			return -LINUX_EAGAIN;
	} else if (wait_event(&event->changed, try_take(event, &value)) != OK) {
		return -LINUX_EINTR;
	}
	wait_wake_all(&event->changed);
	return user_copy_out(user, &value, sizeof(value)) == OK ? (int64_t)sizeof(value)
								: -LINUX_EFAULT;
}

static int64_t eventfd_write(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	struct eventfd *event = file->object;
	uint64_t value;

	(void)offset;
	if (size < sizeof(value))
		return -LINUX_EINVAL;
	if (user_copy_in(&value, user, sizeof(value)) != OK)
		return -LINUX_EFAULT;
	if (value == UINT64_MAX)
		return -LINUX_EINVAL;
	if (file_nonblocking(file)) {
		if (!try_add(event, value))
			return -LINUX_EAGAIN;
	} else if (wait_event(&event->changed, try_add(event, value)) != OK) {
		return -LINUX_EINTR;
	}
	wait_wake_all(&event->changed);
	return sizeof(value);
}

static int16_t eventfd_poll(struct file *file)
{
	const struct eventfd *event = file->object;
	uint64_t counter = READ_ONCE(event->counter);
	uint32_t mask = 0;

	if (counter != 0)
		mask |= LINUX_POLLIN;
	if (counter < COUNTER_MAX)
		mask |= LINUX_POLLOUT;
	return (int16_t)mask;
}

static void eventfd_close(struct file *file)
{
	kfree(file->object);
}

static const struct file_operations eventfd_operations = {
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.close = eventfd_close,
};

enum error eventfd_create(uint64_t value, uint32_t flags, bool semaphore, struct file **out)
{
	struct eventfd *event = kalloc(sizeof(*event));
	enum error error;

	*out = NULL;
	if (event == NULL)
		return ERR_NO_MEMORY;
	mutex_init(&event->lock);
	wait_queue_init(&event->changed);
	event->counter = value;
	event->semaphore = semaphore;
	error = file_create(&eventfd_operations, flags | LINUX_O_RDWR, event, out);
	if (error != OK) {
		kfree(event);
		return error;
	}
	(*out)->mode = 0600;
	(*out)->queue = &event->changed;
	return OK;
}

// SPDX-License-Identifier: MIT
/* Pipes: a ring of 4 KiB between two files. Writes of up to that size are atomic (PIPE_BUF). */
#include "kernel/file.h"

#include "kernel/cache.h"
#include "kernel/user_copy.h"

#define PIPE_SIZE 4096U

struct pipe {
	struct mutex lock;
	struct wait_queue changed;
	uint32_t references; /* atomic: the two files */
	bool reader_gone;
	bool writer_gone;
	uint32_t first; /* of the bytes in the ring */
	uint32_t count;
	uint8_t ring[PIPE_SIZE];
};

/* Copy out of the ring, in at most two parts. */
static enum error take(struct pipe *pipe, uint64_t user, uint32_t size)
{
	uint32_t part = PIPE_SIZE - pipe->first;
	enum error error;

	part = part < size ? part : size;
	error = user_copy_out(user, pipe->ring + pipe->first, part);
	if (error == OK && size > part)
		error = user_copy_out(user + part, pipe->ring, size - part);
	if (error != OK)
		return error;
	pipe->first = (pipe->first + size) % PIPE_SIZE;
	pipe->count -= size;
	return OK;
}

static enum error put(struct pipe *pipe, uint64_t user, uint32_t size)
{
	uint32_t end = (pipe->first + pipe->count) % PIPE_SIZE;
	uint32_t part = PIPE_SIZE - end;
	enum error error;

	part = part < size ? part : size;
	error = user_copy_in(pipe->ring + end, user, part);
	if (error == OK && size > part)
		error = user_copy_in(pipe->ring, user + part, size - part);
	if (error == OK)
		pipe->count += size;
	return error;
}

/* One attempt; -EAGAIN: nothing there yet. */
static int64_t try_read(struct pipe *pipe, uint64_t user, size_t size)
{
	int64_t result = -LINUX_EAGAIN;

	mutex_lock(&pipe->lock);
	if (pipe->count != 0) {
		uint32_t part = pipe->count < size ? pipe->count : (uint32_t)size;

		result = take(pipe, user, part) == OK ? (int64_t)part : -LINUX_EFAULT;
	} else if (pipe->writer_gone) {
		result = 0;
	}
	mutex_unlock(&pipe->lock);
	return result;
}

static int64_t try_write(struct pipe *pipe, uint64_t user, size_t size)
{
	int64_t result = -LINUX_EAGAIN;
	uint32_t room;

	mutex_lock(&pipe->lock);
	room = PIPE_SIZE - pipe->count;
	if (pipe->reader_gone) {
		result = -LINUX_EPIPE;
	} else if (room >= size || (size > PIPE_SIZE && room != 0)) {
		uint32_t part = room < size ? room : (uint32_t)size;

		result = put(pipe, user, part) == OK ? (int64_t)part : -LINUX_EFAULT;
	}
	mutex_unlock(&pipe->lock);
	return result;
}

static int64_t pipe_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	struct pipe *pipe = file->object;
	int64_t result = -LINUX_EAGAIN;

	(void)offset;
	if (size == 0)
		return 0;
	if (file_nonblocking(file))
		result = try_read(pipe, user, size);
	else if (wait_event(&pipe->changed,
			    (result = try_read(pipe, user, size)) != -LINUX_EAGAIN) != OK)
		return -LINUX_EINTR;
	if (result > 0)
		wait_wake_all(&pipe->changed);
	return result;
}

static int64_t pipe_write(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	struct pipe *pipe = file->object;
	int64_t result = -LINUX_EAGAIN;
	size_t done = 0;

	(void)offset;
	while (done < size) {
		if (file_nonblocking(file))
			result = try_write(pipe, user + done, size - done);
		else if (wait_event(&pipe->changed,
				    (result = try_write(pipe, user + done, size - done)) !=
					    -LINUX_EAGAIN) != OK)
			result = -LINUX_EINTR;
		if (result < 0)
			return done != 0 ? (int64_t)done : result;
		done += (size_t)result;
		wait_wake_all(&pipe->changed);
	}
	return (int64_t)done;
}

static int16_t pipe_poll_read(struct file *file)
{
	const struct pipe *pipe = file->object;
	uint32_t mask = 0;

	if (READ_ONCE(pipe->count) != 0)
		mask |= LINUX_POLLIN;
	if (READ_ONCE(pipe->writer_gone))
		mask |= LINUX_POLLHUP;
	return (int16_t)mask;
}

static int16_t pipe_poll_write(struct file *file)
{
	const struct pipe *pipe = file->object;

	if (READ_ONCE(pipe->reader_gone))
		return LINUX_POLLOUT | LINUX_POLLERR;
	return READ_ONCE(pipe->count) < PIPE_SIZE ? LINUX_POLLOUT : 0;
}

static void pipe_end_closed(struct pipe *pipe, bool *gone)
{
	WRITE_ONCE(*gone, true);
	wait_wake_all(&pipe->changed);
	if (__atomic_sub_fetch(&pipe->references, 1, __ATOMIC_ACQ_REL) == 0)
		kfree_secret(pipe);
}

static void pipe_close_reader(struct file *file)
{
	struct pipe *pipe = file->object;

	pipe_end_closed(pipe, &pipe->reader_gone);
}

static void pipe_close_writer(struct file *file)
{
	struct pipe *pipe = file->object;

	pipe_end_closed(pipe, &pipe->writer_gone);
}

static const struct file_operations reader_operations = {
	.read = pipe_read,
	.poll = pipe_poll_read,
	.close = pipe_close_reader,
};

static const struct file_operations writer_operations = {
	.write = pipe_write,
	.poll = pipe_poll_write,
	.close = pipe_close_writer,
};

enum error pipe_create(uint32_t flags, struct file **reader, struct file **writer)
{
	struct pipe *pipe = kalloc(sizeof(*pipe));
	enum error error;

	*reader = NULL;
	*writer = NULL;
	if (pipe == NULL)
		return ERR_NO_MEMORY;
	mutex_init(&pipe->lock);
	wait_queue_init(&pipe->changed);
	pipe->references = 2;
	error = file_create(&reader_operations, flags | LINUX_O_RDONLY, pipe, reader);
	if (error != OK) {
		kfree(pipe);
		return error;
	}
	error = file_create(&writer_operations, flags | LINUX_O_WRONLY, pipe, writer);
	if (error != OK) {
		pipe->references = 1;
		file_put(*reader);
		*reader = NULL;
		return error;
	}
	(*reader)->mode = (*writer)->mode = LINUX_S_IFIFO | 0600;
	(*reader)->queue = (*writer)->queue = &pipe->changed;
	return OK;
}

// SPDX-License-Identifier: MIT
/* /dev/null, /dev/zero, /dev/random, /dev/urandom, /dev/log and the standard streams' /dev/console.
 */
#include "kernel/devices.h"

#include "kernel/cache.h"
#include "kernel/log.h"
#include "kernel/process.h"
#include "kernel/rng.h"
#include "kernel/string.h"
#include "kernel/user_copy.h"
#include "kernel/vfs.h"

#define LOG_TEXT_MAX 160
#define RANDOM_CHUNK 256

static int64_t null_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	(void)file;
	(void)user;
	(void)size;
	(void)offset;
	return 0;
}

static int64_t null_write(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	(void)file;
	(void)user;
	(void)offset;
	return (int64_t)size;
}

static int64_t zero_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	(void)file;
	(void)offset;
	return user_zero(user, size) == OK ? (int64_t)size : -LINUX_EFAULT;
}

static int64_t random_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	uint8_t chunk[RANDOM_CHUNK];
	int64_t result = (int64_t)size;

	(void)file;
	(void)offset;
	for (size_t done = 0; done < size && result > 0;) {
		size_t part = size - done < sizeof(chunk) ? size - done : sizeof(chunk);

		if (rng_bytes(chunk, part) != OK)
			result = -LINUX_EIO;
		else if (user_copy_out(user + done, chunk, part) != OK)
			result = -LINUX_EFAULT;
		done += part;
	}
	memory_wipe(chunk, sizeof(chunk));
	return result;
}

/* --- /dev/log: text of services, line by line ------------------------------------------------ */

/* A line under construction; writes need not end at a line's end. */
struct log_stream {
	struct mutex lock;
	size_t used;
	char text[LOG_TEXT_MAX + 1];
};

static void flush_line(struct log_stream *stream)
{
	stream->text[stream->used] = 0;
	if (stream->used != 0)
		log_info("%s: %s", process_current()->name, stream->text);
	stream->used = 0;
}

/* What a service prints goes to a console: no control characters. */
static void add_text(struct log_stream *stream, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (c == '\n' || stream->used == LOG_TEXT_MAX)
			flush_line(stream);
		if (c != '\n' && c != '\r')
			stream->text[stream->used++] = c >= ' ' && c < 0x7f ? c : '?';
	}
}

static int64_t log_write_text(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	struct log_stream *stream = file->object;
	char chunk[LOG_TEXT_MAX];
	size_t done = 0;

	(void)offset;
	mutex_lock(&stream->lock);
	while (done < size) {
		size_t part = size - done < sizeof(chunk) ? size - done : sizeof(chunk);

		if (user_copy_in(chunk, user + done, part) != OK)
			break;
		add_text(stream, chunk, part);
		done += part;
	}
	mutex_unlock(&stream->lock);
	return done != 0 || size == 0 ? (int64_t)done : -LINUX_EFAULT;
}

static int64_t log_open(struct file *file, const struct vfs_device *device)
{
	struct log_stream *stream = kalloc(sizeof(*stream));

	(void)device;
	if (stream == NULL)
		return -LINUX_ENOMEM;
	mutex_init(&stream->lock);
	file->object = stream;
	return 0;
}

static void log_close(struct file *file)
{
	struct log_stream *stream = file->object;

	stream->text[stream->used] = 0;
	if (stream->used != 0)
		log_info("%s", stream->text);
	kfree_secret(stream);
}

static const struct file_operations null_operations = {.read = null_read, .write = null_write};
static const struct file_operations zero_operations = {.read = zero_read, .write = null_write};
static const struct file_operations random_operations = {.read = random_read, .write = null_write};
static const struct file_operations log_operations = {
	.read = null_read, .write = log_write_text, .close = log_close};

static const struct vfs_device devices[] = {
	{.path = "/dev/null", .operations = &null_operations, .open_to_all = true},
	{.path = "/dev/zero", .operations = &zero_operations, .open_to_all = true},
	{.path = "/dev/random", .operations = &random_operations, .open_to_all = true},
	{.path = "/dev/urandom", .operations = &random_operations, .open_to_all = true},
	{.path = "/dev/log", .operations = &log_operations, .open = log_open},
};

enum error devices_init(void)
{
	enum error error = OK;

	for (size_t i = 0; i < ARRAY_SIZE(devices) && error == OK; i++)
		error = vfs_add_device(&devices[i]);
	if (error == OK)
		error = service_devices_init();
	return error;
}

// SPDX-License-Identifier: MIT
/* Channels: a queue of messages in each direction. */
#include "kernel/channel.h"

#include "kernel/cache.h"
#include "kernel/user_copy.h"

#define CHANNEL_FILE_COST KIB(2) /* a passed file may be all that keeps its object alive */

struct message {
	struct list link;
	size_t size;
	size_t taken; /* bytes of a stream that were read already */
	size_t file_count;
	size_t charged_files; /* file_count when it was sent */
	struct file *files[CHANNEL_FILES_MAX];
	uint8_t data[];
};

struct direction {
	struct list messages;
	size_t cost; /* of all messages */
	bool reader_gone;
	bool writer_gone;
};

struct channel {
	struct mutex lock;
	struct wait_queue changed;
	uint32_t references; /* atomic: the ends that are open */
	bool stream;
	struct direction directions[2]; /* [i]: what end i reads */
};

/* One end: which of the two it is. */
struct end {
	struct channel *channel;
	unsigned int index;
};

static struct direction *incoming(const struct end *end)
{
	return &end->channel->directions[end->index];
}

static struct direction *outgoing(const struct end *end)
{
	return &end->channel->directions[1 - end->index];
}

static void message_free(struct message *message)
{
	for (size_t i = 0; i < message->file_count; i++)
		file_put(message->files[i]);
	kfree_secret(message);
}

/* What a message counts for on the way: also empty ones, and files more than their bytes. */
static size_t cost_of(const struct message *message)
{
	return message->size + sizeof(*message) + message->charged_files * CHANNEL_FILE_COST;
}

/* --- Sending ---------------------------------------------------------------------------- */

static int64_t total_size(struct channel_buffers buffers)
{
	size_t total = 0;

	for (size_t i = 0; i < buffers.count; i++) {
		if (buffers.vectors[i].size > CHANNEL_MESSAGE_MAX)
			return -LINUX_EMSGSIZE;
		total += buffers.vectors[i].size;
	}
	return total <= CHANNEL_MESSAGE_MAX ? (int64_t)total : -LINUX_EMSGSIZE;
}

/* A message with the bytes, without files. 0 or -errno. */
static int64_t make_message(struct channel_buffers buffers, size_t size, struct message **out)
{
	struct message *message = kalloc(sizeof(*message) + size);

	if (message == NULL)
		return -LINUX_ENOMEM;
	for (size_t i = 0; i < buffers.count; i++) {
		const struct linux_iovec *vector = &buffers.vectors[i];

		if (user_copy_in(message->data + message->size, vector->base, vector->size) != OK) {
			kfree_secret(message);
			return -LINUX_EFAULT;
		}
		message->size += vector->size;
	}
	*out = message;
	return 0;
}

/* -EAGAIN: no room yet. */
static int64_t try_enqueue(const struct end *end, struct message *message)
{
	struct direction *direction = outgoing(end);
	int64_t result = -LINUX_EAGAIN;

	mutex_lock(&end->channel->lock);
	if (direction->reader_gone) {
		result = -LINUX_EPIPE;
	} else if (direction->cost + cost_of(message) <= CHANNEL_QUEUE_MAX) {
		direction->cost += cost_of(message);
		list_add_tail(&direction->messages, &message->link);
		result = 0;
	}
	mutex_unlock(&end->channel->lock);
	return result;
}

int64_t channel_send(struct file *file, struct channel_buffers buffers, struct file **files,
		     size_t file_count)
{
	struct end *end = file->object;
	int64_t size = total_size(buffers), result;
	struct message *message;

	if (size < 0)
		return size;
	result = make_message(buffers, (size_t)size, &message);
	if (result != 0)
		return result;
	message->file_count = file_count;
	message->charged_files = file_count;
	for (size_t i = 0; i < file_count; i++)
		message->files[i] = files[i];
	if (file_nonblocking(file))
		result = try_enqueue(end, message);
	else if (wait_event(&end->channel->changed,
			    (result = try_enqueue(end, message)) != -LINUX_EAGAIN) != OK)
		result = -LINUX_EINTR;
	if (result != 0) {
		message->file_count = 0; /* they stay the caller's */
		message_free(message);
		return result;
	}
	wait_wake_all(&end->channel->changed);
	return size;
}

/* --- Receiving -------------------------------------------------------------------------- */

/* Copy what fits; the number of bytes, or -EFAULT. */
static int64_t copy_out(const struct message *message, struct channel_buffers buffers)
{
	size_t done = message->taken;

	for (size_t i = 0; i < buffers.count && done < message->size; i++) {
		const struct linux_iovec *vector = &buffers.vectors[i];
		size_t left = message->size - done;
		size_t part = vector->size < left ? (size_t)vector->size : left;

		if (user_copy_out(vector->base, message->data + done, part) != OK)
			return -LINUX_EFAULT;
		done += part;
	}
	return (int64_t)(done - message->taken);
}

static void hand_over_files(struct message *message, struct channel_received *received)
{
	for (size_t i = 0; i < message->file_count; i++)
		received->files[i] = message->files[i];
	received->file_count = message->file_count;
	message->file_count = 0;
}

static int64_t take_first(struct channel *channel, struct direction *direction,
			  struct channel_buffers buffers, struct channel_received *received)
{
	struct message *message = list_entry(direction->messages.next, struct message, link);
	int64_t size = copy_out(message, buffers);

	if (size < 0)
		return size;
	hand_over_files(message, received);
	message->taken += (size_t)size;
	if (channel->stream && message->taken < message->size)
		return size;
	received->truncated = message->taken < message->size;
	direction->cost -= cost_of(message);
	list_remove(&message->link);
	message_free(message);
	return size;
}

static int64_t try_receive(const struct end *end, struct channel_buffers buffers,
			   struct channel_received *received)
{
	struct direction *direction = incoming(end);
	int64_t result = -LINUX_EAGAIN;

	mutex_lock(&end->channel->lock);
	if (!list_empty(&direction->messages))
		result = take_first(end->channel, direction, buffers, received);
	else if (direction->writer_gone)
		result = 0;
	mutex_unlock(&end->channel->lock);
	return result;
}

int64_t channel_receive(struct file *file, struct channel_buffers buffers,
			struct channel_received *received)
{
	struct end *end = file->object;
	int64_t result;

	*received = (struct channel_received){0};
	if (file_nonblocking(file))
		result = try_receive(end, buffers, received);
	else if (wait_event(&end->channel->changed,
			    (result = try_receive(end, buffers, received)) != -LINUX_EAGAIN) != OK)
		return -LINUX_EINTR;
	if (result > 0)
		wait_wake_all(&end->channel->changed);
	return result;
}

/* --- As a file -------------------------------------------------------------------------- */

static int64_t channel_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	const struct linux_iovec vector = {user, size};
	struct channel_received received;
	int64_t result = channel_receive(file, (struct channel_buffers){&vector, 1}, &received);

	(void)offset;
	for (size_t i = 0; i < received.file_count; i++)
		file_put(received.files[i]); /* read(2) has no place for them */
	return result;
}

static int64_t channel_write(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	const struct linux_iovec vector = {user, size};

	(void)offset;
	return channel_send(file, (struct channel_buffers){&vector, 1}, NULL, 0);
}

static int16_t channel_poll(struct file *file)
{
	struct end *end = file->object;
	uint32_t mask = 0;

	mutex_lock(&end->channel->lock);
	if (!list_empty(&incoming(end)->messages) || incoming(end)->writer_gone)
		mask |= LINUX_POLLIN;
	if (incoming(end)->writer_gone)
		mask |= LINUX_POLLHUP;
	if (outgoing(end)->cost < CHANNEL_QUEUE_MAX / 2 || outgoing(end)->reader_gone)
		mask |= LINUX_POLLOUT;
	mutex_unlock(&end->channel->lock);
	return (int16_t)mask;
}

static void drop_messages(struct direction *direction)
{
	struct list *node;

	while ((node = list_pop(&direction->messages)) != NULL)
		message_free(list_entry(node, struct message, link));
}

static void channel_close(struct file *file)
{
	struct end *end = file->object;
	struct channel *channel = end->channel;

	mutex_lock(&channel->lock);
	incoming(end)->reader_gone = true;
	outgoing(end)->writer_gone = true;
	drop_messages(incoming(end));
	mutex_unlock(&channel->lock);
	wait_wake_all(&channel->changed);
	kfree(end);
	if (__atomic_sub_fetch(&channel->references, 1, __ATOMIC_ACQ_REL) == 0)
		kfree(channel);
}

static const struct file_operations channel_operations = {
	.read = channel_read,
	.write = channel_write,
	.poll = channel_poll,
	.close = channel_close,
};

bool file_is_channel(const struct file *file)
{
	return file->operations == &channel_operations;
}

static enum error make_end(struct channel *channel, unsigned int index, uint32_t flags,
			   struct file **out)
{
	struct end *end = kalloc(sizeof(*end));
	enum error error = ERR_NO_MEMORY;

	*out = NULL;
	if (end == NULL)
		return ERR_NO_MEMORY;
	end->channel = channel;
	end->index = index;
	error = file_create(&channel_operations, flags | LINUX_O_RDWR, end, out);
	if (error != OK) {
		kfree(end);
		return error;
	}
	(*out)->mode = LINUX_S_IFSOCK | 0777;
	(*out)->queue = &channel->changed;
	channel->references++;
	return OK;
}

enum error channel_create(bool stream, uint32_t flags, struct file **a, struct file **b)
{
	struct channel *channel = kalloc(sizeof(*channel));
	enum error error;

	*a = NULL;
	*b = NULL;
	if (channel == NULL)
		return ERR_NO_MEMORY;
	mutex_init(&channel->lock);
	wait_queue_init(&channel->changed);
	channel->stream = stream;
	list_init(&channel->directions[0].messages);
	list_init(&channel->directions[1].messages);
	error = make_end(channel, 0, flags, a);
	if (error != OK) {
		kfree(channel);
		return error;
	}
	error = make_end(channel, 1, flags, b);
	if (error != OK) {
		file_put(*a); /* the only end: frees the channel */
		*a = NULL;
	}
	return error;
}

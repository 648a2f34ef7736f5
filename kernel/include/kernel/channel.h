/* SPDX-License-Identifier: MIT */
/*
 * Channels: socketpair(2) of the UNIX domain, with handles passed along (SCM_RIGHTS). A channel
 * itself cannot be passed, so that no channel can keep itself alive.
 */
#ifndef KERNEL_CHANNEL_H
#define KERNEL_CHANNEL_H

#include "kernel/file.h"

#define CHANNEL_FILES_MAX   8
#define CHANNEL_MESSAGE_MAX KIB(16)
#define CHANNEL_QUEUE_MAX   KIB(40) /* bytes on the way in one direction, with overhead */

/* Two ends. `stream`: bytes without boundaries; else messages. ERR_NO_MEMORY. */
MUST_CHECK enum error channel_create(bool stream, uint32_t flags, struct file **a, struct file **b);

bool file_is_channel(const struct file *file);

/* The buffers of one transfer, in user memory; at most `count` of them. */
struct channel_buffers {
	const struct linux_iovec *vectors;
	size_t count;
};

/*
 * Send one message with `file_count` files, whose references are taken over on success. Bytes sent,
 * -EPIPE, -EAGAIN, -EINTR, -EFAULT, -ENOMEM, -EMSGSIZE.
 */
int64_t channel_send(struct file *file, struct channel_buffers buffers, struct file **files,
		     size_t file_count);

struct channel_received {
	struct file *files[CHANNEL_FILES_MAX]; /* references are the caller's */
	size_t file_count;
	bool truncated; /* the message was longer than the buffers */
};

/* Receive; 0 when the other end is closed. Bytes, -EAGAIN, -EINTR, -EFAULT. */
int64_t channel_receive(struct file *file, struct channel_buffers buffers,
			struct channel_received *received);

#endif

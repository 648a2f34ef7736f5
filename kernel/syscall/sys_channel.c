// SPDX-License-Identifier: MIT
/* System calls on channels: socketpair(2) and messages with handles. No other sockets. */
#include "syscall.h"

#include "kernel/channel.h"

#define AF_UNIX        1
#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_SEQPACKET 5
#define SOCK_TYPE_MASK 0xfU
#define SOL_SOCKET     1
#define SCM_RIGHTS     1
#define MSG_TRUNC      0x20
#define MSG_CTRUNC     0x8
#define MSG_DONTWAIT   0x40U
#define MSG_NOSIGNAL   0x4000U
#define MSG_CLOEXEC    0x40000000U
#define VECTORS_MAX    16

struct linux_msghdr {
	uint64_t name;
	uint32_t name_size;
	uint32_t pad0;
	uint64_t vectors;
	uint64_t vector_count;
	uint64_t control;
	uint64_t control_size;
	int32_t flags;
	int32_t pad1;
};
LAYOUT_SIZE(struct linux_msghdr, 56);

struct linux_cmsg {
	uint64_t size; /* with this header */
	int32_t level;
	int32_t type;
	int32_t handles[CHANNEL_FILES_MAX];
};
#define CMSG_HEADER 16

int64_t sys_socketpair(struct trap_frame *frame)
{
	struct file_table *files = process_current()->files;
	uint64_t type = ARG1(frame), kind = type & SOCK_TYPE_MASK;
	const uint64_t known = SOCK_TYPE_MASK | LINUX_O_CLOEXEC | LINUX_O_NONBLOCK;
	bool cloexec = (type & LINUX_O_CLOEXEC) != 0;
	struct file *a, *b;
	int32_t handles[2];

	if (ARG0(frame) != AF_UNIX)
		return -LINUX_EAFNOSUPPORT;
	if ((kind != SOCK_STREAM && kind != SOCK_DGRAM && kind != SOCK_SEQPACKET) ||
	    (type & ~known) != 0 || ARG2(frame) != 0)
		return -LINUX_EINVAL;
	if (channel_create(kind == SOCK_STREAM, (uint32_t)type & LINUX_O_NONBLOCK, &a, &b) != OK)
		return -LINUX_ENOMEM;
	handles[0] = (int32_t)file_table_add(files, a, 0, cloexec);
	handles[1] = (int32_t)file_table_add(files, b, 0, cloexec);
	if (handles[0] >= 0 && handles[1] >= 0 &&
	    user_copy_out(ARG3(frame), handles, sizeof(handles)) == OK)
		return 0;
	for (int i = 0; i < 2; i++)
		if (handles[i] >= 0)
			(void)file_table_close(files, handles[i]);
	return handles[0] < 0 || handles[1] < 0 ? -LINUX_EMFILE : -LINUX_EFAULT;
}

/* The channel behind a handle, with a reference. 0, -EBADF, -ENOTSOCK. */
static int64_t find_channel(uint64_t handle, struct file **out)
{
	struct file *file = file_table_find(process_current()->files, INT_OF(handle));

	if (file == NULL)
		return -LINUX_EBADF;
	if (!file_is_channel(file)) {
		file_put(file);
		return -LINUX_ENOTSOCK;
	}
	*out = file;
	return 0;
}

static int64_t read_header(uint64_t user, struct linux_msghdr *header, struct linux_iovec *vectors)
{
	if (user_copy_in(header, user, sizeof(*header)) != OK)
		return -LINUX_EFAULT;
	if (header->vector_count > VECTORS_MAX)
		return -LINUX_EMSGSIZE;
	if (user_copy_in(vectors, header->vectors, header->vector_count * sizeof(*vectors)) != OK)
		return -LINUX_EFAULT;
	return 0;
}

/* --- Handles ---------------------------------------------------------------------------- */

static void put_files(struct file **files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		file_put(files[i]);
}

/* Turn the handles of a control message into files with references. Their number or -errno. */
static int64_t read_handles(const struct linux_msghdr *header, struct file **files)
{
	struct linux_cmsg control = {0};
	size_t size = header->control_size, count;

	if (size == 0)
		return 0;
	if (size < CMSG_HEADER || size > sizeof(control))
		return -LINUX_EINVAL;
	if (user_copy_in(&control, header->control, size) != OK)
		return -LINUX_EFAULT;
	if (control.level != SOL_SOCKET || control.type != SCM_RIGHTS ||
	    control.size < CMSG_HEADER || control.size > size)
		return -LINUX_EINVAL;
	count = (control.size - CMSG_HEADER) / sizeof(control.handles[0]);
	for (size_t i = 0; i < count; i++) {
		files[i] = file_table_find(process_current()->files, control.handles[i]);
		if (files[i] == NULL || file_is_channel(files[i])) {
			put_files(files, files[i] != NULL ? i + 1 : i);
			return files[i] == NULL ? -LINUX_EBADF : -LINUX_EINVAL;
		}
	}
	return (int64_t)count;
}

/* Open the received files here and tell the program; what does not fit is closed. */
static void write_handles(struct linux_msghdr *header, struct channel_received *received,
			  bool cloexec)
{
	struct file_table *table = process_current()->files;
	struct linux_cmsg control = {.level = SOL_SOCKET, .type = SCM_RIGHTS};
	size_t room = header->control_size < CMSG_HEADER
			      ? 0
			      : (header->control_size - CMSG_HEADER) / sizeof(control.handles[0]);
	size_t count = 0;

	header->control_size = 0;
	while (count < received->file_count && count < room) {
		int64_t handle = file_table_add(table, received->files[count], 0, cloexec);

		received->files[count] = NULL;
		if (handle < 0)
			break;
		control.handles[count++] = (int32_t)handle;
	}
	if (count < received->file_count)
		header->flags |= MSG_CTRUNC;
	for (size_t i = 0; i < received->file_count; i++)
		if (received->files[i] != NULL)
			file_put(received->files[i]);
	if (count == 0)
		return;
	control.size = CMSG_HEADER + count * sizeof(control.handles[0]);
	if (user_copy_out(header->control, &control, control.size) == OK)
		header->control_size = control.size;
}

/* --- Messages --------------------------------------------------------------------------- */

int64_t sys_sendmsg(struct trap_frame *frame)
{
	struct linux_iovec vectors[VECTORS_MAX];
	struct file *files[CHANNEL_FILES_MAX];
	struct linux_msghdr header;
	struct file *file;
	int64_t result, count = 0;

	if ((ARG2(frame) & ~(uint64_t)MSG_NOSIGNAL) != 0)
		return -LINUX_EINVAL;
	result = find_channel(ARG0(frame), &file);
	if (result != 0)
		return result;
	result = read_header(ARG1(frame), &header, vectors);
	if (result == 0)
		count = read_handles(&header, files);
	if (result == 0 && count >= 0) {
		result = channel_send(file, (struct channel_buffers){vectors, header.vector_count},
				      files, (size_t)count);
		if (result < 0)
			put_files(files, (size_t)count);
	} else if (result == 0) {
		result = count;
	}
	file_put(file);
	return result;
}

int64_t sys_recvmsg(struct trap_frame *frame)
{
	struct linux_iovec vectors[VECTORS_MAX];
	struct channel_received received;
	struct linux_msghdr header;
	struct file *file;
	int64_t result;

	if ((ARG2(frame) & ~(uint64_t)MSG_CLOEXEC) != 0)
		return -LINUX_EINVAL;
	result = find_channel(ARG0(frame), &file);
	if (result != 0)
		return result;
	result = read_header(ARG1(frame), &header, vectors);
	if (result == 0)
		result = channel_receive(
			file, (struct channel_buffers){vectors, header.vector_count}, &received);
	file_put(file);
	if (result < 0)
		return result;
	header.name_size = 0;
	header.flags = received.truncated ? MSG_TRUNC : 0;
	write_handles(&header, &received, (ARG2(frame) & MSG_CLOEXEC) != 0);
	return user_copy_out(ARG1(frame), &header, sizeof(header)) == OK ? result : -LINUX_EFAULT;
}

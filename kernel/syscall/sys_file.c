// SPDX-License-Identifier: MIT
/* System calls on handles: reading, writing, positions, duplicates. */
#include "syscall.h"

#define IOV_MAX     1024
#define IOV_AT_ONCE 16

typedef int64_t (*transfer_fn)(struct file *file, uint64_t user, size_t size, uint64_t *offset);

static struct file *find(uint64_t handle)
{
	return file_table_find(process_current()->files, INT_OF(handle));
}

static size_t clamp(uint64_t size)
{
	return size < TRANSFER_MAX ? size : TRANSFER_MAX;
}

/* The operation, if the file was opened for it. */
static transfer_fn operation_of(const struct file *file, bool write)
{
	uint32_t mode = file->flags & LINUX_O_ACCMODE;

	if (mode == (write ? LINUX_O_RDONLY : LINUX_O_WRONLY))
		return NULL;
	return write ? file->operations->write : file->operations->read;
}

/* One transfer at the file's own position. */
static int64_t transfer_one(struct file *file, bool write, uint64_t user, size_t size)
{
	transfer_fn operation = operation_of(file, write);
	uint64_t ignored = 0;
	int64_t result;

	if (operation == NULL)
		return -LINUX_EBADF;
	if (!file->operations->seekable)
		return operation(file, user, size, &ignored);
	mutex_lock(&file->position_lock);
	result = operation(file, user, size, &file->position);
	mutex_unlock(&file->position_lock);
	return result;
}

static int64_t transfer(struct trap_frame *frame, bool write)
{
	struct file *file = find(ARG0(frame));
	int64_t result;

	if (file == NULL)
		return -LINUX_EBADF;
	result = transfer_one(file, write, ARG1(frame), clamp(ARG2(frame)));
	file_put(file);
	return result;
}

int64_t sys_read(struct trap_frame *frame)
{
	return transfer(frame, false);
}

int64_t sys_write(struct trap_frame *frame)
{
	return transfer(frame, true);
}

static int64_t transfer_at(struct trap_frame *frame, bool write)
{
	struct file *file = find(ARG0(frame));
	uint64_t offset = ARG3(frame);
	int64_t result = -LINUX_EBADF;

	if (file == NULL)
		return -LINUX_EBADF;
	if ((int64_t)offset < 0)
		result = -LINUX_EINVAL;
	else if (!file->operations->seekable)
		result = -LINUX_ESPIPE;
	else if (operation_of(file, write) != NULL)
		result = operation_of(file, write)(file, ARG1(frame), clamp(ARG2(frame)), &offset);
	file_put(file);
	return result;
}

int64_t sys_pread64(struct trap_frame *frame)
{
	return transfer_at(frame, false);
}

int64_t sys_pwrite64(struct trap_frame *frame)
{
	return transfer_at(frame, true);
}

/* Up to IOV_AT_ONCE buffers; *more is false when the file gave or took less than asked. */
static int64_t transfer_some(struct file *file, bool write, const struct linux_iovec *vectors,
			     size_t count, bool *more)
{
	int64_t done = 0;

	for (size_t i = 0; i < count && *more; i++) {
		size_t size = clamp(vectors[i].size);
		int64_t result;

		if (size == 0)
			continue;
		result = transfer_one(file, write, vectors[i].base, size);
		if (result < 0) {
			*more = false;
			return done != 0 ? done : result;
		}
		done += result;
		*more = (size_t)result == size;
	}
	return done;
}

static int64_t transfer_vector(struct trap_frame *frame, bool write)
{
	struct file *file = find(ARG0(frame));
	uint64_t user = ARG1(frame);
	int64_t left = INT_OF(ARG2(frame)), done = 0, result = 0;
	bool more = true;

	if (file == NULL)
		return -LINUX_EBADF;
	if (left < 0 || left > IOV_MAX)
		result = -LINUX_EINVAL;
	while (left > 0 && more && result >= 0) {
		struct linux_iovec vectors[IOV_AT_ONCE];
		size_t count = left < IOV_AT_ONCE ? (size_t)left : IOV_AT_ONCE;

		if (user_copy_in(vectors, user, count * sizeof(vectors[0])) != OK)
			result = -LINUX_EFAULT;
		else
			result = transfer_some(file, write, vectors, count, &more);
		done += result > 0 ? result : 0;
		user += count * sizeof(vectors[0]);
		left -= (int64_t)count;
	}
	file_put(file);
	return done != 0 ? done : result;
}

int64_t sys_readv(struct trap_frame *frame)
{
	return transfer_vector(frame, false);
}

int64_t sys_writev(struct trap_frame *frame)
{
	return transfer_vector(frame, true);
}

int64_t sys_close(struct trap_frame *frame)
{
	return file_table_close(process_current()->files, INT_OF(ARG0(frame)));
}

static int64_t seek(struct file *file, int64_t offset, uint64_t whence)
{
	int64_t base = 0, position;

	if (!file->operations->seekable)
		return -LINUX_ESPIPE;
	if (whence > LINUX_SEEK_END)
		return -LINUX_EINVAL;
	mutex_lock(&file->position_lock);
	if (whence == LINUX_SEEK_CUR)
		base = (int64_t)file->position;
	else if (whence == LINUX_SEEK_END)
		base = (int64_t)READ_ONCE(file->node->size);
	if (__builtin_add_overflow(base, offset, &position) || position < 0)
		position = -LINUX_EINVAL;
	else
		file->position = (uint64_t)position;
	mutex_unlock(&file->position_lock);
	return position;
}

int64_t sys_lseek(struct trap_frame *frame)
{
	struct file *file = find(ARG0(frame));
	int64_t result;

	if (file == NULL)
		return -LINUX_EBADF;
	result = seek(file, (int64_t)ARG1(frame), ARG2(frame));
	file_put(file);
	return result;
}

int64_t sys_ioctl(struct trap_frame *frame)
{
	struct file *file = find(ARG0(frame));
	int64_t result = -LINUX_ENOTTY;

	if (file == NULL)
		return -LINUX_EBADF;
	if (file->operations->ioctl != NULL)
		result = file->operations->ioctl(file, ARG1(frame), ARG2(frame));
	file_put(file);
	return result;
}

int64_t sys_ftruncate(struct trap_frame *frame)
{
	struct file *file = find(ARG0(frame));
	int64_t result = -LINUX_EINVAL;

	if (file == NULL)
		return -LINUX_EBADF;
	if ((int64_t)ARG1(frame) >= 0)
		result = vfs_truncate(file, ARG1(frame));
	file_put(file);
	return result;
}

int64_t sys_getdents64(struct trap_frame *frame)
{
	struct file *file = find(ARG0(frame));
	int64_t result;

	if (file == NULL)
		return -LINUX_EBADF;
	result = vfs_read_directory(file, ARG1(frame), clamp(ARG2(frame)));
	file_put(file);
	return result;
}

/* --- Duplicates and flags ---------------------------------------------------------------- */

static int64_t duplicate(uint64_t handle, uint64_t lowest, bool close_on_exec)
{
	struct file *file = find(handle);

	if (file == NULL)
		return -LINUX_EBADF;
	return file_table_add(process_current()->files, file, (uint32_t)lowest, close_on_exec);
}

int64_t sys_dup(struct trap_frame *frame)
{
	return duplicate(ARG0(frame), 0, false);
}

static int64_t duplicate_to(uint64_t handle, uint64_t target, bool close_on_exec)
{
	struct file *file = find(handle);

	if (file == NULL)
		return -LINUX_EBADF;
	return file_table_set(process_current()->files, file, INT_OF(target), close_on_exec);
}

int64_t sys_dup2(struct trap_frame *frame)
{
	struct file *file;

	if (INT_OF(ARG0(frame)) != INT_OF(ARG1(frame)))
		return duplicate_to(ARG0(frame), ARG1(frame), false);
	file = find(ARG0(frame));
	if (file == NULL)
		return -LINUX_EBADF;
	file_put(file);
	return INT_OF(ARG1(frame));
}

int64_t sys_dup3(struct trap_frame *frame)
{
	if (INT_OF(ARG0(frame)) == INT_OF(ARG1(frame)) ||
	    (ARG2(frame) & ~(uint64_t)LINUX_O_CLOEXEC) != 0)
		return -LINUX_EINVAL;
	return duplicate_to(ARG0(frame), ARG1(frame), ARG2(frame) != 0);
}

enum {
	F_DUPFD = 0,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	F_DUPFD_CLOEXEC = 1030,
};

#define FD_CLOEXEC 1U

static int64_t control(struct file_table *files, struct file *file, struct trap_frame *frame)
{
	int64_t handle = INT_OF(ARG0(frame));
	uint32_t settable = LINUX_O_NONBLOCK | LINUX_O_APPEND;

	switch (ARG1(frame)) {
	case F_GETFD:
		return file_table_marked(files, handle) ? FD_CLOEXEC : 0;
	case F_SETFD:
		file_table_mark(files, handle, (ARG2(frame) & FD_CLOEXEC) != 0);
		return 0;
	case F_GETFL:
		return file->flags;
	case F_SETFL:
		WRITE_ONCE(file->flags,
			   (file->flags & ~settable) | ((uint32_t)ARG2(frame) & settable));
		return 0;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (ARG2(frame) >= files->limit)
			return -LINUX_EINVAL;
		return duplicate(ARG0(frame), ARG2(frame), ARG1(frame) == F_DUPFD_CLOEXEC);
	default:
		return -LINUX_EINVAL;
	}
}

int64_t sys_fcntl(struct trap_frame *frame)
{
	struct file *file = find(ARG0(frame));
	int64_t result;

	if (file == NULL)
		return -LINUX_EBADF;
	result = control(process_current()->files, file, frame);
	file_put(file);
	return result;
}

/* --- Pipes and events --------------------------------------------------------------------- */

static int64_t make_pipe(uint64_t user, uint64_t flags)
{
	struct file_table *files = process_current()->files;
	bool cloexec = (flags & LINUX_O_CLOEXEC) != 0;
	struct file *reader, *writer;
	int32_t handles[2];

	if ((flags & ~(uint64_t)(LINUX_O_CLOEXEC | LINUX_O_NONBLOCK)) != 0)
		return -LINUX_EINVAL;
	if (pipe_create((uint32_t)flags & LINUX_O_NONBLOCK, &reader, &writer) != OK)
		return -LINUX_ENOMEM;
	handles[0] = (int32_t)file_table_add(files, reader, 0, cloexec);
	handles[1] = (int32_t)file_table_add(files, writer, 0, cloexec);
	if (handles[0] >= 0 && handles[1] >= 0 &&
	    user_copy_out(user, handles, sizeof(handles)) == OK)
		return 0;
	for (int i = 0; i < 2; i++)
		if (handles[i] >= 0)
			(void)file_table_close(files, handles[i]);
	return handles[0] < 0 || handles[1] < 0 ? -LINUX_EMFILE : -LINUX_EFAULT;
}

int64_t sys_pipe(struct trap_frame *frame)
{
	return make_pipe(ARG0(frame), 0);
}

int64_t sys_pipe2(struct trap_frame *frame)
{
	return make_pipe(ARG0(frame), ARG1(frame));
}

int64_t sys_eventfd2(struct trap_frame *frame)
{
	const uint64_t semaphore = 1, known = semaphore | LINUX_O_CLOEXEC | LINUX_O_NONBLOCK;
	uint64_t flags = ARG1(frame);
	struct file *file;

	if ((flags & ~known) != 0)
		return -LINUX_EINVAL;
	if (eventfd_create((uint32_t)ARG0(frame), (uint32_t)flags & LINUX_O_NONBLOCK,
			   (flags & semaphore) != 0, &file) != OK)
		return -LINUX_ENOMEM;
	return file_table_add(process_current()->files, file, 0, (flags & LINUX_O_CLOEXEC) != 0);
}

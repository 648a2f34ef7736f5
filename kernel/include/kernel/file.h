/* SPDX-License-Identifier: MIT */
/*
 * Open files: a reference-counted object with a table of operations, and the handles of a process.
 * Operations copy to and from user memory themselves and return a count or -errno (linux_abi.h).
 */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include "base/list.h"
#include "kernel/error.h"
#include "kernel/linux_abi.h"
#include "kernel/spinlock.h"
#include "kernel/wait.h"

struct file;
struct vfs_node;

struct file_operations {
	/*
	 * Transfer up to `size` bytes at the user address. `offset` is the position to use and
	 * advance, for objects that have one. NULL: EINVAL.
	 */
	int64_t (*read)(struct file *file, uint64_t user, size_t size, uint64_t *offset);
	int64_t (*write)(struct file *file, uint64_t user, size_t size, uint64_t *offset);
	/* POLLIN, POLLOUT, ... that hold now. NULL: always POLLIN | POLLOUT. */
	int16_t (*poll)(struct file *file);
	/* Device control. NULL: ENOTTY. */
	int64_t (*ioctl)(struct file *file, uint64_t command, uint64_t argument);
	/* The last reference is gone. */
	void (*close)(struct file *file);
	bool seekable;
};

struct file {
	const struct file_operations *operations;
	uint32_t references; /* atomic */
	uint32_t flags;      /* O_ACCMODE, O_APPEND, O_NONBLOCK */
	uint32_t mode;       /* S_IF* and permissions, for stat */
	struct mutex position_lock;
	uint64_t position;
	struct vfs_node *node;    /* files of the name space; NULL for pipes and the like */
	struct wait_queue *queue; /* where a change of poll()'s answer is announced; may be NULL */
	void *object;
};

/* A file with one reference. ERR_NO_MEMORY; then `object` is still the caller's. */
MUST_CHECK enum error file_create(const struct file_operations *operations, uint32_t flags,
				  void *object, struct file **out);
void file_get(struct file *file);
void file_put(struct file *file);

static inline bool file_nonblocking(const struct file *file)
{
	return (READ_ONCE(file->flags) & LINUX_O_NONBLOCK) != 0;
}

/* --- Handles ---------------------------------------------------------------------------- */

#define FILES_MAX 256

struct file_table {
	struct spinlock lock;
	uint32_t references; /* atomic */
	uint32_t limit;      /* handles that may be open, at most FILES_MAX */
	uint64_t close_on_exec[FILES_MAX / 64];
	struct file *files[FILES_MAX];
};

MUST_CHECK enum error file_table_create(uint32_t limit, struct file_table **out);
/* A new table with the same files open. ERR_NO_MEMORY. */
MUST_CHECK enum error file_table_copy(struct file_table *table, struct file_table **out);
void file_table_get(struct file_table *table);
void file_table_put(struct file_table *table);

/* The file of a handle, with a reference; NULL: EBADF. */
struct file *file_table_find(struct file_table *table, int64_t handle);

/*
 * Give a file the lowest free handle >= `lowest`; takes over the caller's reference, also on error.
 * Returns the handle or -EMFILE.
 */
int64_t file_table_add(struct file_table *table, struct file *file, uint32_t lowest,
		       bool close_on_exec);

/* Put a file at exactly `handle`, closing what was there. -EBADF for a handle out of range. */
int64_t file_table_set(struct file_table *table, struct file *file, int64_t handle,
		       bool close_on_exec);

/* Close a handle. 0 or -EBADF. */
int64_t file_table_close(struct file_table *table, int64_t handle);

/* Close what is marked close-on-exec. */
void file_table_exec(struct file_table *table);

/* The close-on-exec mark of an open handle. */
bool file_table_marked(struct file_table *table, int64_t handle);
void file_table_mark(struct file_table *table, int64_t handle, bool close_on_exec);

/* --- Objects without a name ---------------------------------------------------------------- */

/* Both ends of a pipe. ERR_NO_MEMORY. */
MUST_CHECK enum error pipe_create(uint32_t flags, struct file **reader, struct file **writer);

/* eventfd(2); `semaphore`: each read takes 1. ERR_NO_MEMORY. */
MUST_CHECK enum error eventfd_create(uint64_t value, uint32_t flags, bool semaphore,
				     struct file **out);

#endif

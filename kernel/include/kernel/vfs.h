/* SPDX-License-Identifier: MIT */
/*
 * The name space of ring 3: the services archive (read-only, in place), device nodes under /dev,
 * and a small writable tree in memory under /tmp. Paths are absolute or relative to the root.
 */
#ifndef KERNEL_VFS_H
#define KERNEL_VFS_H

#include "base/list.h"
#include "kernel/error.h"
#include "kernel/file.h"

#define VFS_PATH_MAX 256 /* bytes, with the terminator */
#define VFS_NAME_MAX 64

struct rights;

struct vfs_device {
	const char *path; /* "/dev/null" */
	const struct file_operations *operations;
	/* Called at each open; NULL: nothing to do. Returns 0 or -errno. */
	int64_t (*open)(struct file *file, const struct vfs_device *device);
	uintptr_t argument;
	bool open_to_all; /* needs no line in a rights file */
};

enum vfs_kind {
	VFS_DIRECTORY,
	VFS_ARCHIVE_FILE, /* bytes in the archive */
	VFS_MEMORY_FILE,  /* below /tmp */
	VFS_DEVICE,
};

struct vfs_node {
	struct list link; /* in the parent's children */
	struct list children;
	struct vfs_node *parent;
	uint32_t references; /* atomic: the tree's and open files' */
	uint32_t ino;
	uint32_t mode;
	enum vfs_kind kind;
	bool writable;       /* a directory in which things may be made */
	bool counted;        /* made by a program: there is a limit of those */
	const uint8_t *data; /* archive file */
	uint64_t size;
	uint8_t *buffer; /* memory file, under vfs_lock() */
	uint64_t capacity;
	const struct vfs_device *device;
	char name[VFS_NAME_MAX];
};

/* Build the tree from the archive. ERR_FORMAT (logged), ERR_NO_MEMORY. Once. */
MUST_CHECK enum error vfs_mount(const uint8_t *archive, size_t size);

/* Add a device node; directories on the way are made. The struct stays. */
MUST_CHECK enum error vfs_add_device(const struct vfs_device *device);

/* Find what a path names, with a reference. 0, -ENOENT, -ENOTDIR, -ENAMETOOLONG. */
int64_t vfs_lookup(const char *path, struct vfs_node **out);
void vfs_node_put(struct vfs_node *node);

/* open(2) for a process with `rights`. 0 or -errno. */
int64_t vfs_open(const char *path, uint32_t flags, const struct rights *rights, struct file **out);

int64_t vfs_make_directory(const char *path, const struct rights *rights);
int64_t vfs_unlink(const char *path, bool directory, const struct rights *rights);
int64_t vfs_truncate(struct file *file, uint64_t size);
void vfs_stat(const struct vfs_node *node, struct linux_stat *out);

/* getdents64(2) on an open directory. */
int64_t vfs_read_directory(struct file *file, uint64_t user, size_t size);

/* Normalise: absolute, no ".", "..", "//", no trailing "/". ERR_RANGE: longer than VFS_PATH_MAX. */
MUST_CHECK enum error vfs_normalize(const char *path, char out[VFS_PATH_MAX]);

#endif

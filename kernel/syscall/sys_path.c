// SPDX-License-Identifier: MIT
/* System calls that name files. Directory handles are not used: paths start at the root. */
#include "syscall.h"

#include "kernel/string.h"

/* A relative path is taken from the root; from an open directory it is not offered. */
static int64_t path_at(uint64_t directory, uint64_t user, char path[VFS_PATH_MAX])
{
	int64_t result = syscall_path(user, path);

	if (result != 0)
		return result;
	if (path[0] != '/' && INT_OF(directory) != LINUX_AT_FDCWD)
		return -LINUX_ENOSYS;
	return 0;
}

static int64_t open_at(uint64_t directory, uint64_t user, uint64_t flags)
{
	struct process *process = process_current();
	char path[VFS_PATH_MAX];
	struct file *file;
	int64_t result = path_at(directory, user, path);

	if (result == 0 && (flags & LINUX_O_ACCMODE) == LINUX_O_ACCMODE)
		result = -LINUX_EINVAL;
	if (result == 0)
		result = vfs_open(path, (uint32_t)flags, &process->rights, &file);
	if (result != 0)
		return result;
	return file_table_add(process->files, file, 0, (flags & LINUX_O_CLOEXEC) != 0);
}

int64_t sys_open(struct trap_frame *frame)
{
	return open_at((uint64_t)LINUX_AT_FDCWD, ARG0(frame), ARG1(frame));
}

int64_t sys_openat(struct trap_frame *frame)
{
	return open_at(ARG0(frame), ARG1(frame), ARG2(frame));
}

int64_t sys_mkdirat(struct trap_frame *frame)
{
	char path[VFS_PATH_MAX];
	int64_t result = path_at(ARG0(frame), ARG1(frame), path);

	return result != 0 ? result : vfs_make_directory(path, &process_current()->rights);
}

int64_t sys_mkdir(struct trap_frame *frame)
{
	char path[VFS_PATH_MAX];
	int64_t result = syscall_path(ARG0(frame), path);

	return result != 0 ? result : vfs_make_directory(path, &process_current()->rights);
}

int64_t sys_unlinkat(struct trap_frame *frame)
{
	char path[VFS_PATH_MAX];
	int64_t result = path_at(ARG0(frame), ARG1(frame), path);

	if ((ARG2(frame) & ~(uint64_t)LINUX_AT_REMOVEDIR) != 0)
		return -LINUX_EINVAL;
	return result != 0 ? result
			   : vfs_unlink(path, ARG2(frame) != 0, &process_current()->rights);
}

static int64_t remove_path(uint64_t user, bool directory)
{
	char path[VFS_PATH_MAX];
	int64_t result = syscall_path(user, path);

	return result != 0 ? result : vfs_unlink(path, directory, &process_current()->rights);
}

int64_t sys_unlink(struct trap_frame *frame)
{
	return remove_path(ARG0(frame), false);
}

int64_t sys_rmdir(struct trap_frame *frame)
{
	return remove_path(ARG0(frame), true);
}

/* There are no symbolic links. */
static int64_t read_link(const char *path)
{
	struct vfs_node *node;
	int64_t result = vfs_lookup(path, &node);

	if (result != 0)
		return result;
	vfs_node_put(node);
	return -LINUX_EINVAL;
}

int64_t sys_readlink(struct trap_frame *frame)
{
	char path[VFS_PATH_MAX];
	int64_t result = syscall_path(ARG0(frame), path);

	return result != 0 ? result : read_link(path);
}

int64_t sys_readlinkat(struct trap_frame *frame)
{
	char path[VFS_PATH_MAX];
	int64_t result = path_at(ARG0(frame), ARG1(frame), path);

	return result != 0 ? result : read_link(path);
}

int64_t sys_getcwd(struct trap_frame *frame)
{
	static const char root[2] = "/";

	if (ARG1(frame) < sizeof(root))
		return -LINUX_ERANGE;
	return user_copy_out(ARG0(frame), root, sizeof(root)) == OK ? (int64_t)sizeof(root)
								    : -LINUX_EFAULT;
}

/* --- stat ------------------------------------------------------------------------------- */

static int64_t put_stat(uint64_t user, const struct linux_stat *stat)
{
	return user_copy_out(user, stat, sizeof(*stat)) == OK ? 0 : -LINUX_EFAULT;
}

static int64_t stat_handle(uint64_t handle, uint64_t user)
{
	struct file *file = file_table_find(process_current()->files, INT_OF(handle));
	struct linux_stat stat;

	if (file == NULL)
		return -LINUX_EBADF;
	if (file->node != NULL)
		vfs_stat(file->node, &stat);
	else
		stat = (struct linux_stat){.nlink = 1, .mode = file->mode, .blksize = PAGE_SIZE};
	file_put(file);
	return put_stat(user, &stat);
}

static int64_t stat_path(const char *path, uint64_t user)
{
	struct linux_stat stat;
	struct vfs_node *node;
	int64_t result = vfs_lookup(path, &node);

	if (result != 0)
		return result;
	vfs_stat(node, &stat);
	vfs_node_put(node);
	return put_stat(user, &stat);
}

int64_t sys_fstat(struct trap_frame *frame)
{
	return stat_handle(ARG0(frame), ARG1(frame));
}

int64_t sys_stat(struct trap_frame *frame)
{
	char path[VFS_PATH_MAX];
	int64_t result = syscall_path(ARG0(frame), path);

	return result != 0 ? result : stat_path(path, ARG1(frame));
}

int64_t sys_newfstatat(struct trap_frame *frame)
{
	char path[VFS_PATH_MAX];
	uint8_t first;
	int64_t result;

	if (user_copy_in(&first, ARG1(frame), 1) != OK)
		return -LINUX_EFAULT;
	if (first == 0 && (ARG3(frame) & LINUX_AT_EMPTY_PATH) != 0)
		return stat_handle(ARG0(frame), ARG2(frame));
	result = path_at(ARG0(frame), ARG1(frame), path);
	return result != 0 ? result : stat_path(path, ARG2(frame));
}

// SPDX-License-Identifier: MIT
/* Opening, making and removing files by name. */
#include "kernel/vfs.h"

#include "kernel/rights.h"
#include "kernel/string.h"
#include "kernel/user_copy.h"
#include "tree.h"

#define DIRECTORY_ENTRIES_MAX 4096

static uint32_t access_of(uint32_t flags)
{
	switch (flags & LINUX_O_ACCMODE) {
	case LINUX_O_RDONLY:
		return RIGHTS_READ;
	case LINUX_O_WRONLY:
		return RIGHTS_WRITE;
	default:
		return RIGHTS_READ | RIGHTS_WRITE;
	}
}

/* Files of the archive are public and measured: whoever runs may read them. */
static int64_t check_open(const struct vfs_node *node, const char *path, uint32_t flags,
			  const struct rights *rights)
{
	uint32_t access = access_of(flags);

	if (node->kind == VFS_DIRECTORY)
		return (access & RIGHTS_WRITE) != 0 ? -LINUX_EISDIR : 0;
	if ((flags & LINUX_O_DIRECTORY) != 0)
		return -LINUX_ENOTDIR;
	if (node->kind == VFS_ARCHIVE_FILE)
		return (access & RIGHTS_WRITE) != 0 ? -LINUX_EROFS : 0;
	if (node->kind == VFS_DEVICE && node->device->open_to_all)
		return 0;
	return rights_allow_open(rights, path, access) ? 0 : -LINUX_EPERM;
}

static const struct file_operations *operations_of(const struct vfs_node *node)
{
	switch (node->kind) {
	case VFS_DIRECTORY:
		return &directory_operations;
	case VFS_ARCHIVE_FILE:
		return &archive_file_operations;
	case VFS_MEMORY_FILE:
		return &memory_file_operations;
	default:
		return node->device->operations;
	}
}

/* Find or, with O_CREAT, make the node; tree locked. */
static int64_t open_node(const char *path, uint32_t flags, const struct rights *rights,
			 struct vfs_node **out)
{
	struct vfs_node *node = tree_walk(path), *parent;
	const char *name;

	*out = node;
	if (node != NULL) {
		if ((flags & LINUX_O_CREAT) != 0 && (flags & LINUX_O_EXCL) != 0)
			return -LINUX_EEXIST;
		return check_open(node, path, flags, rights);
	}
	parent = tree_walk_parent(path, &name);
	if (parent == NULL || (flags & LINUX_O_CREAT) == 0)
		return tree_missing(path);
	if (!rights_allow_open(rights, path, access_of(flags)))
		return -LINUX_EPERM;
	if (!parent->writable)
		return -LINUX_EROFS;
	if (strlen(name) >= VFS_NAME_MAX)
		return -LINUX_ENAMETOOLONG;
	*out = tree_add(parent, name, strlen(name), VFS_MEMORY_FILE, LINUX_S_IFREG | 0600);
	return *out != NULL ? 0 : -LINUX_ENOMEM;
}

static int64_t open_file(struct vfs_node *node, uint32_t flags, struct file **out)
{
	uint32_t kept = LINUX_O_ACCMODE | LINUX_O_APPEND | LINUX_O_NONBLOCK;
	struct file *file;

	if (file_create(operations_of(node), flags & kept, NULL, &file) != OK)
		return -LINUX_ENOMEM;
	__atomic_add_fetch(&node->references, 1, __ATOMIC_RELAXED);
	file->node = node;
	file->mode = node->mode;
	if (node->kind == VFS_MEMORY_FILE && (flags & LINUX_O_TRUNC) != 0)
		node->size = 0;
	*out = file;
	return 0;
}

int64_t vfs_open(const char *path, uint32_t flags, const struct rights *rights, struct file **out)
{
	char normal[VFS_PATH_MAX];
	struct vfs_node *node;
	int64_t result;

	if (vfs_normalize(path, normal) != OK)
		return -LINUX_ENAMETOOLONG;
	mutex_lock(&tree_lock);
	result = open_node(normal, flags, rights, &node);
	if (result == 0)
		result = open_file(node, flags, out);
	mutex_unlock(&tree_lock);
	if (result != 0 || node->kind != VFS_DEVICE || node->device->open == NULL)
		return result;
	result = node->device->open(*out, node->device);
	if (result != 0) {
		/* The device's close belongs to a successful open. */
		(*out)->operations = &directory_operations;
		file_put(*out);
	}
	return result;
}

int64_t vfs_make_directory(const char *path, const struct rights *rights)
{
	char normal[VFS_PATH_MAX];
	struct vfs_node *parent;
	const char *name;
	int64_t result = 0;

	if (vfs_normalize(path, normal) != OK)
		return -LINUX_ENAMETOOLONG;
	mutex_lock(&tree_lock);
	parent = tree_walk_parent(normal, &name);
	if (parent == NULL)
		result = strcmp(normal, "/") == 0 ? -LINUX_EEXIST : tree_missing(normal);
	else if (tree_child(parent, name, strlen(name)) != NULL)
		result = -LINUX_EEXIST;
	else if (!rights_allow_open(rights, normal, RIGHTS_WRITE))
		result = -LINUX_EPERM;
	else if (!parent->writable)
		result = -LINUX_EROFS;
	else if (tree_add(parent, name, strlen(name), VFS_DIRECTORY, LINUX_S_IFDIR | 0700) == NULL)
		result = strlen(name) >= VFS_NAME_MAX ? -LINUX_ENAMETOOLONG : -LINUX_ENOMEM;
	mutex_unlock(&tree_lock);
	return result;
}

int64_t vfs_unlink(const char *path, bool directory, const struct rights *rights)
{
	char normal[VFS_PATH_MAX];
	struct vfs_node *node;
	int64_t result = 0;

	if (vfs_normalize(path, normal) != OK)
		return -LINUX_ENAMETOOLONG;
	mutex_lock(&tree_lock);
	node = tree_walk(normal);
	if (node == NULL)
		result = tree_missing(normal);
	else if (node->parent == NULL || !node->parent->writable)
		result = -LINUX_EROFS;
	else if (!rights_allow_open(rights, normal, RIGHTS_WRITE))
		result = -LINUX_EPERM;
	else if (directory != (node->kind == VFS_DIRECTORY))
		result = directory ? -LINUX_ENOTDIR : -LINUX_EISDIR;
	else if (!list_empty(&node->children))
		result = -LINUX_ENOTEMPTY;
	else
		tree_remove(node);
	mutex_unlock(&tree_lock);
	return result;
}

void vfs_stat(const struct vfs_node *node, struct linux_stat *out)
{
	*out = (struct linux_stat){
		.dev = 1,
		.ino = node->ino,
		.nlink = 1,
		.mode = node->mode,
		.size = (int64_t)READ_ONCE(node->size),
		.blksize = PAGE_SIZE,
		.blocks = (int64_t)(ALIGN_UP(READ_ONCE(node->size), 512ULL) / 512),
	};
}

/* --- Directories ------------------------------------------------------------------------ */

static uint8_t type_of(const struct vfs_node *node)
{
	if (node->kind == VFS_DIRECTORY)
		return LINUX_DT_DIR;
	return node->kind == VFS_DEVICE ? LINUX_DT_CHR : LINUX_DT_REG;
}

/* Write one entry; 0: no room. */
static int64_t put_entry(uint64_t user, size_t room, uint64_t ino, uint8_t type, const char *name,
			 int64_t next)
{
	uint8_t record[sizeof(struct linux_dirent64) + VFS_NAME_MAX + 8] = {0};
	struct linux_dirent64 *entry = (struct linux_dirent64 *)(void *)record;
	size_t size = ALIGN_UP(sizeof(*entry) + strlen(name) + 1, (size_t)8);

	if (size > room)
		return 0;
	entry->ino = ino;
	entry->offset = next;
	entry->size = (uint16_t)size;
	entry->type = type;
	memcpy(record + sizeof(*entry), name, strlen(name));
	return user_copy_out(user, record, size) == OK ? (int64_t)size : -LINUX_EFAULT;
}

/* The n-th child of an open directory, 0 being "." and 1 being ".."; NULL: past the end. */
static const struct vfs_node *nth(const struct vfs_node *directory, uint64_t n, const char **name)
{
	const struct list *at = directory->children.next;

	if (n < 2) {
		*name = n == 0 ? "." : "..";
		return n == 1 && directory->parent != NULL ? directory->parent : directory;
	}
	for (n -= 2; n != 0 && at != &directory->children; n--)
		at = at->next;
	if (at == &directory->children)
		return NULL;
	*name = list_entry(at, const struct vfs_node, link)->name;
	return list_entry(at, const struct vfs_node, link);
}

int64_t vfs_read_directory(struct file *file, uint64_t user, size_t size)
{
	size_t done = 0;
	int64_t result = 0;

	if (file->node == NULL || file->node->kind != VFS_DIRECTORY)
		return -LINUX_ENOTDIR;
	mutex_lock(&file->position_lock);
	mutex_lock(&tree_lock);
	while (file->position < DIRECTORY_ENTRIES_MAX) {
		const char *name;
		const struct vfs_node *node = nth(file->node, file->position, &name);

		if (node == NULL)
			break;
		result = put_entry(user + done, size - done, node->ino, type_of(node), name,
				   (int64_t)file->position + 1);
		if (result <= 0) {
			if (result == 0 && done == 0)
				result = -LINUX_EINVAL;
			break;
		}
		done += (size_t)result;
		file->position++;
	}
	mutex_unlock(&tree_lock);
	mutex_unlock(&file->position_lock);
	return done != 0 ? (int64_t)done : result;
}

static int64_t directory_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	(void)file;
	(void)user;
	(void)size;
	(void)offset;
	return -LINUX_EISDIR;
}

const struct file_operations directory_operations = {
	.read = directory_read,
	.seekable = true,
};

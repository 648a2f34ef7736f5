// SPDX-License-Identifier: MIT
/* The tree of names: nodes, paths, and mounting the archive. */
#include "tree.h"

#include "cpio/cpio.h"
#include "kernel/cache.h"
#include "kernel/log.h"
#include "kernel/string.h"

#define MODE_DIRECTORY (LINUX_S_IFDIR | 0755U)
#define PERMISSIONS    07777U

struct mutex tree_lock;

static struct vfs_node root = {
	.link = LIST_INIT(root.link),
	.children = LIST_INIT(root.children),
	.references = 1,
	.ino = 1,
	.mode = MODE_DIRECTORY,
	.kind = VFS_DIRECTORY,
};
static uint32_t last_ino = 1;
static uint32_t writable_nodes; /* atomic; what programs have made */

#define WRITABLE_NODES_MAX 256

struct vfs_node *tree_add(struct vfs_node *parent, const char *name, size_t name_size,
			  enum vfs_kind kind, uint32_t mode)
{
	struct vfs_node *node;

	if (name_size == 0 || name_size >= VFS_NAME_MAX)
		return NULL;
	if (parent->writable && READ_ONCE(writable_nodes) >= WRITABLE_NODES_MAX)
		return NULL;
	node = kalloc(sizeof(*node));
	if (node == NULL)
		return NULL;
	node->counted = parent->writable;
	if (node->counted)
		__atomic_add_fetch(&writable_nodes, 1, __ATOMIC_RELAXED);
	list_init(&node->children);
	node->parent = parent;
	node->references = 1;
	node->ino = ++last_ino;
	node->mode = mode;
	node->kind = kind;
	node->writable = kind == VFS_DIRECTORY && parent->writable;
	memcpy(node->name, name, name_size);
	list_add_tail(&parent->children, &node->link);
	return node;
}

void vfs_node_put(struct vfs_node *node)
{
	if (__atomic_sub_fetch(&node->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	if (node->counted)
		__atomic_sub_fetch(&writable_nodes, 1, __ATOMIC_RELAXED);
	contents_free(node);
	kfree(node);
}

void tree_remove(struct vfs_node *node)
{
	list_remove(&node->link);
	node->parent = NULL;
	vfs_node_put(node);
}

struct vfs_node *tree_child(const struct vfs_node *parent, const char *name, size_t name_size)
{
	struct list *at;

	list_for_each(at, &parent->children)
	{
		struct vfs_node *node = list_entry(at, struct vfs_node, link);

		if (strlen(node->name) == name_size && memcmp(node->name, name, name_size) == 0)
			return node;
	}
	return NULL;
}

static size_t part_size(const char *part)
{
	size_t size = 0;

	while (part[size] != 0 && part[size] != '/')
		size++;
	return size;
}

/* Walk all parts, or all but the last when `name` is given; `make` adds missing directories. */
static struct vfs_node *walk(const char *path, const char **name, bool make)
{
	struct vfs_node *node = &root;

	for (path++; *path != 0;) {
		size_t size = part_size(path);
		struct vfs_node *child;

		if (name != NULL && path[size] == 0) {
			*name = path;
			return node;
		}
		if (node->kind != VFS_DIRECTORY)
			return NULL;
		child = tree_child(node, path, size);
		if (child == NULL && make)
			child = tree_add(node, path, size, VFS_DIRECTORY, MODE_DIRECTORY);
		if (child == NULL)
			return NULL;
		node = child;
		path += path[size] == '/' ? size + 1 : size;
	}
	return name != NULL ? NULL : node;
}

struct vfs_node *tree_walk(const char *path)
{
	return walk(path, NULL, false);
}

struct vfs_node *tree_walk_parent(const char *path, const char **name)
{
	struct vfs_node *parent = walk(path, name, false);

	return parent != NULL && parent->kind == VFS_DIRECTORY ? parent : NULL;
}

int64_t tree_missing(const char *path)
{
	const struct vfs_node *node = &root;

	for (path++; *path != 0 && node != NULL;) {
		size_t size = part_size(path);

		if (node->kind != VFS_DIRECTORY)
			return -LINUX_ENOTDIR;
		node = tree_child(node, path, size);
		path += path[size] == '/' ? size + 1 : size;
	}
	return -LINUX_ENOENT;
}

struct vfs_node *tree_make_parent(const char *path, const char **name)
{
	struct vfs_node *parent = walk(path, name, true);

	return parent != NULL && parent->kind == VFS_DIRECTORY ? parent : NULL;
}

/* Append one part of a path to a normalised one; ".." takes the last away. */
static enum error append_part(char out[VFS_PATH_MAX], size_t *size, const char *part, size_t length)
{
	if (length == 1 && part[0] == '.')
		return OK;
	if (length == 2 && part[0] == '.' && part[1] == '.') {
		while (*size > 0 && out[--*size] != '/')
			;
		return OK;
	}
	if (*size + 1 + length >= VFS_PATH_MAX)
		return ERR_RANGE;
	out[(*size)++] = '/';
	memcpy(out + *size, part, length);
	*size += length;
	return OK;
}

enum error vfs_normalize(const char *path, char out[VFS_PATH_MAX])
{
	size_t size = 0;

	while (*path != 0) {
		size_t length = part_size(path);

		if (length != 0 && append_part(out, &size, path, length) != OK)
			return ERR_RANGE;
		path += path[length] == '/' ? length + 1 : length;
	}
	if (size == 0)
		out[size++] = '/';
	out[size] = 0;
	return OK;
}

int64_t vfs_lookup(const char *path, struct vfs_node **out)
{
	char normal[VFS_PATH_MAX];
	int64_t result = 0;

	*out = NULL;
	if (vfs_normalize(path, normal) != OK)
		return -LINUX_ENAMETOOLONG;
	mutex_lock(&tree_lock);
	*out = tree_walk(normal);
	if (*out != NULL)
		__atomic_add_fetch(&(*out)->references, 1, __ATOMIC_RELAXED);
	else
		result = tree_missing(normal);
	mutex_unlock(&tree_lock);
	return result;
}

/* --- Mounting --------------------------------------------------------------------------- */

static enum error add_entry(const struct cpio_entry *entry)
{
	uint32_t type = entry->mode & CPIO_MODE_TYPE;
	bool directory = type == CPIO_MODE_DIRECTORY;
	char path[VFS_PATH_MAX];
	struct vfs_node *parent, *node;
	const char *name;

	if (type != CPIO_MODE_DIRECTORY && type != CPIO_MODE_FILE)
		return ERR_FORMAT;
	if (vfs_normalize(entry->name, path) != OK)
		return ERR_FORMAT;
	if (strcmp(path, "/") == 0)
		return directory ? OK : ERR_FORMAT;
	parent = tree_make_parent(path, &name);
	if (parent == NULL)
		return ERR_NO_MEMORY;
	node = tree_child(parent, name, strlen(name));
	if (node != NULL)
		return directory && node->kind == VFS_DIRECTORY ? OK : ERR_FORMAT;
	node = tree_add(parent, name, strlen(name), directory ? VFS_DIRECTORY : VFS_ARCHIVE_FILE,
			(directory ? LINUX_S_IFDIR : LINUX_S_IFREG) | (entry->mode & PERMISSIONS));
	if (node == NULL)
		return strlen(name) >= VFS_NAME_MAX ? ERR_FORMAT : ERR_NO_MEMORY;
	node->data = entry->data;
	node->size = entry->size;
	return OK;
}

static enum error mount_entries(const uint8_t *archive, size_t size)
{
	struct cpio_entry entry;
	size_t cursor = 0;

	for (;;) {
		enum cpio_result result = cpio_next(archive, size, &cursor, &entry);
		enum error error;

		if (result == CPIO_END)
			return OK;
		if (result != CPIO_ENTRY) {
			log_error("archive: %s at offset %zu", cpio_result_text(result),
				  entry.offset);
			return ERR_FORMAT;
		}
		error = add_entry(&entry);
		if (error != OK) {
			log_error("archive: %s: %s", entry.name, error_name(error));
			return error;
		}
	}
}

static enum error make_tmp(void)
{
	struct vfs_node *node = tree_child(&root, "tmp", 3);

	if (node == NULL)
		node = tree_add(&root, "tmp", 3, VFS_DIRECTORY, MODE_DIRECTORY);
	if (node == NULL || node->kind != VFS_DIRECTORY)
		return ERR_NO_MEMORY;
	node->writable = true;
	return OK;
}

enum error vfs_mount(const uint8_t *archive, size_t size)
{
	enum error error;

	mutex_init(&tree_lock);
	mutex_lock(&tree_lock);
	error = mount_entries(archive, size);
	if (error == OK)
		error = make_tmp();
	mutex_unlock(&tree_lock);
	return error;
}

enum error vfs_add_device(const struct vfs_device *device)
{
	struct vfs_node *parent, *node = NULL;
	const char *name;

	mutex_lock(&tree_lock);
	parent = tree_make_parent(device->path, &name);
	if (parent != NULL)
		node = tree_add(parent, name, strlen(name), VFS_DEVICE, LINUX_S_IFCHR | 0600);
	if (node != NULL)
		node->device = device;
	mutex_unlock(&tree_lock);
	return node != NULL ? OK : ERR_NO_MEMORY;
}

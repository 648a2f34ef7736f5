// SPDX-License-Identifier: MIT
/* Contents of files: bytes of the archive, and files in memory below /tmp. */
#include "kernel/cache.h"
#include "kernel/string.h"
#include "kernel/user_copy.h"
#include "tree.h"

#define MEMORY_FILE_MAX  MIB(1)
#define MEMORY_TOTAL_MAX MIB(4)

static uint64_t memory_total; /* capacity of all memory files; atomic */

/* How much of `size` bytes at `offset` a file of `end` bytes has. */
static size_t clip(uint64_t end, uint64_t offset, size_t size)
{
	if (offset >= end)
		return 0;
	return end - offset < size ? (size_t)(end - offset) : size;
}

static int64_t archive_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	const struct vfs_node *node = file->node;
	size_t part = clip(node->size, *offset, size);

	if (part != 0 && user_copy_out(user, node->data + *offset, part) != OK)
		return -LINUX_EFAULT;
	*offset += part;
	return (int64_t)part;
}

const struct file_operations archive_file_operations = {
	.read = archive_read,
	.seekable = true,
};

static int64_t memory_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	const struct vfs_node *node = file->node;
	int64_t result;
	size_t part;

	mutex_lock(&tree_lock);
	part = clip(node->size, *offset, size);
	result = (int64_t)part;
	if (part != 0 && user_copy_out(user, node->buffer + *offset, part) != OK)
		result = -LINUX_EFAULT;
	mutex_unlock(&tree_lock);
	if (result > 0)
		*offset += part;
	return result;
}

void contents_free(struct vfs_node *node)
{
	__atomic_sub_fetch(&memory_total, node->capacity, __ATOMIC_RELAXED);
	kfree_secret(node->buffer);
	node->buffer = NULL;
	node->capacity = 0;
}

/* Make room for `size` bytes, doubling; what is new is zero. */
static int64_t reserve(struct vfs_node *node, uint64_t size)
{
	uint64_t capacity = node->capacity != 0 ? node->capacity : PAGE_SIZE;
	uint8_t *buffer;

	if (size > MEMORY_FILE_MAX)
		return -LINUX_EFBIG;
	while (capacity < size)
		capacity *= 2;
	if (capacity == node->capacity)
		return 0;
	if (READ_ONCE(memory_total) - node->capacity + capacity > MEMORY_TOTAL_MAX)
		return -LINUX_ENOSPC;
	buffer = kalloc(capacity);
	if (buffer == NULL)
		return -LINUX_ENOSPC;
	if (node->size != 0)
		memcpy(buffer, node->buffer, node->size);
	kfree_secret(node->buffer);
	__atomic_add_fetch(&memory_total, capacity - node->capacity, __ATOMIC_RELAXED);
	node->buffer = buffer;
	node->capacity = capacity;
	return 0;
}

static int64_t write_locked(struct vfs_node *node, uint64_t user, size_t size, uint64_t at)
{
	int64_t result;

	if (at > MEMORY_FILE_MAX || size > MEMORY_FILE_MAX - at)
		return -LINUX_EFBIG;
	result = reserve(node, at + size);
	if (result != 0)
		return result;
	if (at > node->size)
		memset(node->buffer + node->size, 0, at - node->size);
	if (user_copy_in(node->buffer + at, user, size) != OK)
		return -LINUX_EFAULT;
	if (at + size > node->size)
		node->size = at + size;
	return (int64_t)size;
}

static int64_t memory_write(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	int64_t result;

	if (size == 0)
		return 0;
	mutex_lock(&tree_lock);
	if ((file->flags & LINUX_O_APPEND) != 0)
		*offset = file->node->size;
	result = write_locked(file->node, user, size, *offset);
	mutex_unlock(&tree_lock);
	if (result > 0)
		*offset += (uint64_t)result;
	return result;
}

const struct file_operations memory_file_operations = {
	.read = memory_read,
	.write = memory_write,
	.seekable = true,
};

int64_t vfs_truncate(struct file *file, uint64_t size)
{
	struct vfs_node *node = file->node;
	int64_t result = 0;

	if (node == NULL || node->kind != VFS_MEMORY_FILE ||
	    (file->flags & LINUX_O_ACCMODE) == LINUX_O_RDONLY)
		return -LINUX_EINVAL;
	mutex_lock(&tree_lock);
	if (size > node->size) {
		result = reserve(node, size);
		if (result == 0)
			memset(node->buffer + node->size, 0, size - node->size);
	}
	if (result == 0)
		node->size = size;
	mutex_unlock(&tree_lock);
	return result;
}

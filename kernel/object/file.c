// SPDX-License-Identifier: MIT
/* Open files and the handles of a process. */
#include "kernel/file.h"

#include "kernel/cache.h"
#include "kernel/vfs.h"

enum error file_create(const struct file_operations *operations, uint32_t flags, void *object,
		       struct file **out)
{
	struct file *file = kalloc(sizeof(*file));

	*out = file;
	if (file == NULL)
		return ERR_NO_MEMORY;
	file->operations = operations;
	file->references = 1;
	file->flags = flags;
	file->object = object;
	mutex_init(&file->position_lock);
	return OK;
}

void file_get(struct file *file)
{
	__atomic_add_fetch(&file->references, 1, __ATOMIC_RELAXED);
}

void file_put(struct file *file)
{
	if (__atomic_sub_fetch(&file->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	if (file->operations->close != NULL)
		file->operations->close(file);
	if (file->node != NULL)
		vfs_node_put(file->node);
	kfree(file);
}

/* --- Handles ---------------------------------------------------------------------------- */

static bool marked(const struct file_table *table, uint32_t handle)
{
	return (table->close_on_exec[handle / 64] & BIT(handle % 64)) != 0;
}

static void mark(struct file_table *table, uint32_t handle, bool close_on_exec)
{
	if (close_on_exec)
		table->close_on_exec[handle / 64] |= BIT(handle % 64);
	else
		table->close_on_exec[handle / 64] &= ~BIT(handle % 64);
}

static bool in_range(const struct file_table *table, int64_t handle)
{
	return handle >= 0 && handle < (int64_t)table->limit;
}

enum error file_table_create(uint32_t limit, struct file_table **out)
{
	struct file_table *table = kalloc(sizeof(*table));

	*out = table;
	if (table == NULL)
		return ERR_NO_MEMORY;
	spin_init(&table->lock, LOCK_RANK_FILES);
	table->references = 1;
	table->limit = limit < FILES_MAX ? limit : FILES_MAX;
	return OK;
}

enum error file_table_copy(struct file_table *table, struct file_table **out)
{
	enum error error = file_table_create(table->limit, out);

	if (error != OK)
		return error;
	spin_lock(&table->lock);
	for (uint32_t i = 0; i < table->limit; i++) {
		(*out)->files[i] = table->files[i];
		if (table->files[i] != NULL)
			file_get(table->files[i]);
		mark(*out, i, marked(table, i));
	}
	spin_unlock(&table->lock);
	return OK;
}

void file_table_get(struct file_table *table)
{
	__atomic_add_fetch(&table->references, 1, __ATOMIC_RELAXED);
}

void file_table_put(struct file_table *table)
{
	if (__atomic_sub_fetch(&table->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (uint32_t i = 0; i < FILES_MAX; i++)
		if (table->files[i] != NULL)
			file_put(table->files[i]);
	kfree(table);
}

struct file *file_table_find(struct file_table *table, int64_t handle)
{
	struct file *file = NULL;

	if (!in_range(table, handle))
		return NULL;
	spin_lock(&table->lock);
	file = table->files[handle];
	if (file != NULL)
		file_get(file);
	spin_unlock(&table->lock);
	return file;
}

int64_t file_table_add(struct file_table *table, struct file *file, uint32_t lowest,
		       bool close_on_exec)
{
	spin_lock(&table->lock);
	for (uint32_t i = lowest; i < table->limit; i++) {
		if (table->files[i] != NULL)
			continue;
		table->files[i] = file;
		mark(table, i, close_on_exec);
		spin_unlock(&table->lock);
		return i;
	}
	spin_unlock(&table->lock);
	file_put(file);
	return -LINUX_EMFILE;
}

int64_t file_table_set(struct file_table *table, struct file *file, int64_t handle,
		       bool close_on_exec)
{
	struct file *old;

	if (!in_range(table, handle)) {
		file_put(file);
		return -LINUX_EBADF;
	}
	spin_lock(&table->lock);
	old = table->files[handle];
	table->files[handle] = file;
	mark(table, (uint32_t)handle, close_on_exec);
	spin_unlock(&table->lock);
	if (old != NULL)
		file_put(old);
	return handle;
}

int64_t file_table_close(struct file_table *table, int64_t handle)
{
	struct file *file;

	if (!in_range(table, handle))
		return -LINUX_EBADF;
	spin_lock(&table->lock);
	file = table->files[handle];
	table->files[handle] = NULL;
	mark(table, (uint32_t)handle, false);
	spin_unlock(&table->lock);
	if (file == NULL)
		return -LINUX_EBADF;
	file_put(file);
	return 0;
}

void file_table_exec(struct file_table *table)
{
	for (uint32_t i = 0; i < table->limit; i++)
		if (file_table_marked(table, i))
			(void)file_table_close(table, i);
}

bool file_table_marked(struct file_table *table, int64_t handle)
{
	bool result;

	if (!in_range(table, handle))
		return false;
	spin_lock(&table->lock);
	result = marked(table, (uint32_t)handle);
	spin_unlock(&table->lock);
	return result;
}

void file_table_mark(struct file_table *table, int64_t handle, bool close_on_exec)
{
	if (!in_range(table, handle))
		return;
	spin_lock(&table->lock);
	mark(table, (uint32_t)handle, close_on_exec);
	spin_unlock(&table->lock);
}

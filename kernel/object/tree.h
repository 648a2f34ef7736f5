/* SPDX-License-Identifier: MIT */
/* The tree of names, shared by the files of the VFS. */
#ifndef OBJECT_TREE_H
#define OBJECT_TREE_H

#include "kernel/vfs.h"

/* Guards the tree's shape and the contents of memory files. */
extern struct mutex tree_lock;

/* A new node below `parent`, with the tree's reference; NULL: no memory. The lock is held. */
struct vfs_node *tree_add(struct vfs_node *parent, const char *name, size_t name_size,
			  enum vfs_kind kind, uint32_t mode);

/* Take a node out of the tree; it lives on while it is open. */
void tree_remove(struct vfs_node *node);

/* The child of that name, or NULL. */
struct vfs_node *tree_child(const struct vfs_node *parent, const char *name, size_t name_size);

/* Walk a normalised path; NULL when a part is missing. "/" is the root. */
struct vfs_node *tree_walk(const char *path);

/* Walk to the parent of a normalised path; *name gets its last part. */
struct vfs_node *tree_walk_parent(const char *path, const char **name);

/* Why a path was not found: -ENOTDIR when it goes through a file, else -ENOENT. */
int64_t tree_missing(const char *path);

/* As tree_walk_parent(), making directories that are missing. */
struct vfs_node *tree_make_parent(const char *path, const char **name);

/* Wipe and free what a memory file holds. */
void contents_free(struct vfs_node *node);

/* Operations of archive files, memory files and directories. */
extern const struct file_operations archive_file_operations;
extern const struct file_operations memory_file_operations;
extern const struct file_operations directory_operations;

#endif

/* SPDX-License-Identifier: MIT */
/* Making a program of an executable: memory, stack with its first contents, rights. */
#ifndef USER_PROGRAM_H
#define USER_PROGRAM_H

#include "kernel/process.h"

struct program {
	struct vm_map *map;
	struct rights rights;
	uint64_t entry;
	uint64_t stack;
	char name[PROCESS_NAME_MAX];
};

/*
 * Load arguments->path. Errors: ERR_NOT_FOUND, ERR_DENIED (not executable), ERR_FORMAT,
 * ERR_NO_MEMORY, ERR_LIMIT.
 */
MUST_CHECK enum error program_load(const struct exec_arguments *arguments, struct program *out);

/* The registers with which a program starts. */
void program_frame(const struct program *program, struct trap_frame *frame);

#endif

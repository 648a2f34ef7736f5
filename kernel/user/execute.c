// SPDX-License-Identifier: MIT
/* execve(2), and starting a program from the kernel. */
#include "kernel/cache.h"
#include "kernel/cpu.h"
#include "kernel/fpu.h"
#include "kernel/string.h"
#include "kernel/vfs.h"
#include "process_internal.h"
#include "program.h"

static int64_t errno_of(enum error error)
{
	switch (error) {
	case ERR_NOT_FOUND:
		return -LINUX_ENOENT;
	case ERR_DENIED:
		return -LINUX_EACCES;
	case ERR_FORMAT:
	case ERR_RANGE:
	case ERR_EXISTS:
		return -LINUX_ENOEXEC;
	default:
		return -LINUX_ENOMEM;
	}
}

/* From here on the calling thread runs in the new program's memory, with a new program's state. */
static void enter_memory(struct process *process, struct vm_map *map)
{
	struct user_thread *user = thread_current()->user;
	irq_flags_t flags = irq_save();

	process->map = map;
	space_switch(&map->space);
	user->fs_base = 0;
	insn_wrmsr(MSR_FS_BASE, 0);
	fpu_reset(user->fpu);
	fpu_restore(user->fpu);
	irq_restore(flags);
	user->clear_tid = 0;
}

/* Ignored signals stay ignored, the others go back to their defaults (execve(2)). */
static void reset_signals(struct process *process)
{
	for (size_t i = 0; i < LINUX_SIGNALS; i++) {
		uint64_t handler = process->signals[i].handler;

		memset(&process->signals[i], 0, sizeof(process->signals[i]));
		if (handler == SIGNAL_IGNORE)
			process->signals[i].handler = SIGNAL_IGNORE;
	}
}

int64_t process_execute(const struct exec_arguments *arguments, struct trap_frame *frame)
{
	struct process *process = process_current();
	struct vm_map *old = process->map;
	struct program program;
	enum error error;

	if (!process->rights.spawn)
		return -LINUX_EPERM;
	if (READ_ONCE(process->thread_count) != 1)
		return -LINUX_EBUSY;
	error = program_load(arguments, &program);
	if (error != OK)
		return errno_of(error);
	enter_memory(process, program.map);
	vm_map_put(old);
	process_return_map(process);
	file_table_exec(process->files);
	reset_signals(process);
	process->rights = program.rights;
	process->files->limit = program.rights.handles;
	memcpy(process->name, program.name, sizeof(process->name));
	program_frame(&program, frame);
	return 0;
}

/* Standard input, output and error: nothing, and twice the log. */
static enum error open_streams(struct file_table *files)
{
	struct rights rights = {.count = 1, .open = {{.path = "/dev/log", .access = RIGHTS_WRITE}}};
	struct file *input, *output;

	if (vfs_open("/dev/null", LINUX_O_RDONLY, &rights, &input) != 0)
		return ERR_NO_MEMORY;
	(void)file_table_set(files, input, 0, false);
	if (vfs_open("/dev/log", LINUX_O_WRONLY, &rights, &output) != 0)
		return ERR_NO_MEMORY;
	file_get(output);
	(void)file_table_set(files, output, 1, false);
	(void)file_table_set(files, output, 2, false);
	return OK;
}

static enum error start_program(struct process *process, const struct program *program)
{
	struct user_thread *thread;
	struct trap_frame frame;
	enum error error = file_table_create(program->rights.handles, &process->files);

	if (error == OK)
		error = open_streams(process->files);
	if (error != OK)
		return error;
	program_frame(program, &frame);
	error = user_thread_create(process, &frame, process->pid, &thread);
	if (error == OK)
		user_thread_start(thread);
	return error;
}

enum error process_start(const char *path, bool essential)
{
	struct exec_arguments arguments = {.argc = 1};
	struct program program;
	struct process *process;
	enum error error;

	if (strlen(path) >= sizeof(arguments.path))
		return ERR_RANGE;
	memcpy(arguments.path, path, strlen(path) + 1);
	arguments.strings = arguments.path;
	arguments.size = strlen(path) + 1;
	error = program_load(&arguments, &program);
	if (error != OK)
		return error;
	process = process_alloc(NULL, program.name);
	if (process == NULL) {
		vm_map_put(program.map);
		return ERR_NO_MEMORY;
	}
	process->map = program.map;
	process->rights = program.rights;
	process->essential = essential;
	error = start_program(process, &program);
	if (error != OK)
		process_discard(process);
	return error;
}

// SPDX-License-Identifier: MIT
/* Program start: psABI x86-64 3.4 "Process Initialization". */
#include "program.h"

#include "elf.h"
#include "kernel/cache.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/percpu.h"
#include "kernel/platform.h"
#include "kernel/rng.h"
#include "kernel/string.h"
#include "kernel/vfs.h"

#define RIGHTS_DIRECTORY "/etc/rights/"
#define STACK_GUARD      PAGE_SIZE
#define MODE_EXECUTE     0111U
#define RFLAGS_START     0x202U

/* Auxiliary vector. */
enum {
	AUX_NULL = 0,
	AUX_PHDR = 3,
	AUX_PHENT = 4,
	AUX_PHNUM = 5,
	AUX_PAGESZ = 6,
	AUX_BASE = 7,
	AUX_FLAGS = 8,
	AUX_ENTRY = 9,
	AUX_UID = 11,
	AUX_EUID = 12,
	AUX_GID = 13,
	AUX_EGID = 14,
	AUX_HWCAP = 16,
	AUX_CLKTCK = 17,
	AUX_SECURE = 23,
	AUX_RANDOM = 25,
	AUX_EXECFN = 31,
};

#define AUX_PAIRS    17
#define RANDOM_BYTES 16

/* The stack is built from the top down, first in kernel memory of the same size. */
struct stack_builder {
	uint8_t *image; /* the last `size` bytes of the stack */
	size_t size;
	uint64_t address; /* user address of image */
	size_t at;        /* first used byte */
};

static uint64_t push_bytes(struct stack_builder *stack, const void *bytes, size_t size)
{
	stack->at -= size;
	memcpy(stack->image + stack->at, bytes, size);
	return stack->address + stack->at;
}

static void put_word(struct stack_builder *stack, size_t *at, uint64_t word)
{
	memcpy(stack->image + *at, &word, sizeof(word));
	*at += sizeof(word);
}

static void put_aux(struct stack_builder *stack, size_t *at, const struct elf_image *image,
		    uint64_t random, uint64_t path)
{
	const uint64_t pairs[AUX_PAIRS][2] = {
		{AUX_PHDR, image->headers},
		{AUX_PHENT, ELF_SEGMENT_HEADER_SIZE},
		{AUX_PHNUM, image->header_count},
		{AUX_PAGESZ, PAGE_SIZE},
		{AUX_BASE, 0},
		{AUX_FLAGS, 0},
		{AUX_ENTRY, image->entry},
		{AUX_UID, 0},
		{AUX_EUID, 0},
		{AUX_GID, 0},
		{AUX_EGID, 0},
		{AUX_HWCAP, platform->cpuid(1, 0).edx},
		{AUX_CLKTCK, 100},
		{AUX_SECURE, 0},
		{AUX_RANDOM, random},
		{AUX_EXECFN, path},
		{AUX_NULL, 0},
	};

	for (size_t i = 0; i < AUX_PAIRS; i++) {
		put_word(stack, at, pairs[i][0]);
		put_word(stack, at, pairs[i][1]);
	}
}

/* argc, argv, environment and auxiliary vector below the strings. */
static void put_vectors(struct stack_builder *stack, const struct exec_arguments *arguments,
			uint64_t strings, const struct elf_image *image, uint64_t random,
			uint64_t path)
{
	size_t words = 1 + arguments->argc + 1 + arguments->envc + 1 + 2 * AUX_PAIRS;
	const char *string = arguments->strings;
	size_t at;

	stack->at = ALIGN_DOWN(stack->at - words * 8, (size_t)16);
	at = stack->at;
	put_word(stack, &at, arguments->argc);
	for (uint32_t i = 0; i < arguments->argc + arguments->envc; i++) {
		if (i == arguments->argc)
			put_word(stack, &at, 0);
		put_word(stack, &at, strings + (uint64_t)(string - arguments->strings));
		string += strlen(string) + 1;
	}
	if (arguments->envc == 0)
		put_word(stack, &at, 0);
	put_word(stack, &at, 0);
	put_aux(stack, &at, image, random, path);
}

static enum error fill_stack(struct program *program, const struct exec_arguments *arguments,
			     const struct elf_image *image, uint64_t top)
{
	size_t need = arguments->size + strlen(arguments->path) + 1 + RANDOM_BYTES +
		      (arguments->argc + arguments->envc + 2 * AUX_PAIRS + 8) * 8 + 64;
	size_t size = ALIGN_UP(need, PAGE_SIZE);
	struct stack_builder stack = {.size = size, .address = top - size, .at = size};
	uint8_t random[RANDOM_BYTES];
	uint64_t random_at, path_at, strings_at;
	enum error error = rng_bytes(random, sizeof(random));

	if (error != OK)
		return error;
	stack.image = kalloc(size);
	if (stack.image == NULL)
		return ERR_NO_MEMORY;
	path_at = push_bytes(&stack, arguments->path, strlen(arguments->path) + 1);
	strings_at = push_bytes(&stack, arguments->strings, arguments->size);
	random_at = push_bytes(&stack, random, sizeof(random));
	put_vectors(&stack, arguments, strings_at, image, random_at, path_at);
	program->stack = stack.address + stack.at;
	error = vm_map_write(program->map, program->stack, stack.image + stack.at, size - stack.at);
	memory_wipe(random, sizeof(random));
	kfree_secret(stack.image);
	return error;
}

static enum error make_stack(struct program *program, const struct exec_arguments *arguments,
			     const struct elf_image *image)
{
	/* A guard page below, never mapped for anything else: it is an area without rights. */
	struct vm_request guard = {.size = PROCESS_STACK_MAX + STACK_GUARD};
	struct vm_request stack = {
		.size = PROCESS_STACK_MAX, .prot = VM_READ | VM_WRITE, .replace = true};
	uint64_t address;
	enum error error = vm_map_add(program->map, &guard, &address);

	if (error != OK)
		return error;
	stack.address = address + STACK_GUARD;
	error = vm_map_add(program->map, &stack, &address);
	if (error != OK)
		return error;
	return fill_stack(program, arguments, image, address + PROCESS_STACK_MAX);
}

static const char *base_name(const char *path)
{
	const char *name = path;

	for (; *path != 0; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

/* /etc/rights/<name>; nothing there: the defaults. */
static enum error load_rights(const char *name, struct rights *out)
{
	char path[VFS_PATH_MAX] = RIGHTS_DIRECTORY;
	size_t prefix = strlen(RIGHTS_DIRECTORY);
	struct vfs_node *node;
	uint32_t line;
	enum error error;

	rights_default(out);
	if (strlen(name) >= sizeof(path) - prefix)
		return ERR_RANGE;
	memcpy(path + prefix, name, strlen(name) + 1);
	if (vfs_lookup(path, &node) != 0)
		return OK;
	if (node->kind != VFS_ARCHIVE_FILE) {
		vfs_node_put(node);
		return ERR_FORMAT;
	}
	error = rights_parse((const char *)node->data, node->size, out, &line);
	if (error != OK)
		log_error("%s: line %u is not a right", path, line);
	vfs_node_put(node);
	return error;
}

static enum error load_image(const struct exec_arguments *arguments, struct program *program)
{
	struct elf_image image;
	struct vfs_node *node;
	enum error error = OK;

	if (vfs_lookup(arguments->path, &node) != 0)
		return ERR_NOT_FOUND;
	if (node->kind != VFS_ARCHIVE_FILE || (node->mode & MODE_EXECUTE) == 0)
		error = ERR_DENIED;
	if (error == OK)
		error = elf_load(program->map, node->data, node->size, &image);
	vfs_node_put(node); /* the archive's bytes stay where they are for ever */
	if (error != OK)
		return error;
	program->entry = image.entry;
	program->map->heap_start = image.end;
	program->map->heap_end = image.end;
	return make_stack(program, arguments, &image);
}

enum error program_load(const struct exec_arguments *arguments, struct program *out)
{
	const char *name = base_name(arguments->path);
	enum error error;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(out->name) - 1 && name[i] != 0; i++)
		out->name[i] = name[i];
	error = load_rights(name, &out->rights);
	if (error == OK)
		error = vm_map_create(out->rights.memory_pages, &out->map);
	if (error != OK)
		return error;
	error = load_image(arguments, out);
	if (error != OK) {
		vm_map_put(out->map);
		out->map = NULL;
	}
	return error;
}

void program_frame(const struct program *program, struct trap_frame *frame)
{
	memset(frame, 0, sizeof(*frame));
	frame->rip = program->entry;
	frame->rsp = program->stack;
	frame->rflags = RFLAGS_START;
	frame->cs = SELECTOR_USER_CODE;
	frame->ss = SELECTOR_USER_DATA;
}

// SPDX-License-Identifier: MIT
/* System calls on memory. */
#include "syscall.h"

#define PROT_READ  0x1U
#define PROT_WRITE 0x2U
#define PROT_EXEC  0x4U

#define MAP_PRIVATE_F   0x02U
#define MAP_TYPE_MASK   0x0fU
#define MAP_FIXED_F     0x10U
#define MAP_ANONYMOUS_F 0x20U
#define MAP_FIXED_NR    0x100000U /* MAP_FIXED_NOREPLACE */

#define MADV_DONTNEED 4
#define MADV_FREE     8

_Static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE && PROT_EXEC == VM_EXEC,
	       "protections are passed on");

/* What a private file mapping shows. 0 or -errno. */
static int64_t file_contents(struct trap_frame *frame, struct vm_request *request)
{
	struct file *file = file_table_find(process_current()->files, INT_OF(ARG4(frame)));
	uint64_t offset = ARG5(frame);
	int64_t result = 0;

	if (file == NULL)
		return -LINUX_EBADF;
	if (file->node == NULL || file->node->kind != VFS_ARCHIVE_FILE)
		result = -LINUX_ENODEV;
	else if (!IS_ALIGNED(offset, PAGE_SIZE))
		result = -LINUX_EINVAL;
	if (result == 0 && offset < file->node->size) {
		request->data = file->node->data + offset;
		request->data_size = file->node->size - offset;
		if (request->data_size > request->size)
			request->data_size = request->size;
	}
	file_put(file);
	return result;
}

int64_t sys_mmap(struct trap_frame *frame)
{
	struct vm_map *map = process_current()->map;
	uint64_t flags = ARG3(frame), address = 0;
	struct vm_request request = {
		.size = ALIGN_UP(ARG1(frame), PAGE_SIZE),
		.prot = (uint32_t)ARG2(frame) & (VM_READ | VM_WRITE | VM_EXEC),
		.replace = (flags & MAP_FIXED_F) != 0,
	};
	enum error error;

	if (ARG1(frame) == 0 || (flags & MAP_TYPE_MASK) != MAP_PRIVATE_F)
		return -LINUX_EINVAL;
	if (request.size < ARG1(frame))
		return -LINUX_ENOMEM;
	if ((flags & (MAP_FIXED_F | MAP_FIXED_NR)) != 0) {
		request.address = ARG0(frame);
		if (request.address < VM_LOWEST)
			return -LINUX_EPERM;
	}
	if ((flags & MAP_ANONYMOUS_F) == 0) {
		int64_t result = file_contents(frame, &request);

		if (result != 0)
			return result;
	}
	error = vm_map_add(map, &request, &address);
	return error == OK ? (int64_t)address : syscall_errno(error);
}

int64_t sys_munmap(struct trap_frame *frame)
{
	uint64_t size = ALIGN_UP(ARG1(frame), PAGE_SIZE);
	enum error error = vm_map_remove(process_current()->map, ARG0(frame), size);

	return error == ERR_RANGE ? -LINUX_EINVAL : syscall_errno(error);
}

int64_t sys_mprotect(struct trap_frame *frame)
{
	uint64_t size = ALIGN_UP(ARG1(frame), PAGE_SIZE);
	uint32_t known = VM_READ | VM_WRITE | VM_EXEC;

	if ((ARG2(frame) & ~(uint64_t)known) != 0 || !IS_ALIGNED(ARG0(frame), PAGE_SIZE))
		return -LINUX_EINVAL;
	if (size == 0)
		return 0;
	return syscall_errno(
		vm_map_protect(process_current()->map, ARG0(frame), size, (uint32_t)ARG2(frame)));
}

/* Advice about the past or the future may be ignored; giving pages back is done. */
int64_t sys_madvise(struct trap_frame *frame)
{
	uint64_t size = ALIGN_UP(ARG1(frame), PAGE_SIZE);

	if (!IS_ALIGNED(ARG0(frame), PAGE_SIZE))
		return -LINUX_EINVAL;
	if (size == 0 || (ARG2(frame) != MADV_DONTNEED && ARG2(frame) != MADV_FREE))
		return 0;
	return syscall_errno(vm_map_discard(process_current()->map, ARG0(frame), size));
}

int64_t sys_brk(struct trap_frame *frame)
{
	return (int64_t)vm_map_break(process_current()->map, ARG0(frame));
}

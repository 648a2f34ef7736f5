// SPDX-License-Identifier: MIT
/* Copies between the kernel and the current process, range checked. */
#include "kernel/user_copy.h"

#include "kernel/layout.h"

_Static_assert(ERR_FAULT == 12, "user_access.S returns it");

/* user_access.S */
enum error user_access_copy(void *to, const void *from, size_t size);
enum error user_access_zero(void *to, size_t size);
enum error user_access_read_u32(const uint32_t *from, uint32_t *out);

static bool in_user_space(uint64_t address, size_t size)
{
	return address < LAYOUT_USER_END && size <= LAYOUT_USER_END - address;
}

static void *user_pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

enum error user_copy_in(void *to, uint64_t from, size_t size)
{
	if (!in_user_space(from, size))
		return ERR_FAULT;
	return user_access_copy(to, user_pointer(from), size);
}

enum error user_copy_out(uint64_t to, const void *from, size_t size)
{
	if (!in_user_space(to, size))
		return ERR_FAULT;
	return user_access_copy(user_pointer(to), from, size);
}

enum error user_zero(uint64_t to, size_t size)
{
	if (!in_user_space(to, size))
		return ERR_FAULT;
	return user_access_zero(user_pointer(to), size);
}

enum error user_read_u32(uint64_t from, uint32_t *out)
{
	if (!IS_ALIGNED(from, sizeof(*out)))
		return ERR_ALIGNMENT;
	if (!in_user_space(from, sizeof(*out)))
		return ERR_FAULT;
	return user_access_read_u32(user_pointer(from), out);
}

enum error user_copy_string(char *to, size_t room, uint64_t from, size_t *length)
{
	size_t done = 0;

	/* Up to the end of one page at a time: what follows the string need not be mapped. */
	while (done < room) {
		size_t part = PAGE_SIZE - ((from + done) & (PAGE_SIZE - 1));
		enum error error;

		part = part < room - done ? part : room - done;
		error = user_copy_in(to + done, from + done, part);
		if (error != OK)
			return error;
		for (size_t end = done + part; done < end; done++) {
			if (to[done] == 0) {
				*length = done;
				return OK;
			}
		}
	}
	return ERR_RANGE;
}

/* SPDX-License-Identifier: MIT */
/*
 * Copies between guest memory and ours. A page is pinned in the page record while it is touched, so
 * that no sibling vCPU makes a VMSA of it, or gives it to Copra, between the check and the copy.
 */
#include "arch/insn.h"
#include "kernel/guest.h"
#include "kernel/window.h"

/* A pin is held for the time of one copy; wait that long for it, and no longer. */
#define PIN_ATTEMPTS 2000

static enum error pin(gpa_t gpa, struct page_claim *claim)
{
	for (int attempt = 0; attempt < PIN_ATTEMPTS; attempt++) {
		enum page_result result = page_pin(&vm_pages, gpa, PAGE_STATES_GUEST, claim);

		if (result == PAGE_OK)
			return OK;
		if (result != PAGE_BUSY)
			return ERR_RANGE;
		insn_pause();
	}
	return ERR_BUSY;
}

/* Copy within one page; `write`: to the guest. */
static enum error copy_in_page(gpa_t gpa, void *buffer, size_t size, bool write)
{
	struct page_claim claim;
	struct window window;
	enum error error = pin(gpa, &claim);

	if (error != OK)
		return error;
	error = window_open(gpa, size, write ? MAP_WRITE : 0, &window);
	if (error == OK) {
		error = write ? fault_copy(window.address, buffer, size)
			      : fault_copy(buffer, window.address, size);
		window_close(&window);
	}
	page_release(&vm_pages, &claim);
	return error;
}

static enum error copy(gpa_t gpa, uint8_t *buffer, size_t size, bool write)
{
	while (size) {
		size_t part = PAGE_SIZE - gpa.raw % PAGE_SIZE;
		enum error error;

		if (part > size)
			part = size;
		error = copy_in_page(gpa, buffer, part, write);
		if (error != OK)
			return error;
		gpa.raw += part;
		buffer += part;
		size -= part;
	}
	return OK;
}

enum error guest_read(void *to, gpa_t from, size_t size)
{
	return copy(from, to, size, false);
}

enum error guest_write(gpa_t to, const void *from, size_t size)
{
	/* Only read from when writing to the guest. */
	return copy(to, (uint8_t *)(uintptr_t)from, size, true);
}

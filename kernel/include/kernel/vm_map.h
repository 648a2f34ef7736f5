/* SPDX-License-Identifier: MIT */
/*
 * The memory of a process: a sorted list of areas, filled page by page on first touch. Anonymous
 * areas start as zeros; file areas show bytes of the archive, whose pages are mapped as they are
 * where that is possible (whole, aligned, read-only) and copied else.
 *
 * Areas that may need pages of their own (writable, anonymous, or of a file that can't be mapped in
 * place) are charged against the process's limit when they become accessible, so that a process
 * learns of its limit by ENOMEM and not by being ended. The number of areas is limited, too.
 */
#ifndef KERNEL_VM_MAP_H
#define KERNEL_VM_MAP_H

#include "base/list.h"
#include "kernel/error.h"
#include "kernel/paging.h"
#include "kernel/wait.h"

#define VM_AREAS_MAX 1024

#define VM_READ  0x1U
#define VM_WRITE 0x2U
#define VM_EXEC  0x4U

/* Lowest address that a program gets, and one past the highest (the last page stays free: APM2
 * SYSRET with a non-canonical RIP). */
#define VM_LOWEST  0x10000ULL
#define VM_HIGHEST (LAYOUT_USER_END - PAGE_SIZE)

struct vm_area {
	struct list link;
	uint64_t start;
	uint64_t end;
	uint32_t prot;       /* VM_* */
	bool charged;        /* counts against the limit */
	const uint8_t *data; /* what a file area shows from `start` on; NULL: zeros */
	uint64_t data_size;  /* bytes; zeros follow */
};

struct vm_map {
	uint32_t references; /* atomic: threads of one process, and of a vfork child */
	struct mutex lock;   /* of all below */
	struct address_space space;
	struct list areas;  /* by address */
	struct list hidden; /* pages whose area is PROT_NONE at present */
	uint32_t area_count;
	uint64_t charged_pages;
	uint64_t limit_pages;
	uint64_t top; /* areas with no address of their own lie below */
	uint64_t heap_start;
	uint64_t heap_end;
};

/* What to map. Sizes and addresses are multiples of PAGE_SIZE. */
struct vm_request {
	uint64_t address; /* exactly here; 0: choose */
	uint64_t size;
	uint32_t prot;
	bool replace; /* take the place of what is there; else ERR_EXISTS */
	const uint8_t *data;
	uint64_t data_size;
};

/* An empty map that may charge `limit_pages`. ERR_NO_MEMORY. */
MUST_CHECK enum error vm_map_create(uint64_t limit_pages, struct vm_map **out);
void vm_map_get(struct vm_map *map);
/* The last reference scrubs and frees all pages; the map must not be loaded on any CPU then. */
void vm_map_put(struct vm_map *map);

/*
 * Add an area. ERR_RANGE (outside user space), ERR_EXISTS, ERR_INVALID (size 0, unaligned),
 * ERR_DENIED (writable and executable), ERR_LIMIT (charge, number of areas),
 * ERR_NO_MEMORY.
 */
MUST_CHECK enum error vm_map_add(struct vm_map *map, const struct vm_request *request,
				 uint64_t *address);

/* Remove whatever lies in [start, start + size). ERR_INVALID, ERR_RANGE, ERR_NO_MEMORY (split). */
MUST_CHECK enum error vm_map_remove(struct vm_map *map, uint64_t start, uint64_t size);

/* Change permissions. ERR_NOT_FOUND when part of the range is not mapped; else as vm_map_add(). */
MUST_CHECK enum error vm_map_protect(struct vm_map *map, uint64_t start, uint64_t size,
				     uint32_t prot);

/* Give the pages of anonymous memory back; they read as zeros again (MADV_DONTNEED). */
MUST_CHECK enum error vm_map_discard(struct vm_map *map, uint64_t start, uint64_t size);

/* Move the end of the heap; returns where it is now, the old end when it can't be. */
uint64_t vm_map_break(struct vm_map *map, uint64_t end);

/* Make the page at `address` accessible for `access` (VM_*). ERR_FAULT, ERR_NO_MEMORY. */
MUST_CHECK enum error vm_map_fault(struct vm_map *map, uint64_t address, uint32_t access);

/* Write into a map that need not be loaded, e.g. a new program's stack. Errors as vm_map_fault().
 */
MUST_CHECK enum error vm_map_write(struct vm_map *map, uint64_t address, const void *data,
				   size_t size);

#endif

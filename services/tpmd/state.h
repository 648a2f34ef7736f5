/* SPDX-License-Identifier: MIT */
/*
 * Where the TPM's state lives: a few named blobs, each replaced as a whole. One interface, so
 * that a persistent store can take the place of the one in memory.
 */
#ifndef TPMD_STATE_H
#define TPMD_STATE_H

#include "base/compiler.h"
#include "base/types.h"

#define STATE_NAME_MAX 32U
#define STATE_BLOB_MAX (256U << 10)
#define STATE_BLOBS    4U /* permanent, volatile, saved, and one to spare */

enum state_error {
	STATE_OK = 0,
	STATE_ABSENT,    /* no blob of that name */
	STATE_NO_MEMORY, /* no room; the old blob is still there */
	STATE_IO,        /* the medium failed; the old blob is still there */
};

struct state_store;

struct state_operations {
	/* `*data` stays the store's and is valid until the next call. */
	enum state_error (*load)(struct state_store *store, const char *name, const uint8_t **data,
				 size_t *size);
	/* Atomic: after an error, or a crash at any point, the old blob is whole. */
	enum state_error (*save)(struct state_store *store, const char *name, const uint8_t *data,
				 size_t size);
	enum state_error (*remove)(struct state_store *store, const char *name);
};

struct state_store {
	const struct state_operations *operations;
};

/* Blobs in memory, wiped when replaced: the state lives as long as the process. */
struct memory_state {
	struct state_store store;
	struct memory_blob {
		char name[STATE_NAME_MAX];
		uint8_t *data; /* NULL: a free slot */
		size_t size;
	} blobs[STATE_BLOBS];
};

/* Makes `memory` an empty store. */
void memory_state_init(struct memory_state *memory);

/* Wipes and frees all blobs; the store is empty and usable afterwards. */
void memory_state_clear(struct memory_state *memory);

/* The interface, by name. `name` is shorter than STATE_NAME_MAX, `size` 1 to STATE_BLOB_MAX. */
enum state_error state_load(struct state_store *store, const char *name, const uint8_t **data,
			    size_t *size) MUST_CHECK;
enum state_error state_save(struct state_store *store, const char *name, const uint8_t *data,
			    size_t size) MUST_CHECK;
enum state_error state_remove(struct state_store *store, const char *name) MUST_CHECK;

#endif

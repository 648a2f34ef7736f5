/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <stdlib.h>
#include <string.h>

enum state_error state_load(struct state_store *store, const char *name, const uint8_t **data,
			    size_t *size)
{
	return store->operations->load(store, name, data, size);
}

enum state_error state_save(struct state_store *store, const char *name, const uint8_t *data,
			    size_t size)
{
	if (size == 0 || size > STATE_BLOB_MAX || strlen(name) >= STATE_NAME_MAX)
		return STATE_NO_MEMORY;
	return store->operations->save(store, name, data, size);
}

enum state_error state_remove(struct state_store *store, const char *name)
{
	return store->operations->remove(store, name);
}

static void blob_wipe(struct memory_blob *blob)
{
	if (blob->data)
		explicit_bzero(blob->data, blob->size);
	free(blob->data);
	*blob = (struct memory_blob){0};
}

static struct memory_blob *blob_find(struct state_store *store, const char *name)
{
	struct memory_state *memory = container_of(store, struct memory_state, store);

	for (size_t i = 0; i < STATE_BLOBS; i++)
		if (memory->blobs[i].data && strcmp(memory->blobs[i].name, name) == 0)
			return &memory->blobs[i];
	return NULL;
}

static struct memory_blob *blob_free_slot(struct state_store *store)
{
	struct memory_state *memory = container_of(store, struct memory_state, store);

	for (size_t i = 0; i < STATE_BLOBS; i++)
		if (!memory->blobs[i].data)
			return &memory->blobs[i];
	return NULL;
}

static enum state_error memory_load(struct state_store *store, const char *name,
				    const uint8_t **data, size_t *size)
{
	const struct memory_blob *blob = blob_find(store, name);

	if (!blob)
		return STATE_ABSENT;
	*data = blob->data;
	*size = blob->size;
	return STATE_OK;
}

static enum state_error memory_save(struct state_store *store, const char *name,
				    const uint8_t *data, size_t size)
{
	struct memory_blob *blob = blob_find(store, name);
	uint8_t *copy;

	if (!blob)
		blob = blob_free_slot(store);
	if (!blob)
		return STATE_NO_MEMORY;
	copy = malloc(size);
	if (!copy)
		return STATE_NO_MEMORY;
	memcpy(copy, data, size);
	blob_wipe(blob);
	memcpy(blob->name, name, strlen(name) + 1);
	blob->data = copy;
	blob->size = size;
	return STATE_OK;
}

static enum state_error memory_remove(struct state_store *store, const char *name)
{
	struct memory_blob *blob = blob_find(store, name);

	if (!blob)
		return STATE_ABSENT;
	blob_wipe(blob);
	return STATE_OK;
}

static const struct state_operations memory_operations = {
	.load = memory_load,
	.save = memory_save,
	.remove = memory_remove,
};

void memory_state_init(struct memory_state *memory)
{
	*memory = (struct memory_state){.store = {&memory_operations}};
}

void memory_state_clear(struct memory_state *memory)
{
	for (size_t i = 0; i < STATE_BLOBS; i++)
		blob_wipe(&memory->blobs[i]);
}

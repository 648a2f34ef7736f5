/* SPDX-License-Identifier: MIT */
#include "directory.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"

static bool is_hidden(const struct fwcfg_entry *entry)
{
	return strncmp(entry->name, HUSK_HIDDEN_PREFIX_IMAGE, strlen(HUSK_HIDDEN_PREFIX_IMAGE)) ==
		       0 ||
	       strncmp(entry->name, HUSK_HIDDEN_PREFIX_HUSK, strlen(HUSK_HIDDEN_PREFIX_HUSK)) == 0;
}

void directory_hide(struct fwcfg_directory *directory)
{
	uint32_t count = __builtin_bswap32(directory->count);
	uint32_t kept = 0;

	if (count > FWCFG_FILES_MAX)
		count = FWCFG_FILES_MAX;
	for (uint32_t i = 0; i < count; i++)
		if (!is_hidden(&directory->entries[i]))
			directory->entries[kept++] = directory->entries[i];
	memset(&directory->entries[kept], 0, (FWCFG_FILES_MAX - kept) * FWCFG_ENTRY_SIZE);
	directory->count = __builtin_bswap32(kept);
}

struct fwcfg_entry *directory_find(struct fwcfg_directory *directory, const char *name)
{
	for (uint32_t i = 0; i < __builtin_bswap32(directory->count); i++)
		if (strncmp(directory->entries[i].name, name, sizeof(directory->entries[i].name)) ==
		    0)
			return &directory->entries[i];
	return NULL;
}

bool directory_has(const struct fwcfg_directory *directory, uint16_t selector)
{
	for (uint32_t i = 0; i < __builtin_bswap32(directory->count); i++)
		if (__builtin_bswap16(directory->entries[i].selector) == selector)
			return true;
	return false;
}

/* What is left of one entry, written to `out`: none, one or two entries. */
static size_t e820_cut(const struct e820_entry *entry, uint64_t base, uint64_t end,
		       struct e820_entry out[2])
{
	uint64_t entry_end = entry->base + entry->size;
	size_t count = 0;

	if (entry->type != E820_RAM || end <= entry->base || base >= entry_end) {
		out[0] = *entry;
		return 1;
	}
	if (base > entry->base)
		out[count++] = (struct e820_entry){entry->base, base - entry->base, E820_RAM};
	if (end < entry_end)
		out[count++] = (struct e820_entry){end, entry_end - end, E820_RAM};
	return count;
}

size_t e820_remove(struct e820_entry *entries, size_t count, size_t max, uint64_t base,
		   uint64_t size)
{
	size_t i = 0;

	while (i < count) {
		struct e820_entry left[2];
		size_t n = e820_cut(&entries[i], base, base + size, left);

		if (count + n - 1 > max)
			return 0;
		memmove(&entries[i + n], &entries[i + 1], (count - i - 1) * sizeof(*entries));
		memcpy(&entries[i], left, n * sizeof(*entries));
		count = count + n - 1;
		i += n;
	}
	return count;
}

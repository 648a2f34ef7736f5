// SPDX-License-Identifier: MIT
/* ELF64 for x86-64: System V ABI, "Object Files" and "Program Loading". */
#include "elf.h"

#include "kernel/rng.h"
#include "kernel/string.h"

#define ELF_TYPE_EXEC    2
#define ELF_TYPE_DYN     3
#define ELF_MACHINE_X86  62
#define SEGMENT_LOAD     1
#define SEGMENT_INTERP   3
#define SEGMENT_MAX      32
#define SEGMENT_EXECUTE  0x1
#define SEGMENT_WRITE    0x2
#define PIE_BASE         0x555500000000ULL
#define PIE_RANDOM_PAGES (1ULL << 20)

struct elf_header {
	uint8_t ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t segments;
	uint64_t sections;
	uint32_t flags;
	uint16_t size;
	uint16_t segment_size;
	uint16_t segment_count;
	uint16_t section_size;
	uint16_t section_count;
	uint16_t section_names;
};
LAYOUT_SIZE(struct elf_header, 64);

struct elf_segment {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t address;
	uint64_t physical;
	uint64_t file_size;
	uint64_t memory_size;
	uint64_t alignment;
};
LAYOUT_SIZE(struct elf_segment, ELF_SEGMENT_HEADER_SIZE);

static enum error check_header(const struct elf_header *header, size_t size)
{
	static const uint8_t ident[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

	if (memcmp(header->ident, ident, sizeof(ident)) != 0 ||
	    (header->type != ELF_TYPE_EXEC && header->type != ELF_TYPE_DYN) ||
	    header->machine != ELF_MACHINE_X86)
		return ERR_FORMAT;
	if (header->segment_size != sizeof(struct elf_segment) || header->segment_count == 0 ||
	    header->segment_count > SEGMENT_MAX || header->segments > size ||
	    header->segment_count * sizeof(struct elf_segment) > size - header->segments)
		return ERR_FORMAT;
	return OK;
}

static void read_segment(const uint8_t *file, const struct elf_header *header, uint16_t index,
			 struct elf_segment *out)
{
	memcpy(out, file + header->segments + index * sizeof(*out), sizeof(*out));
}

static enum error check_load(const struct elf_segment *segment, size_t size, uint64_t *last_end)
{
	uint64_t end;

	if (segment->file_size > segment->memory_size || segment->offset > size ||
	    segment->file_size > size - segment->offset)
		return ERR_FORMAT;
	if (__builtin_add_overflow(segment->address, segment->memory_size, &end) ||
	    end > VM_HIGHEST)
		return ERR_FORMAT;
	if ((segment->address & (PAGE_SIZE - 1)) != (segment->offset & (PAGE_SIZE - 1)))
		return ERR_FORMAT;
	if ((segment->flags & SEGMENT_WRITE) != 0 && (segment->flags & SEGMENT_EXECUTE) != 0)
		return ERR_FORMAT;
	/* In order and not sharing a page: each gets an area of its own. */
	if (ALIGN_DOWN(segment->address, PAGE_SIZE) < *last_end)
		return ERR_FORMAT;
	*last_end = ALIGN_UP(end, PAGE_SIZE);
	return OK;
}

/* Check all segments; *end is where the last one ends, unrelocated. */
static enum error check_segments(const uint8_t *file, size_t size, const struct elf_header *header,
				 uint64_t *end)
{
	bool any = false;

	*end = 0;
	for (uint16_t i = 0; i < header->segment_count; i++) {
		struct elf_segment segment;
		enum error error = OK;

		read_segment(file, header, i, &segment);
		if (segment.type == SEGMENT_INTERP)
			return ERR_FORMAT;
		if (segment.type != SEGMENT_LOAD || segment.memory_size == 0)
			continue;
		error = check_load(&segment, size, end);
		if (error != OK)
			return error;
		any = true;
	}
	return any ? OK : ERR_FORMAT;
}

static enum error map_segment(struct vm_map *map, const uint8_t *file,
			      const struct elf_segment *segment, uint64_t base)
{
	uint64_t start = ALIGN_DOWN(segment->address, PAGE_SIZE);
	uint64_t lead = segment->address - start;
	struct vm_request request = {
		.address = base + start,
		.size = ALIGN_UP(segment->address + segment->memory_size, PAGE_SIZE) - start,
		.prot = VM_READ,
	};

	if ((segment->flags & SEGMENT_WRITE) != 0)
		request.prot |= VM_WRITE;
	if ((segment->flags & SEGMENT_EXECUTE) != 0)
		request.prot |= VM_EXEC;
	if (segment->file_size != 0) {
		request.data = file + segment->offset - lead;
		request.data_size = segment->file_size + lead;
	}
	return vm_map_add(map, &request, &start);
}

/* Where the program headers are once the file is mapped; 0: in no segment. */
static uint64_t find_headers(const struct elf_segment *segment, const struct elf_header *header)
{
	if (header->segments < segment->offset ||
	    header->segments - segment->offset >= segment->file_size)
		return 0;
	return segment->address + (header->segments - segment->offset);
}

static enum error map_segments(struct vm_map *map, const uint8_t *file,
			       const struct elf_header *header, uint64_t base,
			       struct elf_image *out)
{
	for (uint16_t i = 0; i < header->segment_count; i++) {
		struct elf_segment segment;
		enum error error;

		read_segment(file, header, i, &segment);
		if (segment.type != SEGMENT_LOAD || segment.memory_size == 0)
			continue;
		error = map_segment(map, file, &segment, base);
		if (error != OK)
			return error;
		if (out->headers == 0 && find_headers(&segment, header) != 0)
			out->headers = base + find_headers(&segment, header);
	}
	return OK;
}

enum error elf_load(struct vm_map *map, const uint8_t *file, size_t size, struct elf_image *out)
{
	struct elf_header header;
	uint64_t base = 0, end;
	enum error error;

	memset(out, 0, sizeof(*out));
	if (size < sizeof(header))
		return ERR_FORMAT;
	memcpy(&header, file, sizeof(header));
	error = check_header(&header, size);
	if (error == OK)
		error = check_segments(file, size, &header, &end);
	if (error != OK)
		return error;
	/* IRET to an address that is not canonical would fault in the kernel. */
	if (header.entry >= end)
		return ERR_FORMAT;
	if (header.type == ELF_TYPE_DYN)
		base = PIE_BASE + (rng_hint() % PIE_RANDOM_PAGES) * PAGE_SIZE;
	error = map_segments(map, file, &header, base, out);
	out->entry = base + header.entry;
	out->header_count = header.segment_count;
	out->end = base + end;
	return error;
}

/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <string.h>

#include "base/types.h"
#include "bootabi/bootabi.h"
#include "igvm_elf.h"

static enum tool_status refuse(const struct file *file, const char *reason)
{
	complain("%s: %s", file->path, reason);
	return TOOL_INPUT;
}

static enum tool_status read_header(const struct file *file, Elf64_Ehdr *header)
{
	if (file->size < sizeof(*header))
		return refuse(file, "truncated ELF header");
	memcpy(header, file->bytes, sizeof(*header));
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return refuse(file, "not an ELF file");
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64 ||
	    header->e_type != ET_EXEC)
		return refuse(file, "not a static x86-64 executable");
	if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff > file->size ||
	    header->e_phnum > (file->size - header->e_phoff) / sizeof(Elf64_Phdr))
		return refuse(file, "truncated program headers");
	return TOOL_OK;
}

static enum tool_status add_segment(const struct file *file, const Elf64_Phdr *program,
				    struct elf_kernel *kernel)
{
	struct elf_segment *segment = &kernel->segments[kernel->segment_count];
	uint64_t previous_end = BOOT_LOAD_OFFSET;

	if (kernel->segment_count == ELF_MAX_SEGMENTS)
		return refuse(file, "too many segments");
	if (program->p_filesz > program->p_memsz || program->p_offset > file->size ||
	    program->p_filesz > file->size - program->p_offset)
		return refuse(file, "segment reaches behind the end of the file");
	if (program->p_vaddr < BOOT_KERNEL_VBASE || program->p_memsz > GIB(1))
		return refuse(file, "segment is not linked at BOOT_KERNEL_VBASE");
	if (!IS_ALIGNED(program->p_vaddr, PAGE_SIZE))
		return refuse(file, "segment is not page aligned");
	if (kernel->segment_count > 0)
		previous_end = segment[-1].offset + segment[-1].memory_size;

	segment->offset = program->p_vaddr - BOOT_KERNEL_VBASE;
	segment->memory_size = ALIGN_UP(program->p_memsz, PAGE_SIZE);
	segment->bytes = file->bytes + program->p_offset;
	segment->size = program->p_filesz;
	segment->flags = ((program->p_flags & PF_W) != 0 ? BOOT_RANGE_WRITE : 0U) |
			 ((program->p_flags & PF_X) != 0 ? BOOT_RANGE_EXECUTE : 0U);
	if (segment->offset < previous_end)
		return refuse(file, "segments overlap, are not in order, or lie below "
				    "BOOT_LOAD_OFFSET");
	kernel->segment_count++;
	return TOOL_OK;
}

enum tool_status elf_parse(const struct file *file, struct elf_kernel *kernel)
{
	Elf64_Ehdr header;
	enum tool_status status = read_header(file, &header);

	memset(kernel, 0, sizeof(*kernel));
	for (uint32_t i = 0; status == TOOL_OK && i < header.e_phnum; i++) {
		Elf64_Phdr program;

		memcpy(&program, file->bytes + header.e_phoff + i * sizeof(program),
		       sizeof(program));
		if (program.p_type == PT_LOAD && program.p_memsz != 0)
			status = add_segment(file, &program, kernel);
	}
	if (status != TOOL_OK)
		return status;
	if (kernel->segment_count == 0)
		return refuse(file, "no PT_LOAD segment");
	kernel->entry = header.e_entry;
	for (uint32_t i = 0; i < kernel->segment_count; i++) {
		const struct elf_segment *segment = &kernel->segments[i];
		uint64_t at = header.e_entry - (BOOT_KERNEL_VBASE + segment->offset);

		if ((segment->flags & BOOT_RANGE_EXECUTE) != 0 && at < segment->memory_size)
			return TOOL_OK;
	}
	return refuse(file, "entry point lies in no executable segment");
}

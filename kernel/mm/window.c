/* SPDX-License-Identifier: MIT */
/*
 * Each CPU has 4 MiB of addresses: one page table of 4 KiB windows, and one 2 MiB window. Nobody
 * else uses them, so opening flushes nothing and closing flushes only this CPU.
 */
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/preempt.h"
#include "kernel/stop.h"
#include "kernel/window.h"
#include "tables.h"
#include "kernel/cpu_internal.h"

#define CPU_SPAN (2 * PAGE_2M_SIZE)

static uint64_t cpu_base(const struct cpu *cpu)
{
	return LAYOUT_WINDOW_BASE + cpu->index * CPU_SPAN;
}

enum error window_prepare(struct cpu *cpu)
{
	enum error error = kernel_entry_of(VADDR(cpu_base(cpu)), LEVEL_4K, &cpu->windows.table);

	if (error != OK)
		return error;
	return kernel_entry_of(VADDR(cpu_base(cpu) + PAGE_2M_SIZE), LEVEL_2M, &cpu->windows.large);
}

/* [start, start + size) must be addressable and have nothing of Copra's region in it. */
static enum error check_range(uint64_t start, uint64_t size)
{
	uint64_t region = boot_info.params.region_base;
	uint64_t end;

	if (size == 0)
		return ERR_INVALID;
	if (__builtin_add_overflow(start, size, &end) || end > BIT(52) ||
	    (boot_info.cbit != 0 && end > boot_info.cbit))
		return ERR_OVERFLOW;
	if (start < region + boot_info.params.region_size && end > region)
		return ERR_RANGE;
	return OK;
}

enum error window_open(gpa_t gpa, size_t size, unsigned int flags, struct window *out)
{
	uint64_t first = ALIGN_DOWN(gpa.raw, PAGE_SIZE);
	uint64_t count = (gpa.raw % PAGE_SIZE + size + PAGE_SIZE - 1) / PAGE_SIZE;
	enum error error = check_range(gpa.raw, size);
	struct cpu *cpu;

	if (error != OK)
		return error;
	if (count > WINDOW_PAGES_MAX)
		return ERR_LIMIT;
	preempt_disable();
	cpu = this_cpu();
	if (cpu->windows.depth == WINDOW_DEPTH || cpu->windows.next + count + 1 > TABLE_ENTRIES) {
		preempt_enable();
		return ERR_LIMIT;
	}
	for (uint64_t i = 0; i < count; i++)
		WRITE_ONCE(cpu->windows.table[cpu->windows.next + i],
			   pte_make(PADDR(first + i * PAGE_SIZE), flags & (MAP_WRITE | MAP_SHARED),
				    LEVEL_4K));
	*out = (struct window){
		.address = (void *)(cpu_base(cpu) + cpu->windows.next * PAGE_SIZE +
				    gpa.raw % PAGE_SIZE),
		.slot = cpu->windows.next,
		.pages = (uint16_t)count,
	};
	cpu->windows.next = (uint16_t)(cpu->windows.next + count + 1); /* and a gap */
	cpu->windows.depth++;
	return OK;
}

enum error window_open_2m(gpa_t gpa, unsigned int flags, struct window *out)
{
	enum error error = check_range(gpa.raw, PAGE_2M_SIZE);
	struct cpu *cpu;

	if (error != OK)
		return error;
	if (!IS_ALIGNED(gpa.raw, PAGE_2M_SIZE))
		return ERR_ALIGNMENT;
	preempt_disable();
	cpu = this_cpu();
	if (cpu->windows.depth == WINDOW_DEPTH || (*cpu->windows.large & PTE_PRESENT) != 0) {
		preempt_enable();
		return ERR_LIMIT;
	}
	WRITE_ONCE(*cpu->windows.large,
		   pte_make(PADDR(gpa.raw), flags & (MAP_WRITE | MAP_SHARED), LEVEL_2M));
	*out = (struct window){.address = (void *)(cpu_base(cpu) + PAGE_2M_SIZE)};
	cpu->windows.depth++;
	return OK;
}

void window_close(struct window *window)
{
	struct cpu *cpu = this_cpu();
	uint64_t address = cpu_base(cpu) + window->slot * PAGE_SIZE;

	ASSERT(cpu->windows.depth > 0);
	if (window->pages == 0) {
		WRITE_ONCE(*cpu->windows.large, 0);
		insn_invlpg(cpu_base(cpu) + PAGE_2M_SIZE);
	}
	for (uint64_t i = 0; i < window->pages; i++) {
		WRITE_ONCE(cpu->windows.table[window->slot + i], 0);
		insn_invlpg(address + i * PAGE_SIZE);
	}
	if (window->pages > 0) {
		ASSERT(cpu->windows.next == window->slot + window->pages + 1);
		cpu->windows.next = window->slot;
	}
	cpu->windows.depth--;
	window->address = NULL;
	preempt_enable();
}

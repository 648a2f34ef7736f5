/* SPDX-License-Identifier: MIT */
/* Permissions of the kernel's address space, windows, user address spaces, faults. */
#include "bootabi/bootabi.h"
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "kernel/window.h"
#include "arch/fixup.h"

#define RAM_OUTSIDE GPA(0x200000) /* ordinary memory below the region */

static unsigned int released; /* by space_destroy() */

/* Nobody has validated it, so on SNP only a shared mapping may touch it. */
static unsigned int outside_flags(void)
{
	return boot_info.cbit != 0 ? MAP_SHARED : 0U;
}

extern const char kernel_text_start[], kernel_rodata_start[], kernel_sealed_start[],
	boot_stack_guard[];

static unsigned int flags_at(const void *address)
{
	struct mapping mapping;

	if (paging_kernel_query(VADDR((uint64_t)address), &mapping) != OK)
		return UINT32_MAX;
	return mapping.flags;
}

/* Step through [start, end) page by page: no page is writable and executable, none is the user's.
 */
static void check_area(uint64_t start, uint64_t end)
{
	while (start < end) {
		struct mapping m = {.size = PAGE_SIZE};

		if (paging_kernel_query(VADDR(start), &m) == OK) {
			KTEST_CHECK((m.flags & (MAP_WRITE | MAP_EXECUTE)) !=
				    (MAP_WRITE | MAP_EXECUTE));
			KTEST_CHECK((m.flags & MAP_USER) == 0);
		}
		start += m.size;
	}
}

KTEST(paging_write_xor_execute, 0)
{
	uint64_t size = boot_info.params.region_size;

	check_area(LAYOUT_IMAGE_BASE, LAYOUT_IMAGE_BASE + size);
	check_area(LAYOUT_DIRECT_BASE, LAYOUT_DIRECT_BASE + size);
	check_area(LAYOUT_RANGE_BASE, LAYOUT_RANGE_BASE + MIB(8));
	KTEST_CHECK(flags_at(kernel_text_start) == MAP_EXECUTE);
	KTEST_CHECK(flags_at(kernel_rodata_start) == 0);
	KTEST_CHECK(flags_at(kernel_sealed_start) == 0);
	KTEST_CHECK(flags_at(&released) == MAP_WRITE);
	KTEST_CHECK(flags_at(boot_stack_guard) == UINT32_MAX);
	return OK;
}

KTEST(paging_image_has_no_second_mapping, 0)
{
	uint64_t offset = (uint64_t)kernel_text_start - LAYOUT_IMAGE_BASE;

	KTEST_CHECK(flags_at((const void *)(LAYOUT_DIRECT_BASE + offset)) == UINT32_MAX);
	KTEST_CHECK(flags_at(NULL) == UINT32_MAX);
	return OK;
}

KTEST(paging_control_registers, 0)
{
	KTEST_CHECK((insn_read_cr0() & CR0_WP) != 0);
	KTEST_CHECK((insn_rdmsr(MSR_EFER) & EFER_NXE) != 0);
	KTEST_CHECK(!cpu_features.smep || (insn_read_cr4() & CR4_SMEP) != 0);
	KTEST_CHECK(!cpu_features.smap || (insn_read_cr4() & CR4_SMAP) != 0);
	KTEST_CHECK(!cpu_features.umip || (insn_read_cr4() & CR4_UMIP) != 0);
	return OK;
}

KTEST(fault_is_an_error, 0)
{
	uint64_t word = 7, out = 9;
	char byte;

	KTEST_CHECK(fault_read_u64(&word, &out) == OK && out == 7);
	KTEST_CHECK(fault_read_u64((const void *)LAYOUT_WINDOW_BASE, &out) == ERR_FAULT);
	KTEST_CHECK(fault_read_u64((const void *)0x1234567812345678, &out) == ERR_FAULT);
	KTEST_CHECK(fault_write_u64((void *)(uint64_t)kernel_text_start, 1) == ERR_FAULT);
	KTEST_CHECK(fault_write_u64((void *)(uint64_t)kernel_sealed_start, 1) == ERR_FAULT);
	KTEST_CHECK(fault_copy(&byte, (const void *)boot_stack_guard, 1) == ERR_FAULT);
	KTEST_CHECK(out == 7);
	return OK;
}

KTEST(window_reads_and_writes, 0)
{
	struct window first, second;
	volatile uint64_t *a, *b;

	KTEST_CHECK(window_open(RAM_OUTSIDE, 8, MAP_WRITE | outside_flags(), &first) == OK);
	a = first.address;
	*a = 0x1122334455667788;
	KTEST_CHECK(window_open(GPA(RAM_OUTSIDE.raw + 4), PAGE_SIZE, outside_flags(), &second) ==
		    OK);
	b = second.address;
	KTEST_CHECK(*(volatile uint32_t *)b == 0x11223344);
	KTEST_CHECK(fault_write_u64(second.address, 0) == ERR_FAULT);
	window_close(&second);
	window_close(&first);
	KTEST_CHECK(fault_write_u64((void *)(uint64_t)a, 0) == ERR_FAULT);
	KTEST_CHECK(window_open_2m(RAM_OUTSIDE, outside_flags(), &first) == OK);
	KTEST_CHECK(*(volatile uint64_t *)first.address == 0x1122334455667788);
	KTEST_CHECK(window_open_2m(RAM_OUTSIDE, 0, &second) == ERR_LIMIT);
	window_close(&first);
	KTEST_CHECK(this_cpu()->preempt_count == 0);
	return OK;
}

KTEST(window_refuses, 0)
{
	uint64_t region = boot_info.params.region_base;
	struct window w[WINDOW_DEPTH + 1];
	unsigned int open = 0;

	KTEST_CHECK(window_open(GPA(region), 1, 0, &w[0]) == ERR_RANGE);
	KTEST_CHECK(window_open(GPA(region - 1), 2, 0, &w[0]) == ERR_RANGE);
	KTEST_CHECK(window_open_2m(GPA(region), 0, &w[0]) == ERR_RANGE);
	KTEST_CHECK(window_open_2m(GPA(0x201000), 0, &w[0]) == ERR_ALIGNMENT);
	KTEST_CHECK(window_open(RAM_OUTSIDE, 0, 0, &w[0]) == ERR_INVALID);
	KTEST_CHECK(window_open(GPA(UINT64_MAX), 2, 0, &w[0]) == ERR_OVERFLOW);
	KTEST_CHECK(window_open(GPA(BIT(60)), 2, 0, &w[0]) == ERR_OVERFLOW);
	KTEST_CHECK(window_open(RAM_OUTSIDE, MIB(1), 0, &w[0]) == ERR_LIMIT);
	while (open <= WINDOW_DEPTH && window_open(RAM_OUTSIDE, 1, 0, &w[open]) == OK)
		open++;
	KTEST_CHECK(open == WINDOW_DEPTH);
	while (open > 0)
		window_close(&w[--open]);
	return OK;
}

static void release_test_page(void *context, vaddr_t address, paddr_t page)
{
	(void)context;
	(void)address;
	page_free(page, 0);
	released++;
}

static enum error map_fresh(struct address_space *space, uint64_t address, unsigned int flags)
{
	paddr_t page;
	enum error error = page_alloc(0, PAGE_OWNER_TEST, PAGE_ZERO, &page);

	if (error != OK)
		return error;
	error = space_map(space, VADDR(address), page, flags);
	if (error != OK)
		page_free(page, 0);
	return error;
}

KTEST(space_life, KTEST_SWEEP)
{
	struct address_space space;
	struct mapping m;
	paddr_t page;
	enum error error = space_create(&space);

	if (error != OK)
		return error;
	error = map_fresh(&space, 0x400000, MAP_EXECUTE);
	if (error == OK)
		error = map_fresh(&space, LAYOUT_USER_END - PAGE_SIZE, MAP_WRITE);
	if (error == OK) {
		KTEST_CHECK(space_query(&space, VADDR(0x400123), &m) == OK);
		KTEST_CHECK(m.flags == (MAP_USER | MAP_EXECUTE) && m.address.raw % 4096 == 0x123);
		KTEST_CHECK(map_fresh(&space, 0x400000, 0) != OK);
		KTEST_CHECK(space_protect(&space, VADDR(0x400000), 0) == OK);
		KTEST_CHECK(space_query(&space, VADDR(0x400000), &m) == OK && m.flags == MAP_USER);
		KTEST_CHECK(space_unmap(&space, VADDR(0x400000), &page) == OK);
		page_free(page, 0);
		KTEST_CHECK(space_unmap(&space, VADDR(0x400000), &page) == ERR_NOT_FOUND);
	}
	released = 0;
	space_destroy(&space, release_test_page, NULL);
	KTEST_CHECK(error != OK || released == 1);
	return error;
}

KTEST(space_refuses, 0)
{
	struct address_space space;

	if (space_create(&space) != OK)
		return ERR_NO_MEMORY;
	KTEST_CHECK(space_map(&space, VADDR(LAYOUT_USER_END), PADDR(0), 0) == ERR_RANGE);
	KTEST_CHECK(space_map(&space, VADDR(LAYOUT_DIRECT_BASE), PADDR(0), 0) == ERR_RANGE);
	KTEST_CHECK(space_map(&space, VADDR(1), PADDR(0), 0) == ERR_ALIGNMENT);
	KTEST_CHECK(space_map(&space, VADDR(4096), PADDR(0), MAP_WRITE | MAP_EXECUTE) ==
		    ERR_INVALID);
	space_destroy(&space, NULL, NULL);
	return OK;
}

extern uint64_t __stack_chk_guard;

KTEST(stack_protector_has_a_value_of_this_boot, 0)
{
	KTEST_CHECK(__stack_chk_guard != 0x5ac3a7f0d15ea5e5 && __stack_chk_guard != 0);
	KTEST_CHECK((__stack_chk_guard & 0xff) == 0); /* no string operation copies it whole */
	return OK;
}

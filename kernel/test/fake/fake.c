/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../mm/pages.h"
#include "../../mm/tables.h"
#include "fake.h"
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/cpu.h"
#include "kernel/failure.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/preempt.h"
#include "kernel/smp.h"
#include "kernel/string.h"
#include "kernel/thread.h"

struct fake_machine fake_machine;
struct boot_info boot_info;
struct cpu_features cpu_features;

jmp_buf fake_stop_target;
bool fake_stop_expected;
enum stop_reason fake_stop_reason;

static struct cpu cpu;
static struct thread thread;
static uint8_t *region;
static void *page_table;
static paddr_t root;

/* --- Machine --------------------------------------------------------------------------------- */

uint64_t *fake_msr(uint32_t number)
{
	for (unsigned int i = 0; i < FAKE_MSRS; i++) {
		if (fake_machine.msrs[i].number == 0)
			fake_machine.msrs[i].number = number;
		if (fake_machine.msrs[i].number == number)
			return &fake_machine.msrs[i].value;
	}
	abort();
}

uint32_t *fake_port(uint16_t port)
{
	for (unsigned int i = 0; i < FAKE_PORTS; i++) {
		if (fake_machine.ports[i].port == 0)
			fake_machine.ports[i].port = port;
		if (fake_machine.ports[i].port == port)
			return &fake_machine.ports[i].value;
	}
	abort();
}

void fake_preempt_count_add(int32_t by)
{
	cpu.preempt_count += (uint32_t)by;
}

/* --- What the components under test call ------------------------------------------------------ */

irq_flags_t irq_save(void)
{
	irq_flags_t flags = insn_read_flags();

	insn_cli();
	return flags;
}

void irq_restore(irq_flags_t flags)
{
	fake_machine.interrupts = flags != 0;
}

void preempt_check(void)
{
}

void smp_poll(void)
{
}

void tlb_flush(const struct address_space *space, vaddr_t address, size_t pages)
{
	(void)space;
	for (size_t i = 0; i < pages; i++)
		insn_invlpg(address.raw + i * PAGE_SIZE);
}

bool stop_in_progress(void)
{
	return false;
}

void stop(enum stop_reason reason)
{
	if (!fake_stop_expected) {
		fprintf(stderr, "unexpected stop %d\n", (int)reason);
		abort();
	}
	fake_stop_reason = reason;
	longjmp(fake_stop_target, 1);
}

void assertion_failed(const char *expression, const char *file, unsigned int line)
{
	fprintf(stderr, "%s:%u: %s\n", file, line, expression);
	stop(STOP_ASSERTION);
}

void memory_wipe(void *to, size_t size)
{
	memset(to, 0, size);
}

void *phys_to_virt(paddr_t address)
{
	uint64_t offset = address.raw - FAKE_REGION_BASE;

	if (offset >= FAKE_REGION_SIZE)
		abort();
	return region + offset;
}

paddr_t virt_to_phys(const void *address)
{
	uint64_t offset = (uint64_t)((const uint8_t *)address - region);

	if (offset >= FAKE_REGION_SIZE)
		abort();
	return PADDR(FAKE_REGION_BASE + offset);
}

paddr_t paging_kernel_root(void)
{
	return root;
}

enum error table_page_alloc(paddr_t *out)
{
	return page_alloc(0, PAGE_OWNER_PAGE_TABLE, PAGE_ZERO, out);
}

/* --- A fresh start --- */

void fake_start(uint32_t pages)
{
	free(region);
	free(page_table);
	region = aligned_alloc(PAGE_2M_SIZE, FAKE_REGION_SIZE);
	page_table = malloc(page_table_size(FAKE_REGION_SIZE / PAGE_SIZE));
	if (region == NULL || page_table == NULL)
		abort();
	memset(region, 0xee, FAKE_REGION_SIZE);
	memset(&cpu, 0, sizeof(cpu));
	memset(&thread, 0, sizeof(thread));
	cpu.self = &cpu;
	cpu.current = &thread;
	fake_machine = (struct fake_machine){.cpu = &cpu, .interrupts = true};
	boot_info = (struct boot_info){.cbit = BIT(51)};
	boot_info.params.region_base = FAKE_REGION_BASE;
	boot_info.params.region_size = FAKE_REGION_SIZE;
	page_init(page_table, FAKE_REGION_SIZE / PAGE_SIZE);
	page_add(PADDR(FAKE_REGION_BASE), pages);
	if (table_page_alloc(&root) != OK)
		abort();
}

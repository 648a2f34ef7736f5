/* SPDX-License-Identifier: MIT */
/* What vcpu.c needs of the kernel, for a host program: memory is calloc's, the guest's pages are an
 * array. */
#include <stdlib.h>
#include <string.h>
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/percpu.h"
#include "kernel/platform.h"
#include "kernel/sched.h"
#include "kernel/service.h"
#include "kernel/smp.h"
#include "kernel/vm.h"
#include "vcpu_model.h"

struct vcpu_model model;
struct fake_machine fake_machine;
struct page_record vm_pages;
struct boot_info boot_info;
static uint8_t guest_pages[MODEL_PAGES][PAGE_SIZE] ALIGNED(4096);
static struct cpu cpus[MODEL_CPUS];

uint8_t *model_page(uint64_t gpa)
{
	return guest_pages[gpa >> PAGE_SHIFT];
}

static bool refuse(void)
{
	return model.fail_at && ++model.operations == model.fail_at;
}

void *kalloc(size_t size)
{
	return refuse() ? NULL : calloc(1, size);
}

void kfree(void *memory)
{
	free(memory);
}

enum error vm_map_physical(paddr_t address, size_t size, unsigned int flags, void **out)
{
	(void)size;
	(void)flags;
	if (refuse())
		return ERR_NO_MEMORY;
	model.mappings++;
	*out = model_page(address.raw);
	return OK;
}

void vm_unmap_physical(void *address)
{
	(void)address;
	model.mappings--;
}

void *phys_to_virt(paddr_t address)
{
	return model_page(address.raw);
}

enum error service_slot_create(struct service_slot **out, uint32_t vcpu)
{
	(void)vcpu;
	*out = NULL;
	return OK;
}

uint32_t cpu_count(void)
{
	return MODEL_CPUS;
}

struct cpu *cpu_at(uint32_t index)
{
	cpus[index].apic_id = 0x10 + index;
	return &cpus[index];
}

void wait_queue_init(struct wait_queue *queue)
{
	(void)queue;
}

size_t wait_wake_all(struct wait_queue *queue)
{
	(void)queue;
	return 0;
}

uint64_t clock_ns(void)
{
	return model.now += 1000000;
}

void sched_yield(void)
{
	if (model.on_yield)
		model.on_yield();
}

void smp_reschedule(uint32_t cpu)
{
	model.kicks++;
	(void)cpu;
}

static uint32_t set(gpa_t gpa, bool granted, bool vmsa)
{
	if (refuse())
		return 2;
	model.granted[gpa.raw >> PAGE_SHIFT] = granted;
	model.vmsa[gpa.raw >> PAGE_SHIFT] = vmsa;
	return 0;
}

static uint32_t protect_page(gpa_t gpa, uint8_t vmpl)
{
	(void)vmpl;
	return set(gpa, false, false);
}

static uint32_t grant_page(gpa_t gpa, uint8_t vmpl)
{
	(void)vmpl;
	return set(gpa, true, false);
}

static uint32_t make_vmsa(gpa_t gpa, uint8_t vmpl)
{
	(void)vmpl;
	return set(gpa, false, true);
}

static void flush(void)
{
	model.flushes++;
}

static const struct guest_machine machine = {
	.page_protect = protect_page,
	.page_grant = grant_page,
	.page_make_vmsa = make_vmsa,
	.page_unmake_vmsa = protect_page,
	.flush = flush,
};
static bool timer_available(void)
{
	return true;
}

static const struct platform model_platform = {
	.guest = &machine,
	.timer_available = timer_available,
};
const struct platform *platform = &model_platform;

static void *record_allocate(size_t bytes)
{
	return calloc(1, bytes);
}

static void record_release(void *memory, size_t bytes)
{
	(void)bytes;
	free(memory);
}

void model_start(void)
{
	static const struct page_record_memory memory = {record_allocate, record_release};

	if (vm_pages.chunks[0]) {
		if (page_seed(&vm_pages, GPA(0), GIB(1), PAGE_ABSENT) != PAGE_OK)
			abort();
		free(vm_pages.chunks[0]);
	}
	model = (struct vcpu_model){0};
	memset(guest_pages, 0, sizeof(guest_pages));
	boot_info.params.guest_vmpl = 2;
	boot_info.params.guest_sev_features = SEV_FEATURE_SNP;
	page_record_init(&vm_pages, &memory);
	if (page_seed(&vm_pages, GPA(0), MODEL_PAGES * PAGE_SIZE, PAGE_GUEST) != PAGE_OK)
		abort();
	for (unsigned int i = 0; i < MODEL_PAGES; i++)
		model.granted[i] = true;
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "kernel/boot.h"
#include "kernel/platform.h"
#include "kernel/vcpu.h"
#include "model.h"

struct model model;
struct page_record vm_pages;
struct boot_info boot_info;

static void *model_allocate(size_t bytes)
{
	return calloc(1, bytes);
}

static void model_release(void *memory, size_t bytes)
{
	(void)bytes;
	free(memory);
}

static bool failing(uint32_t *status)
{
	model.operations++;
	*status = model.operations == model.fail_at ? model.fail_status : 0;
	return *status != 0;
}

static struct model_page *page_at(gpa_t gpa)
{
	return &model.pages[gpa.raw >> PAGE_SHIFT];
}

static uint32_t accept_page(gpa_t gpa, enum page_size size, uint8_t vmpl)
{
	uint64_t pages = size == PAGE_2M ? 512 : 1;
	uint32_t status;

	(void)vmpl;
	if (failing(&status))
		return status;
	for (uint64_t i = 0; i < pages; i++) {
		struct model_page *page = page_at(GPA(gpa.raw + i * PAGE_SIZE));

		if (page->validated)
			abort(); /* double validation */
		*page = (struct model_page){.validated = true, .granted = true};
	}
	return 0;
}

static uint32_t rescind_page(gpa_t gpa, enum page_size size, uint8_t vmpl)
{
	uint64_t pages = size == PAGE_2M ? 512 : 1;
	uint32_t status;

	(void)vmpl;
	if (failing(&status))
		return status;
	for (uint64_t i = 0; i < pages; i++)
		*page_at(GPA(gpa.raw + i * PAGE_SIZE)) = (struct model_page){0};
	return 0;
}

static uint32_t protect_page(gpa_t gpa, uint8_t vmpl)
{
	uint32_t status;

	(void)vmpl;
	if (!failing(&status))
		page_at(gpa)->granted = false;
	return status;
}

static uint32_t grant_page(gpa_t gpa, uint8_t vmpl)
{
	uint32_t status;

	(void)vmpl;
	if (!failing(&status))
		page_at(gpa)->granted = true;
	return status;
}

static void flush(void)
{
	model.flushes++;
}

static const struct guest_machine machine = {
	.page_accept = accept_page,
	.page_rescind = rescind_page,
	.page_protect = protect_page,
	.page_grant = grant_page,
	.flush = flush,
};

static const struct platform model_platform = {.guest = &machine};
const struct platform *platform = &model_platform;

enum error guest_read(void *to, gpa_t from, size_t size)
{
	if (from.raw > sizeof(model.memory) || size > sizeof(model.memory) - from.raw)
		return ERR_RANGE;
	memcpy(to, model.memory + from.raw, size);
	return OK;
}

enum error guest_write(gpa_t to, const void *from, size_t size)
{
	if (to.raw > sizeof(model.memory) || size > sizeof(model.memory) - to.raw)
		return ERR_RANGE;
	memcpy(model.memory + to.raw, from, size);
	return OK;
}

void vcpu_set_memory_available(bool available)
{
	model.memory_available = available;
}

/* Folds every leaf, then the one chunk in use goes. */
static void forget_record(void)
{
	if (!vm_pages.chunks[0])
		return;
	if (page_seed(&vm_pages, GPA(0), GIB(1), PAGE_ABSENT) != PAGE_OK)
		abort();
	free(vm_pages.chunks[0]);
}

void model_start(void)
{
	static const struct page_record_memory memory = {model_allocate, model_release};

	forget_record();
	model = (struct model){0};
	boot_info.params.guest_vmpl = 2;
	page_record_init(&vm_pages, &memory);
	if (page_seed(&vm_pages, GPA(0), MODEL_PAGES * PAGE_SIZE, PAGE_UNVALIDATED) != PAGE_OK ||
	    page_seed(&vm_pages, GPA(0), sizeof(model.memory), PAGE_GUEST) != PAGE_OK)
		abort();
	for (unsigned int i = 0; i < sizeof(model.memory) / PAGE_SIZE; i++)
		model.pages[i] = (struct model_page){.validated = true, .granted = true};
}

/* SPDX-License-Identifier: MIT */
/* Mode native: the image's NATIVE platform on the bare machine, without a hypervisor. */
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "husk/svm.h"
#include "huskabi/huskabi.h"
#include "loader/loader.h"
#include "mem/mem.h"

struct table_register {
	uint16_t limit;
	uint64_t base; /* the upper half is not looked at outside of long mode */
} PACKED;

/* Read by enter_native.S: keep its offsets in step. */
struct native_registers {
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t cr0, cr4;
	uint32_t data_selector, code_selector;
	struct {
		uint16_t limit;
		uint32_t base;
		uint16_t pad;
	} PACKED gdtr, idtr;
};
LAYOUT_AT(struct native_registers, cr0, 0x20);
LAYOUT_AT(struct native_registers, gdtr, 0x30);
LAYOUT_AT(struct native_registers, idtr, 0x38);

#define GDT_ENTRIES 512

/* One page below 4 GiB: what the last instructions need. */
struct handover {
	struct native_registers registers;
	struct table_register gdtr;
	uint8_t stack[0x200]; /* enter_native.S uses the first 0x100 bytes behind `registers` */
};

void enter_native(uint64_t self, const void *gdtr, const struct native_registers *r);
extern uint32_t native_jump;

static struct igvm_native_context boot_context;
static bool have_context;

static void native_page(const struct igvm_page_data *page, const uint8_t *bytes)
{
	void *to = machine_map(PADDR(page->gpa));

	if (bytes)
		memcpy(to, bytes, PAGE_SIZE);
	else
		memset(to, 0, PAGE_SIZE);
}

static void native_parameter(gpa_t gpa, const uint8_t *bytes)
{
	memcpy(machine_map(PADDR(gpa.raw)), bytes, PAGE_SIZE);
}

static void native_context(const struct igvm_vp_context *vp, const uint8_t *bytes)
{
	if (vp->vp_index != 0)
		return;
	memcpy(&boot_context, bytes, sizeof(boot_context));
	have_context = true;
}

static void native_memory(const struct igvm_required_memory *memory)
{
	if (!loader_may_fill(GPA(memory->gpa), memory->size))
		machine_end(HUSK_EXIT_BAD_IMAGE, "the image requires memory at %lx (-m?)",
			    memory->gpa);
}

static void native_policy(const struct igvm_guest_policy *policy)
{
	(void)policy;
}

static void native_id_block(const struct igvm_snp_id_block *block)
{
	(void)block;
}

static const struct loader_ops native_ops = {
	.platform = IGVM_PLATFORM_NATIVE,
	.page = native_page,
	.parameter = native_parameter,
	.required_memory = native_memory,
	.policy = native_policy,
	.id_block = native_id_block,
	.context = native_context,
};

static uint64_t segment_descriptor(uint32_t base, uint32_t limit, uint16_t attributes)
{
	uint64_t units = attributes & BIT(15) ? limit >> PAGE_SHIFT : limit;

	return (units & 0xffff) | (uint64_t)(base & 0xffffff) << 16 |
	       (uint64_t)(attributes & 0xff) << 40 | (units >> 16 & 0xf) << 48 |
	       (uint64_t)(attributes >> 12 & 0xf) << 52 | (uint64_t)(base >> 24) << 56;
}

/* Husk's stage of the GDT: the context's two descriptors at the context's selectors. */
static uint64_t *build_gdt(const struct igvm_native_context *c)
{
	uint64_t *gdt = page_alloc();

	if (!gdt)
		machine_end(HUSK_EXIT_INTERNAL, "no page for the handover");
	gdt[c->code_selector / 8 % GDT_ENTRIES] =
		segment_descriptor(c->code_base, c->code_limit, c->code_attributes);
	gdt[c->data_selector / 8 % GDT_ENTRIES] =
		segment_descriptor(c->data_base, c->data_limit, c->data_attributes);
	return gdt;
}

static void fill_registers(struct native_registers *r, const struct igvm_native_context *c)
{
	*r = (struct native_registers){
		.eax = (uint32_t)c->rax,
		.ecx = (uint32_t)c->rcx,
		.edx = (uint32_t)c->rdx,
		.ebx = (uint32_t)c->rbx,
		.esp = (uint32_t)c->rsp,
		.ebp = (uint32_t)c->rbp,
		.esi = (uint32_t)c->rsi,
		.edi = (uint32_t)c->rdi,
		.cr0 = (uint32_t)c->cr0,
		.cr4 = (uint32_t)c->cr4,
		.code_selector = c->code_selector,
		.data_selector = c->data_selector,
		.gdtr = {.limit = c->gdtr_limit, .base = (uint32_t)c->gdtr_base},
		.idtr = {.limit = c->idtr_limit, .base = (uint32_t)c->idtr_base},
	};
}

/* The boot contract's entry state: 32 bits, paging off, flat. Other states are refused. */
static void check_context(const struct igvm_native_context *c)
{
	if (!have_context)
		machine_end(HUSK_EXIT_BAD_IMAGE, "the NATIVE platform has no VP_CONTEXT");
	if ((c->cr0 & CR0_PG) || !(c->cr0 & CR0_PE) || c->efer || c->rip >> 32 ||
	    c->data_selector == c->code_selector)
		machine_end(HUSK_EXIT_BAD_IMAGE,
			    "VP_CONTEXT isn't 32-bit protected mode without paging");
}

void native_run(void)
{
	struct handover *handover = page_alloc();
	uint64_t *gdt;
	uint64_t self;

	loader_load_image(&native_ops);
	check_context(&boot_context);
	loader_release();
	gdt = build_gdt(&boot_context);
	fill_registers(&handover->registers, &boot_context);
	handover->gdtr.limit = GDT_ENTRIES * sizeof(*gdt) - 1;
	handover->gdtr.base = page_physical(gdt).raw;
	self = page_physical(enter_native).raw;
	native_jump = (uint32_t)(boot_context.rip - page_physical(&native_jump).raw -
				 sizeof(native_jump));
	log_detail("native: starting at %lx", boot_context.rip);
	enter_native(self, (void *)page_physical(&handover->gdtr).raw,
		     (void *)page_physical(&handover->registers).raw);
	machine_end(HUSK_EXIT_INTERNAL, "the native guest returned");
}

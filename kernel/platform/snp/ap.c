/* SPDX-License-Identifier: MIT */
/* CPUs: which there are, and how they get a VMSA of ours (GHCB 6.4). */
#include "arch/insn.h"
#include "arch/insn_snp.h"
#include "kernel/boot.h"
#include "kernel/cache.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/paging.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "sevabi/rmp.h"
#include "sevabi/vmsa.h"
#include "snp.h"

#define APIC_LIST_PAGES 1U

/* arch/x86/entry.S: RDI is the struct cpu. */
extern const char secondary_entry[];

enum error snp_ap_creation(uint32_t apic_id, gpa_t vmsa, uint8_t vmpl, uint64_t features,
			   unsigned int action)
{
	struct ghcb_call call = {
		.code = GHCB_EXIT_AP_CREATION,
		.info1 = GHCB_AP_INFO1(apic_id, vmpl, action),
		.info2 = vmsa.raw,
		.rax = features,
		.in = GHCB_RAX,
	};

	return ghcb_call(&call);
}

/* u32 count, u32 ids[], in a page that the host wrote: read once, bounded, own APIC ID first. */
static void take_apic_ids(const volatile uint32_t *list, uint32_t *apic_ids, uint32_t *count)
{
	uint32_t listed = list[0];
	uint32_t own = apic_ids[0];

	if (listed > CPU_MAX)
		listed = CPU_MAX;
	for (uint32_t i = 0; i < listed; i++) {
		uint32_t id = list[1 + i];
		bool known = false;

		for (uint32_t k = 0; k < *count; k++)
			known = known || apic_ids[k] == id;
		if (!known && id != own && *count < CPU_MAX)
			apic_ids[(*count)++] = id;
	}
}

static enum error list_apic_ids(uint32_t *apic_ids, uint32_t *count)
{
	struct ghcb_call call = {.code = GHCB_EXIT_APIC_ID_LIST, .in = GHCB_RAX, .out = GHCB_RAX};
	paddr_t page;
	enum error error = page_alloc(0, PAGE_OWNER_PLATFORM, PAGE_ZERO, &page);

	if (error != OK)
		return error;
	error = snp_make_shared(page, 1);
	call.rax = APIC_LIST_PAGES;
	call.info1 = page.raw;
	if (error == OK)
		error = ghcb_call(&call);
	if (error == OK)
		take_apic_ids(phys_to_virt(page), apic_ids, count);
	if (snp_make_private(page, 1) == OK)
		page_free(page, 0);
	return error;
}

enum error snp_cpus(uint32_t *apic_ids, uint32_t *count)
{
	const uint32_t *general =
		boot_region_pointer(BOOT_INPUT_OFFSET + BOOT_INPUT_GENERAL, PAGE_SIZE);
	uint32_t announced = READ_ONCE(general[0]);
	enum error error = ERR_UNSUPPORTED;

	/* The launch starts the CPU with APIC ID 0; nothing that we could believe says otherwise.
	 */
	apic_ids[0] = 0;
	*count = 1;
	if (!(snp_host_features & GHCB_FEATURE_AP_CREATION))
		return OK;
	if (snp_host_features & GHCB_FEATURE_APIC_ID_LIST)
		error = list_apic_ids(apic_ids, count);
	if (error == OK)
		return OK;
	for (uint32_t id = 1; id < announced && *count < CPU_MAX; id++)
		apic_ids[(*count)++] = id;
	return OK;
}

static enum error shared_page(paddr_t *page)
{
	enum error error = page_alloc(0, PAGE_OWNER_PLATFORM, PAGE_ZERO, page);

	return error == OK ? snp_make_shared(*page, 1) : error;
}

static struct vmsa_segment segment(uint16_t selector, uint16_t attributes)
{
	return (struct vmsa_segment){
		.selector = selector,
		.attributes = attributes,
		.limit = UINT32_MAX,
	};
}

/* Long mode, the kernel's tables, straight into C. CET and the like are the CPU's own to set up. */
static void fill_vmsa(struct vmsa *vmsa, struct cpu *cpu)
{
	vmsa->cs = segment(SELECTOR_KERNEL_CODE, VMSA_ATTR_CODE64);
	vmsa->ss = vmsa->ds = vmsa->es = segment(SELECTOR_KERNEL_DATA, VMSA_ATTR_DATA32);
	vmsa->fs = vmsa->gs = vmsa->ds;
	vmsa->ldtr.attributes = VMSA_ATTR_LDTR;
	vmsa->tr.attributes = VMSA_ATTR_TR;
	vmsa->efer = insn_rdmsr(MSR_EFER) | EFER_SVME;
	vmsa->cr0 = insn_read_cr0();
	vmsa->cr3 = paging_kernel_root().raw | boot_info.cbit;
	vmsa->cr4 = insn_read_cr4();
	vmsa->rflags = VMSA_INIT_RFLAGS;
	vmsa->rip = (uint64_t)secondary_entry;
	vmsa->rdi = (uint64_t)cpu;
	vmsa->rsp = cpu->boot_stack.raw;
	vmsa->dr6 = VMSA_INIT_DR6;
	vmsa->dr7 = VMSA_INIT_DR7;
	vmsa->g_pat = VMSA_INIT_PAT;
	vmsa->xcr0 = VMSA_INIT_XCR0;
	vmsa->mxcsr = VMSA_INIT_MXCSR;
	vmsa->x87_ftw = VMSA_INIT_X87_FTW;
	vmsa->x87_fcw = VMSA_INIT_X87_FCW;
	vmsa->vmpl = 0;
	vmsa->sev_features = snp_features;
}

static enum error make_vmsa(struct cpu *cpu)
{
	paddr_t page;
	enum error error = page_alloc(0, PAGE_OWNER_PLATFORM, PAGE_ZERO, &page);

	if (error != OK)
		return error;
	/* Not 2 MiB aligned: an erratum of some hosts' CPUs (snp-arch 2). The spare one stays
	 * allocated. */
	if (IS_ALIGNED(page.raw, PAGE_2M_SIZE))
		error = page_alloc(0, PAGE_OWNER_PLATFORM, PAGE_ZERO, &page);
	if (error != OK)
		return error;
	fill_vmsa(phys_to_virt(page), cpu);
	if (insn_rmpadjust((uint64_t)phys_to_virt(page), RMP_PAGE_4K,
			   1 | RMP_PERM_NONE | RMP_ADJUST_VMSA) != RMP_SUCCESS)
		stop(STOP_PAGE_STATE);
	cpu->platform->vmsa = phys_to_virt(page);
	return OK;
}

enum error snp_cpu_prepare(struct cpu *cpu)
{
	struct platform_cpu *own = kalloc(sizeof(*own));
	paddr_t ghcb, doorbell;
	enum error error;

	if (!own)
		return ERR_NO_MEMORY;
	error = shared_page(&ghcb);
	if (error == OK)
		error = shared_page(&doorbell);
	if (error != OK)
		return error;
	own->ghcb = phys_to_virt(ghcb);
	own->ghcb_gpa = GPA(ghcb.raw);
	own->doorbell = phys_to_virt(doorbell);
	own->doorbell_gpa = GPA(doorbell.raw);
	cpu->platform = own;
	return cpu->index ? make_vmsa(cpu) : OK;
}

enum error snp_cpu_start(struct cpu *cpu)
{
	return snp_ap_creation(cpu->apic_id, GPA(virt_to_phys(cpu->platform->vmsa).raw), 0,
			       snp_features, GHCB_AP_CREATE);
}

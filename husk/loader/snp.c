/* SPDX-License-Identifier: MIT */
/* Mode snp: the machine is set up, the image launched, and every CPU enters the run loop. */
#include "arch/cpu.h"
#include "arch/insn.h"
#include "husk/apic.h"
#include "husk/ghcb.h"
#include "husk/fwcfg.h"
#include "husk/fwcfg_filter.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/lies.h"
#include "husk/pages.h"
#include "husk/psp.h"
#include "husk/rmp.h"
#include "huskabi/huskabi.h"
#include "launch/measure.h"
#include "loader/launch.h"
#include "loader/loader.h"
#include "mem/mem.h"
#include "vcpu/run.h"
#include "vcpu/trace.h"

#define FIRMWARE_WINDOW MIB(8)
#define DEFAULT_C_BIT   47
#define LA57_C_BIT      51

static struct vmsa *contexts[VCPU_MAX];
static bool started;
static uint64_t image_policy;
static struct id_block id_block;
static struct id_auth id_auth;
static bool have_id_block;

/* --- Directives ---------------------------------------------------------------------------- */

/* The policy of QEMU's command line would stand here; an image without one gets QEMU's default. */
#define POLICY_DEFAULT 0x30000

static void start_once(void)
{
	if (!started)
		launch_start(image_policy ? image_policy : POLICY_DEFAULT);
	started = true;
}

static void snp_policy(const struct igvm_guest_policy *policy)
{
	image_policy = policy->policy;
}

static void snp_page(const struct igvm_page_data *page, const uint8_t *bytes)
{
	start_once();
	if (page->flags & IGVM_PAGE_FLAG_SHARED)
		launch_shared_page(GPA(page->gpa), bytes);
	else
		launch_page(launch_page_type_of(page), GPA(page->gpa), bytes);
}

static void snp_parameter(gpa_t gpa, const uint8_t *bytes)
{
	start_once();
	launch_page(LAUNCH_PAGE_UNMEASURED, gpa, bytes);
}

static void snp_memory(const struct igvm_required_memory *memory)
{
	launch_private_range(GPA(memory->gpa), memory->size);
}

static void snp_context(const struct igvm_vp_context *vp, const uint8_t *bytes)
{
	if (vp->vp_index >= vcpu_count)
		return;
	contexts[vp->vp_index] = page_alloc();
	if (!contexts[vp->vp_index])
		machine_end(HUSK_EXIT_BAD_MACHINE, "out of memory for VMSAs");
	memcpy(contexts[vp->vp_index], bytes, sizeof(struct vmsa));
}

static void copy_key(struct id_public_key *to, const struct igvm_public_key *from)
{
	to->curve = from->curve;
	memcpy(to->qx, from->qx, sizeof(to->qx));
	memcpy(to->qy, from->qy, sizeof(to->qy));
}

static void copy_signature(struct snp_signature *to, const struct igvm_signature *from)
{
	memcpy(to->r, from->r, sizeof(to->r));
	memcpy(to->s, from->s, sizeof(to->s));
}

static void snp_id_block(const struct igvm_snp_id_block *from)
{
	have_id_block = true;
	memcpy(id_block.launch_digest, from->launch_digest, sizeof(id_block.launch_digest));
	memcpy(id_block.family_id, from->family_id, sizeof(id_block.family_id));
	memcpy(id_block.image_id, from->image_id, sizeof(id_block.image_id));
	id_block.version = from->version;
	id_block.guest_svn = from->guest_svn;
	id_auth.id_key_algo = from->id_key_algorithm;
	id_auth.author_key_algo = from->author_key_enabled ? from->author_key_algorithm : 0;
	copy_signature(&id_auth.id_block_signature, &from->id_key_signature);
	copy_key(&id_auth.id_key, &from->id_key);
	if (!from->author_key_enabled)
		return;
	copy_signature(&id_auth.id_key_signature, &from->author_key_signature);
	copy_key(&id_auth.author_key, &from->author_key);
}

static const struct loader_ops snp_ops = {
	.platform = IGVM_PLATFORM_SNP,
	.page = snp_page,
	.parameter = snp_parameter,
	.required_memory = snp_memory,
	.policy = snp_policy,
	.id_block = snp_id_block,
	.context = snp_context,
};

/* VMSAs are launched last, in the order of the vCPUs (launch/measure.h). */
static void launch_image(void)
{
	loader_load_image(&snp_ops);
	start_once();
	if (!contexts[0])
		machine_end(HUSK_EXIT_BAD_IMAGE, "the SNP platform has no VP_CONTEXT");
	for (uint32_t i = 0; i < vcpu_count; i++) {
		if (contexts[i])
			launch_vcpu(i, contexts[i]);
	}
	id_block.policy = image_policy ? image_policy : POLICY_DEFAULT;
	if (have_id_block)
		launch_finish(&id_block, &id_auth);
	else
		launch_finish(NULL, NULL);
	loader_release();
}

/* --- The machine ---------------------------------------------------------------------------- */

static void choose_c_bit(void)
{
	bool la57 = read_cr4() & CR4_LA57;
	uint32_t r[4];

	machine.c_bit =
		(unsigned)fwcfg_option_number(HUSK_OPTION_CBIT, la57 ? LA57_C_BIT : DEFAULT_C_BIT);
	cpuid(0x80000008, 0, r);
	if ((r[0] & 0xff) <= machine.c_bit)
		machine_end(HUSK_EXIT_BAD_MACHINE,
			    "C-bit %u needs more address bits than this CPU's %u: phys-bits=52",
			    machine.c_bit, r[0] & 0xff);
	if (machine.c_bit >= 48 && !la57)
		machine_end(HUSK_EXIT_BAD_MACHINE, "C-bit %u needs la57=on", machine.c_bit);
}

static void make_rmp(void)
{
	uint64_t limit =
		machine.ram_above_4g ? GIB(4) + machine.ram_above_4g : machine.ram_below_4g;
	uint64_t bytes = (limit >> PAGE_SHIFT) * RMP_ENTRY_SIZE;
	void *table = pages_reserve((bytes + PAGE_SIZE - 1) / PAGE_SIZE);

	if (!table)
		machine_end(HUSK_EXIT_BAD_MACHINE, "out of memory for the RMP");
	rmp_init(table, limit >> PAGE_SHIFT);
}

static void make_plane(struct vcpu *v, uint8_t vmpl)
{
	struct plane *p = &v->planes[vmpl];

	p->vcpu = v;
	p->vmpl = vmpl;
	p->vmcb = page_alloc();
	p->fpu = page_alloc();
	if (!p->vmcb || !p->fpu)
		machine_end(HUSK_EXIT_BAD_MACHINE, "out of memory for vCPU %u", v->index);
	apic_init(p);
	ghcb_reset(p);
}

/* APIC IDs are those of QEMU with one thread per core: the CPU's number. */
static void make_vcpus(void)
{
	if (machine.cpu_count > VCPU_MAX)
		machine_end(HUSK_EXIT_BAD_MACHINE, "more than %u CPUs", VCPU_MAX);
	vcpu_count = (uint32_t)machine.cpu_count;
	for (uint32_t i = 0; i < vcpu_count; i++) {
		vcpus[i].index = i;
		vcpus[i].apic_id = i;
		for (uint8_t vmpl = 0; vmpl < VMPL_COUNT; vmpl++)
			make_plane(&vcpus[i], vmpl);
	}
	vcpus[0].cpu = &cpus[0];
	cpus[0].vcpu = &vcpus[0];
}

void snp_run(void)
{
	struct fwcfg_file firmware;

	cpu_start(&cpus[0]);
	choose_c_bit();
	if (!guest_ram_add_window(FIRMWARE_WINDOW))
		machine_end(HUSK_EXIT_BAD_MACHINE, "out of memory for the firmware window");
	make_rmp();
	vmcb_init_maps();
	make_vcpus();
	trace_init();
	psp_init();
	if (fwcfg_find(HUSK_FWCFG_FIRMWARE, &firmware))
		firmware_launch();
	else
		launch_image();
	lies_init();
	fwcfg_filter_init();
	smp_start();
	vcpu_loop(&vcpus[0]);
}

/* SPDX-License-Identifier: MIT */
/* Further CPUs: VMSA and calling area made by hand, CREATE_VCPU, then the host's AP creation. */
#include "internal.h"
#include "sevabi/msr.h"
#include "svsm.h"

#define STACK_SIZE  16384
#define VMSA_SLOT   400
#define WAIT_CYCLES 200000000000ULL

static void NORETURN cpu_main(struct test_cpu *cpu)
{
	cpu->fn(cpu);
	for (;;)
		__asm__ volatile("hlt");
}

/* A page that isn't 2 MiB aligned: hosts refuse such a VMSA. */
static volatile struct vmsa *new_vmsa_page(uint32_t apic_id, gpa_t *gpa)
{
	volatile struct vmsa *v = private_page(VMSA_SLOT + apic_id, gpa);

	if (IS_ALIGNED(gpa->raw, PAGE_2M_SIZE))
		v = private_page(VMSA_SLOT + apic_id, gpa);
	return v;
}

uint32_t cpu_create(struct test_cpu *cpu)
{
	volatile struct vmsa *v = new_vmsa_page(cpu->apic_id, &cpu->vmsa);

	if (!cpu->caa.raw)
		(void)private_page(VMSA_SLOT + 8 + cpu->apic_id, &cpu->caa);
	/* Identity mapped, as all of the lower 4 GiB. */
	cpu->port.caa = (volatile struct svsm_caa *)cpu->caa.raw;
	vmsa_fill(v, secrets()->svsm_guest_vmpl, (uint64_t)cpu_main,
		  (uint64_t)stacks + (cpu->apic_id + 1UL) * STACK_SIZE - 8);
	v->sev_features = read_msr(MSR_SEV_STATUS) >> SEV_STATUS_FEATURES_SHIFT;
	v->rdi = (uint64_t)cpu;
	return svsm_call(&svsm_boot_port, SVSM_PROTOCOL_CORE, SVSM_CORE_CREATE_VCPU, cpu->vmsa.raw,
			 cpu->caa.raw, cpu->apic_id);
}

static bool ap_creation(const struct test_cpu *cpu, unsigned action)
{
	struct nae n = {.code = GHCB_EXIT_AP_CREATION, .has_rax = true};

	n.rax = read_msr(MSR_SEV_STATUS) >> SEV_STATUS_FEATURES_SHIFT;
	n.info1 = GHCB_AP_INFO1(cpu->apic_id, secrets()->svsm_guest_vmpl, action);
	n.info2 = action == GHCB_AP_DESTROY ? 0 : cpu->vmsa.raw;
	nae_call(&n);
	return (n.info1 & 0xffffffff) == GHCB_RESULT_OK;
}

bool cpu_run(struct test_cpu *cpu)
{
	return ap_creation(cpu, GHCB_AP_CREATE);
}

bool cpu_stop(struct test_cpu *cpu)
{
	return ap_creation(cpu, GHCB_AP_DESTROY);
}

bool cpu_wait(struct test_cpu *cpu, uint64_t state)
{
	uint64_t start = read_tsc();

	while (cpu->state != state && read_tsc() - start < WAIT_CYCLES)
		__asm__ volatile("pause");
	return cpu->state == state;
}

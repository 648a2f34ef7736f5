/* SPDX-License-Identifier: MIT */
/* The run loop: one machine CPU, one vCPU, for ever. The machine lock is held but in the guest. */
#include "arch/cpu.h"
#include "arch/insn.h"
#include "husk/apic.h"
#include "husk/machine.h"
#include "husk/npt.h"
#include "husk/pages.h"
#include "huskabi/huskabi.h"
#include "vcpu/cost.h"
#include "vcpu/run.h"

#define V_TPR_MASK    0xfU
#define APIC_TPR      0x80
#define TLB_FLUSH_ALL 1

void vcpus_leave_guest(void)
{
	for (uint32_t i = 0; i < vcpu_count; i++) {
		struct cpu *cpu = &cpus[i];

		if (cpu == this_cpu() || !READ_ONCE(cpu->in_guest))
			continue;
		cpu_kick(cpu);
		while (READ_ONCE(cpu->in_guest))
			cpu_pause();
	}
}

/* Interrupts of the guest's devices, to the vCPU's APIC. */
static void forward_interrupts(struct vcpu *v)
{
	apic_gate_external(v);
	cpu_collect_interrupts();
	for (unsigned i = 0; i < ARRAY_SIZE(v->cpu->pending); i++) {
		while (v->cpu->pending[i]) {
			unsigned bit = (unsigned)__builtin_ctzll(v->cpu->pending[i]);

			v->cpu->pending[i] &= v->cpu->pending[i] - 1;
			apic_machine_interrupt(v, (uint8_t)(i * 64 + bit));
		}
	}
}

/* CR8 lives in the VMCB while the guest runs, TPR in the APIC: they are one register. */
static void load_tpr(struct plane *p)
{
	struct vmcb_control *c = &p->vmcb->control;
	uint32_t tpr = apic_task_priority(p) >> 4;

	c->interrupt_control = (c->interrupt_control & ~V_TPR_MASK) | tpr;
}

static void store_tpr(struct plane *p)
{
	uint32_t tpr = (p->vmcb->control.interrupt_control & V_TPR_MASK) << 4;

	if (tpr != (apic_task_priority(p) & 0xf0))
		apic_set_task_priority(p, (uint8_t)tpr);
}

static void prepare_tables(struct plane *p)
{
	struct vmcb_control *c = &p->vmcb->control;

	p->paged = p->vmcb->save.cr0 & CR0_PG;
	c->nested_cr3 = npt_root(p->vmpl, p->paged);
	c->tlb_control = p->npt_generation == npt_generation() ? 0 : TLB_FLUSH_ALL;
	p->npt_generation = npt_generation();
}

static void enter(struct vcpu *v, struct plane *p)
{
	struct vmcb *vmcb = p->vmcb;

	prepare_tables(p);
	load_tpr(p);
	vmcb->save.efer |= EFER_SVME;
	vmcb->save.rax = p->gpr[GPR_RAX];
	vmcb->save.rsp = p->gpr[GPR_RSP];
	cpu_set_timer(apic_next_deadline_ns(v));
	WRITE_ONCE(v->cpu->in_guest, true);
	machine_unlock();
	cost_enter(vmcb);
	vmrun(p->gpr, page_physical(vmcb), page_physical(v->cpu->host_vmcb));
	cost_leave();
	p->gpr[GPR_RAX] = vmcb->save.rax;
	p->gpr[GPR_RSP] = vmcb->save.rsp;
	WRITE_ONCE(v->cpu->in_guest, false);
	machine_lock();
	store_tpr(p);
}

static void sleep(struct vcpu *v)
{
	uint64_t deadline = apic_next_deadline_ns(v);

	machine_unlock();
	cost_sleep();
	cpu_sleep(deadline);
	cost_leave();
	machine_lock();
}

void vcpu_loop(struct vcpu *v)
{
	machine_lock();
	for (;;) {
		struct plane *p;

		forward_interrupts(v);
		apic_tick(v);
		if (!vcpu_choose_plane(v)) {
			sleep(v);
			continue;
		}
		p = vcpu_plane(v);
		plane_deliver_events(p);
		enter(v, p);
		/* Another CPU may have destroyed the plane meanwhile. */
		if (p->in_use)
			plane_handle_exit(p);
	}
}

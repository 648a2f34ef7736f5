/* SPDX-License-Identifier: MIT */
/*
 * A vCPU's thread: run the guest, see why it came back, answer its call. One thread per CPU, bound
 * to it. The guest is one more runnable thing: while its thread sleeps for a service, the CPU does
 * something else.
 */
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/percpu.h"
#include "kernel/platform.h"
#include "kernel/protocol.h"
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "guest_internal.h"
#include "sevabi/svm_exit.h"

/* A new VMSA that the host doesn't run yet is tried again after this time. */
#define RETRY_NS 1000000ULL

/* Copy the call out of the VMSA, run it, put the results back (SVSM 2.4). */
static void answer_call(struct guest_vcpu *vcpu, struct vmsa *regs)
{
	struct svsm_call call = {
		.vcpu = vcpu,
		.protocol = SVSM_RAX_PROTOCOL(regs->rax),
		.call = SVSM_RAX_CALL(regs->rax),
		.rcx = regs->rcx,
		.rdx = regs->rdx,
		.r8 = regs->r8,
		.r9 = regs->r9,
	};
	uint32_t result = svsm_dispatch(&call);

	log_debug("svsm: vcpu %u call %u/%u -> %x", vcpu->index, call.protocol, call.call, result);
	/* DELETE_VCPU of itself: there is nothing to return to. */
	if (!vcpu->handling)
		return;
	regs->rax = result;
	regs->rcx = call.rcx;
	regs->rdx = call.rdx;
	regs->r8 = call.r8;
}

/* Why is the guest not running? Anything but a VMGEXIT with a pending call is no call (SVSM 2.4).
 */
static void handle_exit(struct guest_vcpu *vcpu, struct guest_vmsa *vmsa)
{
	uint64_t exit_code = vmsa->page->guest_exitcode;

	/* An exit counts once: we may come back without the guest having run. */
	vmsa->page->guest_exitcode = 0;
	if (exit_code != SVM_EXIT_VMGEXIT)
		return;
	if (!__atomic_exchange_n(&vmsa->caa->call_pending, 0, __ATOMIC_ACQ_REL))
		return;
	answer_call(vcpu, vmsa->page);
}

/* Interrupts are off from the last look at what is pending until the guest runs. */
static enum error enter_guest(void)
{
	enum error error;

	irq_disable();
	if (this_cpu()->need_resched) {
		irq_enable();
		return ERR_BUSY;
	}
	tlb_enter_lazy();
	error = platform->guest->enter(boot_info.params.guest_vmpl);
	tlb_leave_lazy();
	irq_enable();
	return error;
}

/* Sleep until somebody has something for this vCPU, at most `ns`. */
static void vcpu_wait(struct guest_vcpu *vcpu, uint64_t ns)
{
	uint64_t deadline = ns == WAIT_FOREVER ? WAIT_FOREVER : clock_ns() + ns;

	/* Whatever ended the wait, the caller looks again. */
	if (wait_event_until(&vcpu->wake, READ_ONCE(vcpu->poll_wanted), deadline) ==
	    ERR_INTERRUPTED)
		log_warn("guest: vCPU %u's thread was interrupted", vcpu->index);
	WRITE_ONCE(vcpu->poll_wanted, false);
}

/*
 * A VMSA that the guest has created but not started yet can't be entered. It stays runnable (SVME)
 * while we sleep: when this CPU halts, the host may start it by itself, and its first call then
 * finds us here.
 */
static void run_once(struct guest_vcpu *vcpu)
{
	struct guest_vmsa *vmsa;

	if (!vcpu_enter_begin(vcpu)) {
		vcpu_wait(vcpu, READ_ONCE(vcpu->newest) ? RETRY_NS : WAIT_FOREVER);
		return;
	}
	if (enter_guest() == ERR_STATE)
		vcpu_wait(vcpu, RETRY_NS);
	vmsa = vcpu_enter_end(vcpu);
	if (vmsa)
		handle_exit(vcpu, vmsa);
	vcpu_handled(vcpu);
}

void vcpu_thread(void *argument)
{
	for (;;) {
		run_once(argument);
		sched_yield();
	}
}

void guest_poll(void)
{
	struct guest_vcpu *vcpu = vcpu_at(this_cpu()->index);

	if (vcpu)
		vcpu_wake(vcpu);
}

/* SPDX-License-Identifier: MIT */
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/platform.h"
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/thread.h"
#include "kernel/timer.h"
#include "kernel/trap.h"
#include "kernel/user.h"
#include "kernel/vm.h"
#include "arch/fixup.h"

void trap_dispatch(struct trap_frame *frame);

static exception_handler exceptions[VECTOR_EXCEPTIONS];
static interrupt_handler interrupts[256];

void trap_set_exception(unsigned int vector, exception_handler handler)
{
	ASSERT(vector < VECTOR_EXCEPTIONS);
	exceptions[vector] = handler;
}

void trap_set_interrupt(unsigned int vector, interrupt_handler handler)
{
	ASSERT(vector >= VECTOR_EXCEPTIONS && vector < 256);
	interrupts[vector] = handler;
}

vaddr_t trap_fault_address(void)
{
	return VADDR(insn_read_cr2());
}

/* Kernel code with an entry in the fix-up table goes on there. */
static bool trap_fix_up(struct trap_frame *frame)
{
	uint64_t target = trap_from_user(frame) ? 0 : fixup_find(frame->rip);

	if (target == 0)
		return false;
	frame->rax = frame->vector;
	frame->rip = target;
	return true;
}

/*
 * Page faults of user code, and of kernel code that copies user memory (it is in the fix-up table),
 * may be demand paging. Those are handled with interrupts as they were.
 */
static bool trap_user_page(struct trap_frame *frame)
{
	vaddr_t address = trap_fault_address();
	bool resolved;

	if (address.raw >= LAYOUT_USER_END)
		return false;
	if (!trap_from_user(frame) && fixup_find(frame->rip) == 0)
		return false;
	if ((frame->rflags & RFLAGS_IF) == 0 || this_cpu()->preempt_count != 0)
		return false;
	irq_enable();
	resolved = user_page_fault(frame, address, frame->error);
	irq_disable();
	return resolved;
}

static NORETURN void trap_unexpected(struct trap_frame *frame)
{
	enum stop_reason reason = STOP_EXCEPTION;

	if (frame->vector == VECTOR_DF)
		reason = vm_is_guard(VADDR(frame->rsp)) ? STOP_STACK_OVERFLOW : STOP_DOUBLE_FAULT;
	else if (frame->vector == VECTOR_MC)
		reason = STOP_MACHINE_CHECK;
	else if (frame->vector == VECTOR_VC)
		reason = STOP_VC_UNEXPECTED;
	else if (frame->vector == VECTOR_HV)
		reason = STOP_HV_UNEXPECTED;
	else if (frame->vector == VECTOR_PF && vm_is_guard(trap_fault_address()))
		reason = STOP_STACK_OVERFLOW;
	stop_with_frame(reason, frame);
}

static void trap_exception(struct trap_frame *frame)
{
	exception_handler handler = exceptions[frame->vector];

	if (handler != NULL && handler(frame))
		return;
	if (frame->vector == VECTOR_NMI) {
		if (stop_in_progress())
			for (;;)
				insn_hlt();
		return; /* nobody's NMI: the host may send them, they do no harm */
	}
	if (frame->vector == VECTOR_PF && trap_user_page(frame))
		return;
	if (trap_fix_up(frame))
		return;
	if (!trap_from_user(frame))
		trap_unexpected(frame);
	irq_enable();
	user_exception(frame);
	irq_disable();
}

void trap_deliver(unsigned int vector, struct trap_frame *frame)
{
	static struct log_limit limit = LOG_LIMIT(4);
	struct cpu *cpu = this_cpu();

	cpu->preempt_count++;
	cpu->interrupt_depth++;
	if (interrupts[vector] != NULL)
		interrupts[vector](frame);
	else if (vector != VECTOR_SPURIOUS)
		log_limited(&limit, LOG_WARN, "interrupt %u has no handler", vector);
	if (vector != VECTOR_SPURIOUS)
		platform->end_of_interrupt((uint8_t)vector);
	cpu->interrupt_depth--;
	cpu->preempt_count--;
}

/* On the way out, interrupts off: switch threads where that is due and allowed. */
static void trap_leave(struct trap_frame *frame)
{
	const struct cpu *cpu = this_cpu();

	if ((frame->rflags & RFLAGS_IF) != 0)
		platform->deliver_pending();
	if (trap_from_user(frame)) {
		while (this_cpu()->need_resched || thread_current()->killed) {
			irq_enable();
			user_return(frame);
			irq_disable();
		}
	} else if ((frame->rflags & RFLAGS_IF) != 0 && cpu->preempt_count == 0 &&
		   cpu->need_resched) {
		sched_preempt_irq();
	}
}

/* From vectors.S, interrupts off, GS ours. */
void trap_dispatch(struct trap_frame *frame)
{
	if (this_cpu()->tlb_lazy)
		tlb_leave_lazy();
	if (frame->vector < VECTOR_EXCEPTIONS)
		trap_exception(frame);
	else
		trap_deliver((unsigned int)frame->vector, frame);
	if (frame->vector != VECTOR_NMI)
		trap_leave(frame);
}

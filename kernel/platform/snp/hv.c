/* SPDX-License-Identifier: MIT */
/*
 * Events under restricted injection (GHCB 7): the host writes them into the doorbell page and
 * raises #HV, which RFLAGS.IF doesn't hold back. With interrupts off the handler leaves everything
 * in the page: NoFurtherSignal stays set, and whoever turns interrupts on again delivers it.
 */
#include "arch/insn.h"
#include "kernel/stop.h"
#include "kernel/trap.h"
#include "snp.h"

extern const char snp_guard_vmgexit_begin[], snp_guard_vmgexit_end[];
extern const char snp_guard_halt_begin[], snp_guard_halt_end[];
extern const char snp_guard_out[];

static const volatile uint16_t no_doorbell;

const volatile uint16_t *snp_pending_word(void)
{
	struct platform_cpu *cpu = this_cpu()->platform;

	return cpu && cpu->doorbell ? &cpu->doorbell->pending : &no_doorbell;
}

/* Vectors that the host may signal to us; everything else in the page is not for us to act on. */
static void deliver_vector(unsigned int vector, struct trap_frame *frame)
{
	if (vector >= VECTOR_EXCEPTIONS)
		trap_deliver(vector, frame);
}

/* Take all that is signalled. Interrupts are off. */
static void take_events(struct hv_doorbell_page *page, struct trap_frame *frame)
{
	for (;;) {
		/* One exchange: vector, NMI, #MC and NoFurtherSignal (GHCB 7). */
		uint16_t events = __atomic_exchange_n(&page->pending, 0, __ATOMIC_ACQ_REL);

		if (!events)
			return;
		if (events & HV_PENDING_MC)
			stop(STOP_MACHINE_CHECK);
		deliver_vector(events & HV_PENDING_VECTOR_MASK, frame);
	}
}

static bool within(uint64_t rip, const char *begin, const char *end)
{
	return rip >= (uint64_t)begin && rip < (uint64_t)end;
}

static bool handle_hv(struct trap_frame *frame)
{
	struct platform_cpu *cpu = this_cpu()->platform;

	if (!cpu || !cpu->doorbell)
		return false;
	if (frame->rflags & RFLAGS_IF) {
		take_events(cpu->doorbell, frame);
	} else if (!trap_from_user(frame) &&
		   (within(frame->rip, snp_guard_vmgexit_begin, snp_guard_vmgexit_end) ||
		    within(frame->rip, snp_guard_halt_begin, snp_guard_halt_end))) {
		frame->rip = (uint64_t)snp_guard_out;
	}
	return true;
}

void snp_deliver_pending(void)
{
	struct platform_cpu *cpu = this_cpu()->platform;
	struct trap_frame frame = {0};

	if (!cpu || !cpu->doorbell)
		return;
	while (READ_ONCE(cpu->doorbell->pending)) {
		uint64_t interrupts = insn_read_flags() & RFLAGS_IF;

		insn_cli();
		take_events(cpu->doorbell, &frame);
		if (interrupts)
			insn_sti();
	}
}

void snp_idle(void)
{
	bool halted = snp_guarded_halt(snp_pending_word());

	irq_enable();
	/* A halt may also end because the guest's VMPL was started, and now calls. */
	if (halted)
		guest_poll();
}

enum error snp_doorbell_setup(struct platform_cpu *cpu)
{
	struct ghcb_call call = {
		.code = GHCB_EXIT_HV_DOORBELL_PAGE,
		.info1 = GHCB_DOORBELL_SET,
		.info2 = cpu->doorbell_gpa.raw,
	};
	struct hv_doorbell_page *page = cpu->doorbell;
	enum error error;

	trap_set_exception(VECTOR_HV, handle_hv);
	error = ghcb_call(&call);
	if (error == OK && call.info2 != cpu->doorbell_gpa.raw && call.info2 != 0)
		error = ERR_PLATFORM;
	cpu->doorbell = error == OK ? page : NULL;
	return error;
}

/* SPDX-License-Identifier: MIT */
/*
 * Messages between CPUs. There is one request at a time, guarded by `lock`; receivers have a bit in
 * their mailbox until they have done it. Whoever waits, for the lock or for others, serves its own
 * mailbox meanwhile, so two senders cannot block each other.
 *
 * Lazy CPUs: a sender raises the generation and then looks whether a CPU is lazy; a CPU that comes
 * back clears its mark and then compares generations. So one of the two always notices.
 */
#include "kernel/cpu.h"
#include "kernel/cpu_internal.h"
#include "kernel/paging.h"
#include "kernel/platform.h"
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/timer.h"
#include "kernel/trap.h"

#define MAILBOX_TLB  BIT(0)
#define MAILBOX_CALL BIT(1)

static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_SMP);

static struct {
	vaddr_t address;
	size_t pages; /* more than TLB_RANGE_MAX: everything */
} flush;

static struct {
	void (*function)(void *argument);
	void *argument;
} call;

static uint64_t flush_generation; /* counts requests */

/* --- This CPU's TLB ------------------------------------------------------------------------- */

static void flush_everything(void)
{
	if (cpu_features.pge) {
		uint64_t cr4 = insn_read_cr4();

		insn_write_cr4(cr4 & ~CR4_PGE);
		insn_write_cr4(cr4);
	} else {
		insn_write_cr3(insn_read_cr3());
	}
}

static void flush_range(vaddr_t address, size_t pages)
{
	if (pages > TLB_RANGE_MAX) {
		flush_everything();
		return;
	}
	for (size_t i = 0; i < pages; i++)
		insn_invlpg(address.raw + i * PAGE_SIZE);
}

/* --- Receiver -------------------------------------------------------------------------------- */

/* May run in any context that is not an NMI: it takes no lock. */
static void serve(struct cpu *cpu)
{
	uint64_t mail = __atomic_load_n(&cpu->mailbox, __ATOMIC_ACQUIRE);

	if ((mail & MAILBOX_TLB) != 0) {
		flush_range(flush.address, flush.pages);
		__atomic_fetch_and(&cpu->mailbox, ~MAILBOX_TLB, __ATOMIC_RELEASE);
	}
	if ((mail & MAILBOX_CALL) != 0) {
		call.function(call.argument);
		__atomic_fetch_and(&cpu->mailbox, ~MAILBOX_CALL, __ATOMIC_RELEASE);
	}
}

void smp_poll(void)
{
	irq_flags_t irq;

	if (likely(READ_ONCE(this_cpu()->mailbox) == 0))
		return;
	irq = irq_save();
	serve(this_cpu());
	irq_restore(irq);
}

static void message_interrupt(struct trap_frame *frame)
{
	(void)frame;
	serve(this_cpu());
}

static void reschedule_interrupt(struct trap_frame *frame)
{
	(void)frame;
	sched_ipi();
}

static void timer_interrupt(struct trap_frame *frame)
{
	(void)frame;
	timer_run_due();
}

void tlb_enter_lazy(void)
{
	struct cpu *cpu = this_cpu();

	cpu->tlb_seen = __atomic_load_n(&flush_generation, __ATOMIC_ACQUIRE);
	__atomic_store_n(&cpu->tlb_lazy, true, __ATOMIC_SEQ_CST);
	serve(cpu); /* what was sent before anybody could see that we are lazy */
}

void tlb_leave_lazy(void)
{
	struct cpu *cpu = this_cpu();

	__atomic_store_n(&cpu->tlb_lazy, false, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&flush_generation, __ATOMIC_SEQ_CST) != cpu->tlb_seen)
		flush_everything();
}

/* --- Sender ----------------------------------------------------------------------------------- */

static void post(struct cpu *cpu, uint64_t mail)
{
	__atomic_fetch_or(&cpu->mailbox, mail, __ATOMIC_SEQ_CST);
	platform->send_ipi(cpu->apic_id, VECTOR_MESSAGE);
}

/* Until `cpu` has served `mail`, or need not because it is lazy. Own mail is served meanwhile. */
static void await(struct cpu *cpu, uint64_t mail, bool lazy_will_do)
{
	while ((__atomic_load_n(&cpu->mailbox, __ATOMIC_ACQUIRE) & mail) != 0) {
		if (lazy_will_do && __atomic_load_n(&cpu->tlb_lazy, __ATOMIC_SEQ_CST)) {
			__atomic_fetch_and(&cpu->mailbox, ~mail, __ATOMIC_RELEASE);
			return;
		}
		serve(this_cpu());
		insn_pause();
	}
}

static bool wants_flush(const struct cpu *cpu, const struct address_space *space)
{
	uint64_t word;

	if (cpu == NULL || !cpu->online || cpu == this_cpu())
		return false;
	if (space == NULL)
		return true;
	word = __atomic_load_n(&space->active[cpu->index / 64], __ATOMIC_SEQ_CST);
	return (word & BIT(cpu->index % 64)) != 0;
}

/* Interrupts are off, the lock is held. */
static void flush_others(const struct address_space *space, vaddr_t address, size_t pages)
{
	struct cpu_set sent = {{0}};

	flush.address = address;
	flush.pages = pages;
	__atomic_add_fetch(&flush_generation, 1, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < cpu_possible(); i++) {
		struct cpu *cpu = cpu_at(i);

		if (!wants_flush(cpu, space) || __atomic_load_n(&cpu->tlb_lazy, __ATOMIC_SEQ_CST))
			continue;
		cpu_set_add(&sent, i);
		post(cpu, MAILBOX_TLB);
	}
	for (uint32_t i = 0; i < cpu_possible(); i++)
		if (cpu_set_has(&sent, i))
			await(cpu_at(i), MAILBOX_TLB, true);
}

void tlb_flush(const struct address_space *space, vaddr_t address, size_t pages)
{
	irq_flags_t irq;

	if (cpu_count() < 2) {
		if (space == NULL || this_cpu()->space == space)
			flush_range(address, pages);
		return;
	}
	irq = spin_lock_irq(&lock);
	if (space == NULL || this_cpu()->space == space)
		flush_range(address, pages);
	flush_others(space, address, pages);
	spin_unlock_irq(&lock, irq);
}

enum error smp_call(uint32_t index, void (*function)(void *argument), void *argument)
{
	struct cpu *cpu = cpu_at(index);
	irq_flags_t irq;

	if (cpu == NULL || !cpu->online)
		return ERR_STATE;
	irq = spin_lock_irq(&lock);
	if (cpu == this_cpu()) {
		spin_unlock_irq(&lock, irq);
		return ERR_STATE;
	}
	call.function = function;
	call.argument = argument;
	post(cpu, MAILBOX_CALL);
	await(cpu, MAILBOX_CALL, false);
	spin_unlock_irq(&lock, irq);
	return OK;
}

void smp_call_others(void (*function)(void *argument), void *argument)
{
	for (uint32_t i = 0; i < cpu_possible(); i++)
		if (smp_call(i, function, argument) != OK)
			continue; /* this CPU, or one that is not online */
}

void smp_reschedule(uint32_t index)
{
	const struct cpu *cpu = cpu_at(index);

	if (cpu != NULL && cpu->online)
		platform->send_ipi(cpu->apic_id, VECTOR_RESCHEDULE);
}

void smp_stop_others(void)
{
	for (uint32_t i = 0; i < cpu_possible(); i++) {
		const struct cpu *cpu = cpu_at(i);

		if (cpu != NULL && cpu->online && cpu != this_cpu())
			platform->send_nmi(cpu->apic_id);
	}
}

void smp_init(void)
{
	trap_set_interrupt(VECTOR_MESSAGE, message_interrupt);
	trap_set_interrupt(VECTOR_RESCHEDULE, reschedule_interrupt);
	trap_set_interrupt(VECTOR_TIMER, timer_interrupt);
}

/* SPDX-License-Identifier: MIT */
/* One machine CPU: SVM on, local APIC, timer, kicks; and the machine lock. */
#include "arch/cpu.h"
#include "arch/insn.h"
#include "arch/trap.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/pages.h"
#include "husk/port.h"
#include "huskabi/huskabi.h"
#include "vcpu/cost.h"

#define MSR_VM_HSAVE   0xc0010117
#define VM_CR_SVMDIS   BIT(4)
#define CPUID_SVM      BIT(2)
#define CPUID_SVM_NPT  BIT(0)
#define CPUID_EXTENDED 0x80000001
#define CPUID_SVM_LEAF 0x8000000a

#define LAPIC_ID            0x20
#define LAPIC_TPR           0x80
#define LAPIC_SVR           0xf0
#define LAPIC_ICR_LOW       0x300
#define LAPIC_ICR_HIGH      0x310
#define LAPIC_LVT_TIMER     0x320
#define LAPIC_LVT_LINT0     0x350
#define LAPIC_LVT_LINT1     0x360
#define LAPIC_INITIAL_COUNT 0x380
#define LAPIC_CURRENT_COUNT 0x390
#define LAPIC_DIVIDE        0x3e0
#define LAPIC_MASKED        0x10000
#define LAPIC_DIVIDE_BY_1   0xb
#define ICR_FIXED           0x4000
#define ICR_BUSY            0x1000

#define CALIBRATION_NS 2000000
/* Cap of one timer shot: QEMU's APIC counts 32 bits of nanoseconds. */
#define TIMER_MAX_NS 2000000000ULL

struct cpu cpus[VCPU_MAX];

static uint64_t time_base;
static bool lock_held;

void machine_lock(void)
{
	while (__atomic_exchange_n(&lock_held, true, __ATOMIC_ACQUIRE)) {
		while (READ_ONCE(lock_held))
			cpu_pause();
	}
}

void machine_unlock(void)
{
	__atomic_store_n(&lock_held, false, __ATOMIC_RELEASE);
}

uint64_t machine_time_ns(void)
{
	uint64_t ticks = cost_guest_tsc() - time_base;
	uint64_t ms = ticks / machine.tsc_khz;

	return ms * 1000000 + ticks % machine.tsc_khz * 1000000 / machine.tsc_khz;
}

/* QEMU's local APIC timer runs at 1 GHz (TCG and KVM), which gives the TSC's rate. */
static void calibrate(void)
{
	uint64_t start, ticks, ns;

	lapic_write(LAPIC_INITIAL_COUNT, UINT32_MAX);
	start = rdtsc();
	do {
		cpu_pause();
		ns = UINT32_MAX - lapic_read(LAPIC_CURRENT_COUNT);
	} while (ns < CALIBRATION_NS);
	ticks = rdtsc() - start;
	lapic_write(LAPIC_INITIAL_COUNT, 0);
	machine.tsc_khz = ticks * 1000000 / ns;
	time_base = start;
}

static void require_svm(void)
{
	uint32_t r[4];

	cpuid(CPUID_EXTENDED, 0, r);
	if (!(r[2] & CPUID_SVM) || (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS))
		machine_end(HUSK_EXIT_BAD_MACHINE, "this CPU model has no SVM: use -cpu EPYC-v3");
	cpuid(CPUID_SVM_LEAF, 0, r);
	if (!(r[3] & CPUID_SVM_NPT))
		machine_end(HUSK_EXIT_BAD_MACHINE, "this CPU model has no nested paging");
}

static void start_apic(void)
{
	lapic_write(LAPIC_SVR, 0x100 | HUSK_VECTOR_SPURIOUS);
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_LVT_LINT0, LAPIC_MASKED);
	lapic_write(LAPIC_LVT_LINT1, LAPIC_MASKED);
	lapic_write(LAPIC_DIVIDE, LAPIC_DIVIDE_BY_1);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_MASKED | HUSK_VECTOR_TIMER);
	if (!machine.tsc_khz)
		calibrate();
	lapic_write(LAPIC_LVT_TIMER, HUSK_VECTOR_TIMER);
}

static void start_svm(struct cpu *cpu)
{
	void *save = page_alloc();

	cpu->host_vmcb = page_alloc();
	if (!save || !cpu->host_vmcb)
		machine_end(HUSK_EXIT_BAD_MACHINE, "out of memory for CPU %u", cpu->index);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE, page_physical(save).raw);
	vmsave(page_physical(cpu->host_vmcb));
}

void cpu_start(struct cpu *cpu)
{
	cpu->self = cpu;
	wrmsr(MSR_GS_BASE, (uint64_t)cpu);
	trap_load();
	require_svm();
	cpu->apic_id = lapic_read(LAPIC_ID) >> 24;
	start_apic();
	start_svm(cpu);
	/* The guest's FXSAVE state passes through VMRUN: allow it here too. */
	write_cr4(read_cr4() | BIT(9) | BIT(10));
	WRITE_ONCE(cpu->online, true);
}

void cpu_collect_interrupts(void)
{
	cpu_take_interrupts();
}

void cpu_set_timer(uint64_t deadline)
{
	uint64_t now = machine_time_ns();
	uint64_t wait = deadline > now ? deadline - now : 1;

	if (deadline == UINT64_MAX)
		wait = 0;
	if (wait > TIMER_MAX_NS)
		wait = TIMER_MAX_NS;
	lapic_write(LAPIC_INITIAL_COUNT, (uint32_t)wait);
}

void cpu_sleep(uint64_t deadline)
{
	cpu_set_timer(deadline);
	cpu_sleep_with_interrupts();
}

void cpu_kick(const struct cpu *cpu)
{
	while (lapic_read(LAPIC_ICR_LOW) & ICR_BUSY)
		cpu_pause();
	lapic_write(LAPIC_ICR_HIGH, cpu->apic_id << 24);
	lapic_write(LAPIC_ICR_LOW, ICR_FIXED | HUSK_VECTOR_KICK);
}

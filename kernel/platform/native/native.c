/* SPDX-License-Identifier: MIT */
/* The platform without a trusted layer below: plain QEMU, KVM, bare metal. */
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/platform.h"
#include "kernel/trap.h"
#include "native.h"

#define DEBUG_EXIT_PORT   0xf4
#define DEBUG_EXIT_PASSED 0x10
#define DEBUG_EXIT_FAILED 0x11
#define LVT_TIMER_ONESHOT VECTOR_TIMER

static struct calibration rates;

static void native_start(void)
{
}

static struct cpuid_result native_cpuid(uint32_t leaf, uint32_t subleaf)
{
	uint32_t r[4];

	insn_cpuid(leaf & 0x80000000, 0, r);
	if (leaf > r[0])
		return (struct cpuid_result){0};
	insn_cpuid(leaf, subleaf, r);
	return (struct cpuid_result){r[0], r[1], r[2], r[3]};
}

/* All memory is usable as it is, and none of it is hidden from anybody. */
static enum error native_pages(paddr_t first, size_t pages)
{
	(void)first;
	(void)pages;
	return OK;
}

static enum error native_cpus(uint32_t *apic_ids, uint32_t *count)
{
	const uint8_t *madt = boot_region_pointer(BOOT_INPUT_OFFSET + BOOT_INPUT_MADT, PAGE_SIZE);
	static uint32_t found[CPU_MAX];
	uint32_t others = 0;

	apic_ids[0] = apic_id();
	*count = 1;
	if (madt == NULL || madt_processors(madt, PAGE_SIZE, found, CPU_MAX, &others) != OK) {
		log_warn("native: no usable MADT, one cpu");
		return OK;
	}
	for (uint32_t i = 0; i < others && *count < CPU_MAX; i++)
		if (found[i] != apic_ids[0])
			apic_ids[(*count)++] = found[i];
	return OK;
}

static enum error native_cpu_prepare(struct cpu *cpu)
{
	(void)cpu;
	return OK;
}

static enum error native_cpu_setup(struct cpu *cpu)
{
	apic_enable();
	apic_write(APIC_LVT_TIMER, LVT_TIMER_ONESHOT);
	(void)cpu;
	return OK;
}

static enum error native_init(void)
{
	enum error error = apic_init();

	if (error != OK)
		return error;
	apic_enable();
	calibrate(&rates);
	return OK;
}

static void native_send_ipi(uint32_t destination, uint8_t vector)
{
	apic_send(destination, APIC_COMMAND_FIXED | vector);
}

static void native_send_nmi(uint32_t destination)
{
	apic_send(destination, APIC_COMMAND_NMI);
}

static void native_end_of_interrupt(uint8_t vector)
{
	(void)vector;
	apic_write(APIC_EOI, 0);
}

static bool native_timer_available(void)
{
	return true;
}

static void native_timer_set(uint64_t tsc_deadline)
{
	uint64_t now = insn_rdtsc();
	uint64_t ticks;

	if (tsc_deadline == 0) {
		apic_write(APIC_TIMER_COUNT, 0);
		return;
	}
	ticks = tsc_deadline > now ? tsc_deadline - now : 1;
	if (__builtin_mul_overflow(ticks, rates.apic_hz, &ticks))
		ticks = UINT64_MAX;
	ticks = ticks / rates.tsc_hz + 1;
	apic_write(APIC_TIMER_COUNT, ticks < UINT32_MAX ? ticks : UINT32_MAX);
}

static uint64_t native_tsc_hz(void)
{
	return rates.tsc_hz;
}

static void native_idle(void)
{
	insn_sti_hlt();
}

static void native_deliver_pending(void)
{
}

static void native_terminate(enum stop_reason reason)
{
	if ((boot_info.params.flags & BOOT_FLAG_DEBUG_EXIT) != 0)
		insn_out32(DEBUG_EXIT_PORT,
			   reason == STOP_TEST_PASSED ? DEBUG_EXIT_PASSED : DEBUG_EXIT_FAILED);
}

const struct platform platform_native = {
	.name = "native",
	.start = native_start,
	.console_write = serial_write,
	.cpuid = native_cpuid,
	.init = native_init,
	.pages_validate = native_pages,
	.pages_invalidate = native_pages,
	.make_shared = native_pages,
	.make_private = native_pages,
	.cpus = native_cpus,
	.cpu_prepare = native_cpu_prepare,
	.cpu_start = native_cpu_start,
	.cpu_setup = native_cpu_setup,
	.send_ipi = native_send_ipi,
	.send_nmi = native_send_nmi,
	.end_of_interrupt = native_end_of_interrupt,
	.apic_read = apic_read,
	.apic_write = apic_write,
	.timer_available = native_timer_available,
	.timer_set = native_timer_set,
	.tsc_hz = native_tsc_hz,
	.idle = native_idle,
	.deliver_pending = native_deliver_pending,
	.terminate = native_terminate,
};

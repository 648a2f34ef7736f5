/* SPDX-License-Identifier: MIT */
/*
 * The one table that knows what we run on. platform_native: plain QEMU, KVM or bare metal.
 * platform_snp: VMPL0 of an SEV-SNP guest. Every entry is present on every platform.
 *
 * Order of the calls at boot: start, (own page tables), memory, (allocators), cpu_setup on the boot
 * CPU, cpus, then per application processor cpu_prepare + cpu_start on the boot CPU and cpu_setup
 * on itself.
 */
#ifndef KERNEL_PLATFORM_H
#define KERNEL_PLATFORM_H

#include "base/types.h"
#include "kernel/error.h"
#include "kernel/stop.h"

struct cpu;
struct guest_machine;

struct cpuid_result {
	uint32_t eax, ebx, ecx, edx;
};

struct platform {
	const char *name;

	/*
	 * First call, on the shim's page tables (all loaded pages mapped at LAYOUT_IMAGE_BASE), IDT
	 * in place, no allocator. Makes cpuid and console_write work. Stops when the platform can't
	 * be used.
	 */
	void (*start)(void);

	/* Print; any context, never waits for long. */
	void (*console_write)(const char *text, size_t size);

	/* CPUID from a source that may be believed. Absent leaves are zero. */
	struct cpuid_result (*cpuid)(uint32_t leaf, uint32_t subleaf);

	/*
	 * Make pages of Copra's region usable as private memory, or give them up. `pages` 4 KiB
	 * pages from `first`, mapped in the direct map. Uses 2 MiB operations where they fit.
	 */
	enum error (*pages_validate)(paddr_t first, size_t pages);
	enum error (*pages_invalidate)(paddr_t first, size_t pages);

	/*
	 * Share pages of the region with the host, and take them back (contents are lost both
	 * ways). Changes the page state and the direct map (paging_direct_set_shared()).
	 */
	enum error (*make_shared)(paddr_t first, size_t pages);
	enum error (*make_private)(paddr_t first, size_t pages);

	/* Allocators work, one CPU runs, interrupts are off: devices, timer rates. */
	enum error (*init)(void);

	/* APIC IDs of all CPUs, the boot CPU's first; `*count` is at most CPU_MAX. */
	enum error (*cpus)(uint32_t *apic_ids, uint32_t *count);

	/* On the boot CPU: get what a CPU needs from the platform before it starts (GHCB, VMSA). */
	enum error (*cpu_prepare)(struct cpu *cpu);
	/* Start a prepared CPU at cpu_secondary_entry(cpu), on cpu->boot_stack, kernel tables. */
	enum error (*cpu_start)(struct cpu *cpu);
	/* On each CPU itself, GS set, before interrupts are on: local APIC, doorbell, #VC. */
	enum error (*cpu_setup)(struct cpu *cpu);

	/* Interrupts between CPUs; `vector` >= 32. Never waits for the receiver. */
	void (*send_ipi)(uint32_t apic_id, uint8_t vector);
	/* NMI to one CPU, for the panic path. */
	void (*send_nmi)(uint32_t apic_id);
	void (*end_of_interrupt)(uint8_t vector);
	/* Local APIC registers by x2APIC MSR number (0x800 + n), whatever the mode. */
	uint64_t (*apic_read)(uint32_t msr);
	void (*apic_write)(uint32_t msr, uint64_t value);

	/* Whether timer_set() works here: else threads switch cooperatively. */
	bool (*timer_available)(void);
	/* VECTOR_TIMER on this CPU, once, when the TSC reaches `tsc_deadline`; 0 disarms. */
	void (*timer_set)(uint64_t tsc_deadline);
	/* Ticks of the time-stamp counter per second; the host's word unless Secure TSC. */
	uint64_t (*tsc_hz)(void);

	/* Interrupts are off and nothing is to do: wait for an interrupt, return with them on. See
	 * cpu_idle(). */
	void (*idle)(void);

	/*
	 * Deliver events that came while interrupts were off and that the CPU does not deliver by
	 * itself. Called where interrupts are, or are about to be, on; leaves the flag as it is.
	 */
	void (*deliver_pending)(void);

	/* What a guest's pages and vCPUs need (kernel/guest.h); NULL: there is no guest below us.
	 */
	const struct guest_machine *guest;

	/* Ask the host to end the VM; returns if it does not. `reason` is enum stop_reason. */
	void (*terminate)(enum stop_reason reason);
};

extern const struct platform platform_native;
extern const struct platform platform_snp;

/* The table for an enum boot_platform. */
const struct platform *platform_find(uint32_t which);

/* The one we run on; set before anything else happens. */
extern const struct platform *platform;

#endif

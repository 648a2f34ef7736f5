/* SPDX-License-Identifier: MIT */
#ifndef NATIVE_NATIVE_H
#define NATIVE_NATIVE_H

#include "base/types.h"
#include "kernel/error.h"

struct cpu;

/* --- apic.c ------------------------------------------------------------------------------ */
/* Choose xAPIC or x2APIC and map the registers. Boot CPU, allocators work. */
MUST_CHECK enum error apic_init(void);
/* Enable this CPU's local APIC, all its own sources masked. */
void apic_enable(void);
uint32_t apic_id(void);
uint64_t apic_read(uint32_t msr);
void apic_write(uint32_t msr, uint64_t value);
void apic_send(uint32_t apic_id, uint32_t command);

#define APIC_ID          0x802
#define APIC_EOI         0x80b
#define APIC_SVR         0x80f
#define APIC_ICR         0x830
#define APIC_LVT_TIMER   0x832
#define APIC_LVT_THERMAL 0x833
#define APIC_LVT_LINT0   0x835
#define APIC_LVT_LINT1   0x836
#define APIC_LVT_ERROR   0x837
#define APIC_TIMER_COUNT 0x838
#define APIC_TIMER_NOW   0x839
#define APIC_TIMER_DIV   0x83e

#define APIC_COMMAND_NMI     0x4400
#define APIC_COMMAND_INIT    0x4500
#define APIC_COMMAND_STARTUP 0x4600
#define APIC_COMMAND_FIXED   0x4000

/* --- madt.c ------------------------------------------------------------------------------ */
/*
 * APIC IDs of the enabled processors of an ACPI MADT (ACPI 6.5, 5.2.12), in its order. The table
 * comes from the host: any bytes give a result or ERR_FORMAT. At most `max` are written.
 */
MUST_CHECK enum error madt_processors(const uint8_t *table, size_t size, uint32_t *apic_ids,
				      uint32_t max, uint32_t *count);

/* --- calibrate.c --------------------------------------------------------------------------- */
struct calibration {
	uint64_t tsc_hz;
	uint64_t apic_hz; /* of the local APIC's timer with divider 1 */
};
/* Measure both against the PIT. Boot CPU, local APIC enabled. */
void calibrate(struct calibration *out);

/* --- serial.c -------------------------------------------------------------------------------- */
void serial_write(const char *text, size_t size);

/* --- start.c ---------------------------------------------------------------------------------- */
/* Start a secondary CPU with INIT and SIPI. ERR_NO_MEMORY; ERR_TIMEOUT is seen by the caller. */
MUST_CHECK enum error native_cpu_start(struct cpu *cpu);

#endif

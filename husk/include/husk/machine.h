/* SPDX-License-Identifier: MIT */
/* The machine as a whole: what it has, its lock, its clock, how it ends. */
#ifndef HUSK_MACHINE_H
#define HUSK_MACHINE_H

#include "base/compiler.h"
#include "base/types.h"

struct machine {
	uint64_t ram_below_4g; /* bytes of RAM from 0 that QEMU has; Husk's own part included */
	uint64_t ram_above_4g; /* bytes of RAM from 4 GiB up */
	paddr_t husk_base;     /* Husk's own memory: taken out of all that the guest is told */
	uint64_t husk_size;
	unsigned c_bit; /* position */
	uint64_t tsc_khz;
	uint64_t cpu_count;
	bool native; /* option HUSK_OPTION_MODE */
	bool cost_mode;
	bool violation_switch; /* option HUSK_OPTION_VIOLATION */
	unsigned throttle;     /* option HUSK_OPTION_THROTTLE, 0: never */
};

extern struct machine machine;

/* True if a guest page is RAM that the guest may own: machine RAM less Husk's, and the firmware
 * window. */
bool machine_is_guest_ram(gpa_t gpa);
/* Where a guest page lies in the machine: identity, but for the firmware window below 4 GiB. */
paddr_t machine_translate(gpa_t gpa);
/* Husk's own pointer to a page of RAM, which machine_is_guest_ram() or the allocator vouched for.
 */
void *machine_map(paddr_t page);

/* Husk's own pointer to a device's registers; NULL beyond 127 TiB or without memory for tables. */
volatile void *machine_map_device(gpa_t gpa);

/* One lock for all emulated state; held but while the guest runs or a CPU sleeps. */
void machine_lock(void);
void machine_unlock(void);

/* Nanoseconds since Husk started; in cost mode without Husk's own instructions. */
uint64_t machine_time_ns(void);

/* Prints one line and ends QEMU with a status (HUSK_EXIT_*). Does not return. */
void NORETURN PRINTF(2, 3) machine_end(uint32_t exit_value, const char *format, ...);

#endif

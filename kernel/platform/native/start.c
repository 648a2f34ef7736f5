/* SPDX-License-Identifier: MIT */
/* INIT and SIPI (APM2 16.5). */
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/paging.h"
#include "kernel/string.h"
#include "kernel/window.h"
#include "native.h"

#define INIT_DELAY_NS   10000
#define STARTUP_TRIES   100
#define STARTUP_PERIODS 100 /* a SIPI is repeated after this many polls of POLL_NS */
#define POLL_NS         10000

struct trampoline_data {
	uint64_t root;
	uint64_t stack;
	uint64_t cpu;
	uint64_t entry;
};

extern const char trampoline_start[], trampoline_data[], trampoline_end[];
void secondary_entry(void);

/* The kernel's half and the trampoline's page at its own address. Made once, kept. */
static struct address_space space;

static enum error make_space(void)
{
	enum error error;

	if (space.root.raw != 0)
		return OK;
	error = space_create(&space);
	if (error == OK)
		error = space_map(&space, VADDR(BOOT_SIPI_PAGE), PADDR(BOOT_SIPI_PAGE),
				  MAP_EXECUTE);
	return error;
}

static enum error write_trampoline(const struct cpu *cpu)
{
	struct trampoline_data data = {
		.root = space.root.raw,
		.stack = cpu->boot_stack.raw,
		.cpu = (uint64_t)cpu,
		.entry = (uint64_t)secondary_entry,
	};
	size_t size = (size_t)(trampoline_end - trampoline_start);
	struct window window;
	enum error error = window_open(GPA(BOOT_SIPI_PAGE), PAGE_SIZE, MAP_WRITE, &window);

	if (error != OK)
		return error;
	memcpy(window.address, trampoline_start, size);
	memcpy((char *)window.address + (trampoline_data - trampoline_start), &data, sizeof(data));
	window_close(&window);
	return OK;
}

/* A SIPI is lost while the CPU has not yet taken the INIT: repeat it. */
static bool send_startup(const struct cpu *cpu)
{
	for (unsigned int try = 0; try < STARTUP_TRIES; try++) {
		apic_send(cpu->apic_id, APIC_COMMAND_STARTUP | (BOOT_SIPI_PAGE >> PAGE_SHIFT));
		for (unsigned int i = 0; i < STARTUP_PERIODS; i++) {
			if (__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE))
				return true;
			clock_delay_ns(POLL_NS);
		}
	}
	return false;
}

enum error native_cpu_start(struct cpu *cpu)
{
	enum error error = make_space();

	if (error == OK)
		error = write_trampoline(cpu);
	if (error != OK)
		return error;
	apic_send(cpu->apic_id, APIC_COMMAND_INIT);
	clock_delay_ns(INIT_DELAY_NS);
	if (send_startup(cpu))
		return OK;
	apic_send(cpu->apic_id,
		  APIC_COMMAND_INIT); /* it must not come up later, with others' data */
	return ERR_TIMEOUT;
}

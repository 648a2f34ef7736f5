/* SPDX-License-Identifier: MIT */
/* A machine of 4 MiB for the GHCB tests: memory, ports, and a record of what was asked of it. */
#ifndef FAKE_MACHINE_H
#define FAKE_MACHINE_H

#include "husk/lies.h"
#include "husk/rmp.h"
#include "husk/vcpu.h"
#include "sevabi/ghcb.h"

#define FAKE_RAM   MIB(4)
#define FAKE_PAGES (FAKE_RAM / PAGE_SIZE)
#define GHCB_AT    0x5000ULL
#define MMIO_AT    0xfed00000ULL

extern uint8_t ram[FAKE_RAM];
extern bool assigned[FAKE_PAGES];
extern bool huge[FAKE_PAGES];

extern struct fake {
	uint16_t port;
	unsigned port_size, port_writes;
	uint32_t port_value;
	uint64_t mmio_address, mmio_value;
	bool switched;
	uint8_t switched_to;
	bool halted, held;
	bool created;
	uint8_t created_vmpl;
	bool refuse_creation;
	uint64_t ipi;
	unsigned psp_calls;
	bool ended;
	struct apic_event_record {
		bool nmi, interrupt;
		uint8_t vector;
	} pending;
	bool apic_page_enabled;
	uint32_t apic_offset;
	bool lies;
	enum lie_kind lie_kind;
	uint64_t lie_value;
} fake;

/* Everything as after power-on; vCPU 0 at VMPL0 with a registered GHCB. */
void fake_reset(void);
struct ghcb *page(void);
/* Start a request: fields cleared, exit code and infos valid. */
void request(uint64_t code, uint64_t info1, uint64_t info2);
void put_valid(unsigned index);
/* VMGEXIT. */
void go(void);

#endif

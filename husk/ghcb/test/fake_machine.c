/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake_machine.h"
#include "husk/apic.h"
#include "husk/cpuid.h"
#include "husk/fwcfg.h"
#include "husk/fwcfg_filter.h"
#include "husk/ghcb.h"
#include "husk/guest_memory.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/malice.h"
#include "husk/lies.h"
#include "husk/port.h"
#include "husk/psp.h"

uint8_t ram[FAKE_RAM];
bool assigned[FAKE_PAGES];
bool huge[FAKE_PAGES];
struct fake fake;
struct machine machine = {.ram_below_4g = FAKE_RAM, .c_bit = 51, .tsc_khz = 1000000};
struct vcpu vcpus[VCPU_MAX];
uint32_t vcpu_count = 2;
static struct vmcb vmcbs[2][VMPL_COUNT];

void fake_reset(void)
{
	memset(ram, 0, sizeof(ram));
	memset(assigned, 0, sizeof(assigned));
	memset(huge, 0, sizeof(huge));
	memset(&fake, 0, sizeof(fake));
	memset(vcpus, 0, sizeof(vcpus));
	machine.throttle = 0;
	for (uint32_t i = 0; i < vcpu_count; i++) {
		vcpus[i].index = i;
		vcpus[i].apic_id = i;
		for (uint8_t vmpl = 0; vmpl < VMPL_COUNT; vmpl++) {
			vcpus[i].planes[vmpl].vcpu = &vcpus[i];
			vcpus[i].planes[vmpl].vmpl = vmpl;
			vcpus[i].planes[vmpl].vmcb = &vmcbs[i][vmpl];
			ghcb_reset(&vcpus[i].planes[vmpl]);
		}
	}
	vcpus[0].planes[0].ghcb.msr = GHCB_AT;
	vcpus[0].planes[0].ghcb.registered = GPA(GHCB_AT);
	vcpus[0].planes[0].ghcb.is_registered = true;
}

struct ghcb *page(void)
{
	return (struct ghcb *)(void *)(ram + GHCB_AT);
}

void put_valid(unsigned index)
{
	page()->valid_bitmap[index / 8] |= (uint8_t)(1U << (index % 8));
}

void request(uint64_t code, uint64_t info1, uint64_t info2)
{
	memset(page()->valid_bitmap, 0, sizeof(page()->valid_bitmap));
	page()->sw_exitcode = code;
	page()->sw_exitinfo1 = info1;
	page()->sw_exitinfo2 = info2;
	page()->sw_scratch = GHCB_AT + GHCB_SHARED_BUFFER_AT;
	page()->protocol_version = GHCB_VERSION;
	put_valid(GHCB_VALID_SW_EXITCODE);
	put_valid(GHCB_VALID_SW_EXITINFO1);
	put_valid(GHCB_VALID_SW_EXITINFO2);
	put_valid(GHCB_VALID_SW_SCRATCH);
}

void go(void)
{
	ghcb_vmgexit(&vcpus[0]);
}

/* --- What the module calls ------------------------------------------------------------- */

bool lies_active(void)
{
	return fake.lies;
}

bool lie_now(enum lie_kind kind, uint8_t vmpl, uint64_t key, uint64_t *value)
{
	(void)key;
	*value = fake.lie_value;
	return fake.lies && vmpl == 0 && kind == fake.lie_kind;
}

void lies_vmgexit(uint8_t vmpl)
{
	(void)vmpl;
}

enum log_level log_limit;

void husk_log(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

bool malice_scan(gpa_t *where)
{
	(void)where;
	return false;
}

bool fwcfg_option(const char *name, char *text, size_t size)
{
	(void)name;
	(void)text;
	(void)size;
	return false;
}

void machine_end(uint32_t exit_value, const char *format, ...)
{
	(void)exit_value;
	(void)format;
	fake.ended = true;
	mock_assert(0, "machine_end", __FILE__, __LINE__);
	__builtin_unreachable();
}

bool machine_is_guest_ram(gpa_t gpa)
{
	return gpa.raw < FAKE_RAM;
}

paddr_t machine_translate(gpa_t gpa)
{
	return PADDR(gpa.raw);
}

void *machine_map(paddr_t at)
{
	return ram + at.raw;
}

static bool in_ram(gpa_t gpa, size_t size)
{
	return gpa.raw < FAKE_RAM && size <= FAKE_RAM - gpa.raw;
}

enum guest_access guest_read(gpa_t gpa, void *to, size_t size)
{
	if (!in_ram(gpa, size))
		return GUEST_ACCESS_NOT_RAM;
	memcpy(to, ram + gpa.raw, size);
	return GUEST_ACCESS_OK;
}

enum guest_access guest_write(gpa_t gpa, const void *from, size_t size)
{
	if (!in_ram(gpa, size))
		return GUEST_ACCESS_NOT_RAM;
	if (!rmp_host_may_write(gpa, size))
		return GUEST_ACCESS_ASSIGNED;
	memcpy(ram + gpa.raw, from, size);
	return GUEST_ACCESS_OK;
}

enum guest_access guest_exchange_u16(gpa_t gpa, uint16_t value, uint16_t *old)
{
	if (guest_read(gpa, old, sizeof(*old)) != GUEST_ACCESS_OK)
		return GUEST_ACCESS_NOT_RAM;
	return guest_write(gpa, &value, sizeof(value));
}

bool rmp_host_may_write(gpa_t gpa, uint64_t size)
{
	for (uint64_t at = gpa.raw / PAGE_SIZE; at <= (gpa.raw + size - 1) / PAGE_SIZE; at++) {
		if (at >= FAKE_PAGES || assigned[at])
			return false;
	}
	return true;
}

struct rmp_access rmp_lookup(gpa_t gpa, uint8_t vmpl)
{
	(void)vmpl;
	return (struct rmp_access){.assigned = assigned[gpa.raw / PAGE_SIZE]};
}

enum rmp_status rmp_update(gpa_t gpa, bool to_guest, bool size_2m, bool immutable)
{
	uint64_t first = gpa.raw / PAGE_SIZE;

	(void)immutable;
	for (uint64_t i = first; i < first + (size_2m ? RMP_2M_PAGES : 1); i++) {
		if (assigned[i] && huge[i] != size_2m)
			return RMP_FAIL_OVERLAP;
		assigned[i] = to_guest;
		huge[i] = to_guest && size_2m;
	}
	return RMP_OK;
}

enum rmp_status rmp_psmash(gpa_t gpa)
{
	for (uint64_t i = 0; i < RMP_2M_PAGES; i++)
		huge[gpa.raw / PAGE_SIZE + i] = false;
	return RMP_OK;
}

struct cpuid_regs husk_cpuid(uint32_t apic_id, uint32_t leaf, uint32_t subleaf)
{
	return (struct cpuid_regs){leaf, subleaf, apic_id, 0x1234};
}

uint32_t port_in(uint16_t port, unsigned size)
{
	fake.port = port;
	fake.port_size = size;
	return 0xa1b2c300 + fake.port_value++;
}

void port_out(uint16_t port, unsigned size, uint32_t value)
{
	fake.port = port;
	fake.port_size = size;
	fake.port_value = value;
	fake.port_writes++;
}

uint32_t fwcfg_filter_in(uint16_t port, unsigned size)
{
	(void)port;
	(void)size;
	return 0x77;
}

void fwcfg_filter_out(uint16_t port, unsigned size, uint32_t value)
{
	(void)port;
	(void)size;
	(void)value;
}

uint64_t mmio_read(gpa_t gpa, unsigned size)
{
	(void)size;
	fake.mmio_address = gpa.raw;
	return 0x1122334455667788;
}

void mmio_write(gpa_t gpa, unsigned size, uint64_t value)
{
	(void)size;
	fake.mmio_address = gpa.raw;
	fake.mmio_value = value;
}

bool apic_mmio_page(const struct plane *p, gpa_t *at)
{
	(void)p;
	*at = GPA(0xfee00000);
	return fake.apic_page_enabled;
}

uint32_t apic_mmio_read(struct plane *p, uint32_t offset)
{
	(void)p;
	fake.apic_offset = offset;
	return 0xabcd;
}

void apic_mmio_write(struct plane *p, uint32_t offset, uint32_t value)
{
	(void)p;
	(void)value;
	fake.apic_offset = offset;
}

bool apic_owns_msr(uint32_t msr)
{
	return msr == 0x1b;
}

bool apic_msr_read(struct plane *p, uint32_t msr, uint64_t *value)
{
	(void)p;
	(void)msr;
	*value = 0x1fee00900;
	return true;
}

bool apic_msr_write(struct plane *p, uint32_t msr, uint64_t value)
{
	(void)p;
	(void)msr;
	return value != 0;
}

void apic_send_ipi(struct plane *p, uint64_t icr)
{
	(void)p;
	fake.ipi = icr;
}

struct apic_event apic_pending(struct plane *p)
{
	(void)p;
	return (struct apic_event){fake.pending.nmi, fake.pending.interrupt, fake.pending.vector};
}

void apic_accept(struct plane *p, struct apic_event event)
{
	(void)p;
	if (event.nmi)
		fake.pending.nmi = false;
	if (event.interrupt)
		fake.pending.interrupt = false;
}

struct vcpu *vcpu_by_apic_id(uint32_t apic_id)
{
	return apic_id < vcpu_count ? &vcpus[apic_id] : NULL;
}

bool vcpu_run_vmpl(struct vcpu *v, uint8_t vmpl)
{
	if (vmpl == v->current || vmpl == 3)
		return false;
	fake.switched = true;
	fake.switched_to = vmpl;
	return true;
}

void plane_halt(struct plane *p)
{
	(void)p;
	fake.halted = true;
}

void plane_reset_hold(struct plane *p)
{
	(void)p;
	fake.held = true;
}

bool vcpu_ap_creation(struct vcpu *target, uint8_t vmpl, enum ap_creation action, gpa_t vmsa,
		      uint64_t sev_features)
{
	(void)target;
	(void)action;
	(void)vmsa;
	(void)sev_features;
	fake.created = true;
	fake.created_vmpl = vmpl;
	return !fake.refuse_creation;
}

enum psp_status psp_guest_request(const struct guest_msg *from, struct guest_msg *to)
{
	fake.psp_calls++;
	*to = *from;
	to->header.msg_seqno++;
	return PSP_OK;
}

const void *psp_certificates(uint32_t *size)
{
	static const uint8_t table[5000] = {0xce};

	*size = sizeof(table);
	return table;
}

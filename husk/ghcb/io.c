/* SPDX-License-Identifier: MIT */
/* Port I/O and MMIO events: to QEMU's devices, but for fw_cfg and the local APIC. */
#include <string.h>

#include "husk/apic.h"
#include "husk/fwcfg_filter.h"
#include "husk/machine.h"
#include "husk/port.h"
#include "request.h"

#define MMIO_MAX 8

static uint32_t port_read(uint16_t port, unsigned size)
{
	return fwcfg_filter_owns(port) ? fwcfg_filter_in(port, size) : port_in(port, size);
}

static void port_write(uint16_t port, unsigned size, uint32_t value)
{
	if (fwcfg_filter_owns(port))
		fwcfg_filter_out(port, size, value);
	else
		port_out(port, size, value);
}

/* String I/O: `count` elements, packed in the scratch area. */
static void ioio_string(struct request *r, uint16_t port, unsigned size, bool in)
{
	uint8_t data[GHCB_SHARED_BUFFER_SIZE];
	uint64_t count = r->info2, bytes, i;
	uint32_t value;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		request_malformed(r, GHCB_MALFORMED_INVALID_SCRATCH);
		return;
	}
	if (!request_scratch(r, bytes))
		return;
	if (!in && !scratch_read(r, 0, data, bytes))
		return;
	for (i = 0; i < bytes; i += size) {
		if (in) {
			value = port_read(port, size);
			memcpy(data + i, &value, size);
		} else {
			value = 0;
			memcpy(&value, data + i, size);
			port_write(port, size, value);
		}
	}
	if (in && !scratch_write(r, 0, data, bytes))
		return;
	r->result2 = 0;
}

void event_ioio(struct request *r)
{
	unsigned size = GHCB_IOIO_SIZE(r->info1);
	uint16_t port = GHCB_IOIO_PORT(r->info1);
	bool in = (r->info1 & GHCB_IOIO_IN) != 0;
	uint64_t mask;

	if (size != 1 && size != 2 && size != 4) {
		/* KVM calls no size a success. */
		if (size != 0)
			request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
		return;
	}
	mask = BIT(size * 8) - 1;
	if (r->info1 & GHCB_IOIO_STRING) {
		if (!request_has(r, GHCB_VALID_SW_SCRATCH))
			request_malformed(r, GHCB_MALFORMED_MISSING_INPUT);
		else
			ioio_string(r, port, size, in);
	} else if (in) {
		/* The guest's handler merges the low bytes into its own RAX. */
		r->rax = port_read(port, size) & mask;
	} else if (!request_has(r, GHCB_VALID_RAX)) {
		request_malformed(r, GHCB_MALFORMED_MISSING_INPUT);
	} else {
		port_write(port, size, (uint32_t)(r->rax & mask));
	}
}

/* Every byte is device space: no RAM of the guest's, Husk's or QEMU's. */
static bool is_device(uint64_t gpa, uint64_t size)
{
	uint64_t last = gpa + size - 1;

	if (last < gpa || machine_is_guest_ram(GPA(gpa)) || machine_is_guest_ram(GPA(last)))
		return false;
	if (gpa < machine.ram_below_4g)
		return false;
	return gpa < GIB(4) || gpa >= GIB(4) + machine.ram_above_4g;
}

static bool in_apic(struct request *r, gpa_t *page)
{
	return apic_mmio_page(r->plane, page) && r->info1 >= page->raw &&
	       r->info1 < page->raw + APIC_MMIO_SIZE;
}

/* The machine's real local APIC is Husk's. */
static bool is_real_apic(uint64_t gpa)
{
	return gpa >= 0xfee00000 && gpa < 0xfee00000 + APIC_MMIO_SIZE;
}

static bool mmio_acceptable(struct request *r)
{
	if (r->info2 == 0 || r->info2 > MMIO_MAX || !request_scratch(r, r->info2)) {
		if (r->result1 == GHCB_RESULT_OK)
			request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
		return false;
	}
	if (!is_device(r->info1, r->info2)) {
		request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
		return false;
	}
	return true;
}

static bool natural(uint64_t gpa, uint64_t size)
{
	return (size & (size - 1)) == 0 && IS_ALIGNED(gpa, size);
}

void event_mmio_read(struct request *r)
{
	uint64_t value = 0;
	gpa_t page;

	if (!mmio_acceptable(r))
		return;
	if (in_apic(r, &page)) {
		value = apic_mmio_read(r->plane, (uint32_t)(r->info1 - page.raw));
	} else if (is_real_apic(r->info1)) {
		value = UINT64_MAX;
	} else if (natural(r->info1, r->info2)) {
		value = mmio_read(GPA(r->info1), (unsigned)r->info2);
	} else {
		for (unsigned i = 0; i < r->info2; i++)
			value |= (mmio_read(GPA(r->info1 + i), 1) & 0xff) << (8 * i);
	}
	if (!scratch_write(r, 0, &value, r->info2))
		return;
	r->result2 = 0;
}

void event_mmio_write(struct request *r)
{
	uint64_t value = 0;
	gpa_t page;

	if (!mmio_acceptable(r) || !scratch_read(r, 0, &value, r->info2))
		return;
	if (in_apic(r, &page)) {
		apic_mmio_write(r->plane, (uint32_t)(r->info1 - page.raw), (uint32_t)value);
	} else if (is_real_apic(r->info1)) {
		return;
	} else if (natural(r->info1, r->info2)) {
		mmio_write(GPA(r->info1), (unsigned)r->info2, value);
	} else {
		for (unsigned i = 0; i < r->info2; i++)
			mmio_write(GPA(r->info1 + i), 1, value >> (8 * i));
	}
}

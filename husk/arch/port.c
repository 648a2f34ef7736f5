/* SPDX-License-Identifier: MIT */
/* The machine's devices: ports, MMIO, local APIC (xAPIC mode). */
#include "arch/insn.h"
#include "boot/layout.h"
#include "husk/machine.h"
#include "husk/port.h"

#define LAPIC_BASE 0xfee00000ULL

uint32_t port_in(uint16_t port, unsigned size)
{
	switch (size) {
	case 1:
		return in8(port);
	case 2:
		return in16(port);
	default:
		return in32(port);
	}
}

void port_out(uint16_t port, unsigned size, uint32_t value)
{
	switch (size) {
	case 1:
		out8(port, (uint8_t)value);
		break;
	case 2:
		out16(port, (uint16_t)value);
		break;
	default:
		out32(port, value);
	}
}

uint64_t mmio_read(gpa_t gpa, unsigned size)
{
	volatile void *at = machine_map_device(gpa);

	if (!at)
		return UINT64_MAX;
	switch (size) {
	case 1:
		return *(volatile uint8_t *)at;
	case 2:
		return *(volatile uint16_t *)at;
	case 4:
		return *(volatile uint32_t *)at;
	default:
		return *(volatile uint64_t *)at;
	}
}

void mmio_write(gpa_t gpa, unsigned size, uint64_t value)
{
	volatile void *at = machine_map_device(gpa);

	if (!at)
		return;
	switch (size) {
	case 1:
		*(volatile uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)at = (uint16_t)value;
		break;
	case 4:
		*(volatile uint32_t *)at = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)at = value;
	}
}

uint32_t lapic_read(unsigned offset)
{
	return *(volatile uint32_t *)(HUSK_DIRECT_MAP + LAPIC_BASE + offset);
}

void lapic_write(unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)(HUSK_DIRECT_MAP + LAPIC_BASE + offset) = value;
}

/* SPDX-License-Identifier: MIT */
/* Port I/O and MMIO on the machine's real devices, and the machine CPU's real local APIC. */
#ifndef HUSK_PORT_H
#define HUSK_PORT_H

#include "base/types.h"

/* `size` is 1, 2 or 4 bytes. */
uint32_t port_in(uint16_t port, unsigned size);
void port_out(uint16_t port, unsigned size, uint32_t value);

/* `size` is 1, 2, 4 or 8 bytes; the address is a machine address outside RAM. */
uint64_t mmio_read(gpa_t gpa, unsigned size);
void mmio_write(gpa_t gpa, unsigned size, uint64_t value);

/* Real local APIC registers, by their xAPIC offset (0x20 = ID). */
uint32_t lapic_read(unsigned offset);
void lapic_write(unsigned offset, uint32_t value);

#endif

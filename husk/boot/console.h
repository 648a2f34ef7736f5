/* SPDX-License-Identifier: MIT */
#ifndef HUSK_BOOT_CONSOLE_H
#define HUSK_BOOT_CONSOLE_H

#include "base/types.h"

/* Where Husk's own lines go; 0x3f8 and 0x2f8 are driven as UARTs, any other port is written to. */
void console_set_port(uint16_t port);
/* Printed when the machine ends, if the option asks for it (husk/vcpu/statistics.c). */
void machine_report_statistics(void);

#endif

/* SPDX-License-Identifier: MIT */
/* A 16550 UART, written to by polling. The firmware or the loader has set its speed. */
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "native.h"

#define UART_LINE_STATUS 5
#define STATUS_EMPTY     0x20
#define FIFO_BYTES       16
#define SPIN_LIMIT       200000 /* a UART that never gets ready does not hold us up for ever */

static void await_empty(uint16_t port)
{
	for (unsigned int i = 0; i < SPIN_LIMIT; i++) {
		if ((insn_in8((uint16_t)(port + UART_LINE_STATUS)) & STATUS_EMPTY) != 0)
			return;
		insn_pause();
	}
}

static void put(uint16_t port, char c, unsigned int *room)
{
	if (*room == 0) {
		await_empty(port);
		*room = FIFO_BYTES;
	}
	(*room)--;
	insn_out8(port, (uint8_t)c);
}

void serial_write(const char *text, size_t size)
{
	uint16_t port = boot_info.params.console_port;
	unsigned int room = 0;

	if ((boot_info.params.flags & BOOT_FLAG_CONSOLE) == 0)
		return;
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n')
			put(port, '\r', &room);
		put(port, text[i], &room);
	}
}

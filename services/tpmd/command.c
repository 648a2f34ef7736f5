/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <string.h>

#include "wire.h"

void command_bytes(struct command *command, const uint8_t *bytes, size_t size)
{
	if (size > sizeof(command->bytes) - command->size) {
		command->overflow = true;
		return;
	}
	memcpy(command->bytes + command->size, bytes, size);
	command->size += size;
}

void command_u8(struct command *command, uint8_t value)
{
	command_bytes(command, &value, sizeof(value));
}

void command_u16(struct command *command, uint16_t value)
{
	uint8_t bytes[2];

	store_be16(bytes, value);
	command_bytes(command, bytes, sizeof(bytes));
}

void command_u32(struct command *command, uint32_t value)
{
	uint8_t bytes[4];

	store_be32(bytes, value);
	command_bytes(command, bytes, sizeof(bytes));
}

void command_begin(struct command *command, uint16_t tag, uint32_t code)
{
	command->size = 0;
	command->overflow = false;
	command_u16(command, tag);
	command_u32(command, 0);
	command_u32(command, code);
}

void command_empty_password(struct command *command)
{
	command_u32(command, 9); /* bytes of the authorization area */
	command_u32(command, TPM_RS_PW);
	command_u16(command, 0); /* no nonce */
	command_u8(command, 0);  /* attributes */
	command_u16(command, 0); /* the empty password */
}

bool command_end(struct command *command)
{
	store_be32(command->bytes + 2, (uint32_t)command->size);
	return !command->overflow;
}

/* SPDX-License-Identifier: MIT */
/* Building the few TPM commands that the service itself gives (TPM 2.0 Part 2 and 3). */
#ifndef TPMD_COMMAND_H
#define TPMD_COMMAND_H

#include "base/compiler.h"
#include "base/types.h"

#define TPM_ST_NO_SESSIONS    0x8001
#define TPM_ST_SESSIONS       0x8002
#define TPM_CC_CHANGE_EPS     0x00000124U
#define TPM_CC_PCR_ALLOCATE   0x0000012bU
#define TPM_CC_CREATE_PRIMARY 0x00000131U
#define TPM_CC_STARTUP        0x00000144U
#define TPM_CC_SHUTDOWN       0x00000145U
#define TPM_SU_CLEAR          0x0000
#define TPM_RH_ENDORSEMENT    0x4000000bU
#define TPM_RH_PLATFORM       0x4000000cU
#define TPM_RS_PW             0x40000009U
#define TPM_RESPONSE_HEADER   10U

/* A command under construction. What does not fit sets `overflow` and is left out. */
struct command {
	uint8_t bytes[1024];
	size_t size;
	bool overflow;
};

/* Begins a command with tag and command code; the size field is set by command_end. */
void command_begin(struct command *command, uint16_t tag, uint32_t code);
void command_u8(struct command *command, uint8_t value);
void command_u16(struct command *command, uint16_t value);
void command_u32(struct command *command, uint32_t value);
void command_bytes(struct command *command, const uint8_t *bytes, size_t size);

/* Appends the authorization area of one password session with an empty password. */
void command_empty_password(struct command *command);

/* Sets the size field. False: something did not fit. */
bool command_end(struct command *command) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
#include "vtpm.h"

#include <stdlib.h>
#include <string.h>

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>
#include <libtpms/tpm_nvfilename.h>

#include "command.h"
#include "page.h"
#include "wire.h"

#define TPM_ALG_SHA1   0x0004
#define TPM_ALG_SHA256 0x000b
#define TPM_ALG_SHA384 0x000c
#define TPM_ALG_SHA512 0x000d

static struct {
	struct state_store *store; /* what libtpms' callbacks use now */
	uint8_t locality;
	bool started; /* the guest has given TPM2_Startup: there is volatile state to keep */
	unsigned char *response; /* libtpms' own buffer, used again for each command */
	uint32_t response_capacity;
	struct memory_state
		endorsement; /* the permanent state when its seed was new: no auth set */
	uint32_t endorsement_generation;
} vtpm;

/* --- What libtpms asks of its platform ------------------------------------------------ */

static TPM_RESULT nvram_init(void)
{
	return TPM_SUCCESS;
}

static TPM_RESULT nvram_load(unsigned char **data, uint32_t *length, uint32_t number,
			     const char *name)
{
	const uint8_t *blob;
	size_t size;

	(void)number;
	switch (state_load(vtpm.store, name, &blob, &size)) {
	case STATE_OK:
		break;
	case STATE_ABSENT:
		return TPM_RETRY; /* libtpms' word for "there is none" */
	default:
		return TPM_FAIL;
	}
	*data = malloc(size);
	if (!*data)
		return TPM_FAIL;
	memcpy(*data, blob, size);
	*length = (uint32_t)size;
	return TPM_SUCCESS;
}

static TPM_RESULT nvram_store(const unsigned char *data, uint32_t length, uint32_t number,
			      const char *name)
{
	(void)number;
	return state_save(vtpm.store, name, data, length) == STATE_OK ? TPM_SUCCESS : TPM_FAIL;
}

static TPM_RESULT nvram_delete(uint32_t number, const char *name, TPM_BOOL must_exist)
{
	enum state_error error = state_remove(vtpm.store, name);

	(void)number;
	if (error == STATE_OK || (error == STATE_ABSENT && !must_exist))
		return TPM_SUCCESS;
	return TPM_FAIL;
}

static TPM_RESULT io_init(void)
{
	return TPM_SUCCESS;
}

static TPM_RESULT io_locality(TPM_MODIFIER_INDICATOR *locality, uint32_t number)
{
	(void)number;
	*locality = vtpm.locality;
	return TPM_SUCCESS;
}

static TPM_RESULT io_physical_presence(TPM_BOOL *present, uint32_t number)
{
	(void)number;
	*present = FALSE; /* nobody stands beside a virtual machine */
	return TPM_SUCCESS;
}

static struct libtpms_callbacks callbacks = {
	.sizeOfStruct = sizeof(callbacks),
	.tpm_nvram_init = nvram_init,
	.tpm_nvram_loaddata = nvram_load,
	.tpm_nvram_storedata = nvram_store,
	.tpm_nvram_deletename = nvram_delete,
	.tpm_io_init = io_init,
	.tpm_io_getlocality = io_locality,
	.tpm_io_getphysicalpresence = io_physical_presence,
};

/* --- Commands ------------------------------------------------------------------------- */

/* TPM_RC_FAILURE without a session (TPM 2.0 Part 1, failure mode). */
static void answer_failure(const uint8_t **response, size_t *size)
{
	static const uint8_t failure[] = {0x80, 0x01, 0, 0, 0, 10, 0, 0, 0x01, 0x01};

	*response = failure;
	*size = sizeof(failure);
}

static void process(const uint8_t *command, size_t size, const uint8_t **response,
		    size_t *response_size)
{
	static uint8_t copy[VTPM_BUFFER_SIZE]; /* libtpms may write to it */
	uint32_t answered = 0;

	if (size > sizeof(copy)) {
		answer_failure(response, response_size);
		return;
	}
	memcpy(copy, command, size);
	if (vtpm.response) /* nothing of an older answer, whatever the size libtpms reports */
		explicit_bzero(vtpm.response, vtpm.response_capacity);
	if (TPMLIB_Process(&vtpm.response, &answered, &vtpm.response_capacity, copy,
			   (uint32_t)size) != TPM_SUCCESS ||
	    answered < TPM_RESPONSE_HEADER || answered > vtpm.response_capacity) {
		answer_failure(response, response_size);
	} else {
		*response = vtpm.response;
		*response_size = answered;
	}
	explicit_bzero(copy, size);
}

/* Gives a command of our own. VTPM_REFUSED: it was not built whole, or the TPM said no. */
static enum vtpm_error give(struct command *command, const uint8_t **response, size_t *size)
{
	if (!command_end(command))
		return VTPM_REFUSED;
	vtpm.locality = 0;
	process(command->bytes, command->size, response, size);
	return load_be32(*response + 6) == 0 ? VTPM_OK : VTPM_REFUSED;
}

static enum vtpm_error give_startup_or_shutdown(uint32_t code)
{
	struct command command;
	const uint8_t *response;
	size_t size;

	command_begin(&command, TPM_ST_NO_SESSIONS, code);
	command_u16(&command, TPM_SU_CLEAR);
	return give(&command, &response, &size);
}

/* TPM 2.0 Part 3, 22.5: the answer's first byte after its parameter size tells the success. */
static enum vtpm_error allocate_banks(uint32_t banks)
{
	static const struct {
		uint32_t bank;
		uint16_t algorithm;
	} known[] = {
		{VTPM_BANK_SHA1, TPM_ALG_SHA1},
		{VTPM_BANK_SHA256, TPM_ALG_SHA256},
		{VTPM_BANK_SHA384, TPM_ALG_SHA384},
		{VTPM_BANK_SHA512, TPM_ALG_SHA512},
	};
	struct command command;
	const uint8_t *response;
	size_t size;

	command_begin(&command, TPM_ST_SESSIONS, TPM_CC_PCR_ALLOCATE);
	command_u32(&command, TPM_RH_PLATFORM);
	command_empty_password(&command);
	command_u32(&command, ARRAY_SIZE(known));
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		uint8_t selected = banks & known[i].bank ? 0xff : 0;

		command_u16(&command, known[i].algorithm);
		command_u8(&command, 3); /* 24 PCRs */
		command_bytes(&command, (uint8_t[]){selected, selected, selected}, 3);
	}
	if (give(&command, &response, &size) != VTPM_OK || size < 15 || response[14] != 1)
		return VTPM_REFUSED;
	return VTPM_OK;
}

/* --- Power ---------------------------------------------------------------------------- */

static enum vtpm_error library_start(struct state_store *store)
{
	vtpm.store = store;
	if (TPMLIB_RegisterCallbacks(&callbacks) != TPM_SUCCESS ||
	    TPMLIB_ChooseTPMVersion(TPMLIB_TPM_VERSION_2) != TPM_SUCCESS)
		return VTPM_LIBRARY;
	/* The TPM then tells its users a limit that a request page keeps in both directions. */
	if (TPMLIB_SetBufferSize(VTPM_REQUEST_MAX, NULL, NULL) != VTPM_REQUEST_MAX)
		return VTPM_LIBRARY;
	if (TPMLIB_MainInit() != TPM_SUCCESS) {
		TPMLIB_Terminate();
		return VTPM_LIBRARY;
	}
	return VTPM_OK;
}

static enum vtpm_error copy_blob(struct state_store *to, struct state_store *from, const char *name)
{
	const uint8_t *data;
	size_t size;

	if (state_load(from, name, &data, &size) != STATE_OK ||
	    state_save(to, name, data, size) != STATE_OK)
		return VTPM_STATE;
	return VTPM_OK;
}

/* Keeps the permanent state as it is now, to make endorsement keys from. */
static enum vtpm_error remember_endorsement_seed(void)
{
	struct memory_state fresh;
	enum vtpm_error error;

	memory_state_init(&fresh);
	error = copy_blob(&fresh.store, vtpm.store, TPM_PERMANENT_ALL_NAME);
	memory_state_clear(&vtpm.endorsement);
	vtpm.endorsement = fresh;
	vtpm.endorsement_generation++;
	return error;
}

/* A TPM whose seeds libtpms has just made: choose its banks, which needs a reset to take effect. */
static enum vtpm_error manufacture(struct state_store *store, uint32_t banks)
{
	enum vtpm_error error = library_start(store);

	if (error)
		return error;
	error = give_startup_or_shutdown(TPM_CC_STARTUP);
	if (!error)
		error = allocate_banks(banks);
	if (!error)
		error = give_startup_or_shutdown(TPM_CC_SHUTDOWN);
	TPMLIB_Terminate();
	return error;
}

enum vtpm_error vtpm_power_on(struct state_store *store, uint32_t banks)
{
	enum vtpm_error error = VTPM_OK;
	const uint8_t *data;
	size_t size;

	switch (state_load(store, TPM_PERMANENT_ALL_NAME, &data, &size)) {
	case STATE_OK:
		break;
	case STATE_ABSENT:
		error = manufacture(store, banks);
		break;
	default:
		error = VTPM_STATE;
	}
	if (!error)
		error = library_start(store);
	if (error)
		return error;
	vtpm.started = false;
	memory_state_init(&vtpm.endorsement);
	return remember_endorsement_seed();
}

void vtpm_power_off(void)
{
	TPMLIB_Terminate();
	memory_state_clear(&vtpm.endorsement);
	free(vtpm.response);
	vtpm.response = NULL;
	vtpm.response_capacity = 0;
}

void vtpm_execute(uint8_t locality, const uint8_t *command, size_t size, const uint8_t **response,
		  size_t *response_size)
{
	uint32_t code = size >= TPM_RESPONSE_HEADER ? load_be32(command + 6) : 0;

	vtpm.locality = locality;
	process(command, size, response, response_size);
	if (load_be32(*response + 6) != 0)
		return;
	if (code == TPM_CC_STARTUP)
		vtpm.started = true;
	if (code == TPM_CC_CHANGE_EPS && remember_endorsement_seed() != VTPM_OK)
		memory_state_clear(&vtpm.endorsement); /* no key rather than one of the old seed */
}

/* --- Endorsement keys ----------------------------------------------------------------- */

/* The answer: header, object handle, parameter size, TPM2B_PUBLIC, ... (Part 3, 24.1). */
static enum vtpm_error create_primary(const uint8_t *template, size_t size, uint8_t *public,
				      size_t *public_size)
{
	const size_t at = TPM_RESPONSE_HEADER + 4 + 4;
	struct command command;
	const uint8_t *response;
	size_t answered, length;

	command_begin(&command, TPM_ST_SESSIONS, TPM_CC_CREATE_PRIMARY);
	command_u32(&command, TPM_RH_ENDORSEMENT);
	command_empty_password(&command);
	command_u16(&command, 4); /* TPM2B_SENSITIVE_CREATE: no auth value, no data */
	command_u32(&command, 0);
	command_u16(&command, (uint16_t)size);
	command_bytes(&command, template, size);
	command_u16(&command, 0); /* outside info */
	command_u32(&command, 0); /* no creation PCR */
	if (give(&command, &response, &answered) != VTPM_OK || answered < at + 2)
		return VTPM_REFUSED;
	length = load_be16(response + at);
	if (length > answered - at - 2 || length > *public_size)
		return VTPM_REFUSED;
	memcpy(public, response + at + 2, length);
	*public_size = length;
	return VTPM_OK;
}

/* Runs a second TPM with the same endorsement seed; its state is thrown away. */
static enum vtpm_error create_in_scratch_tpm(const uint8_t *template, size_t size, uint8_t *public,
					     size_t *public_size)
{
	struct memory_state scratch;
	enum vtpm_error error;

	memory_state_init(&scratch);
	error = copy_blob(&scratch.store, &vtpm.endorsement.store, TPM_PERMANENT_ALL_NAME);
	if (!error)
		error = library_start(&scratch.store);
	if (!error) {
		error = give_startup_or_shutdown(TPM_CC_STARTUP);
		if (!error)
			error = create_primary(template, size, public, public_size);
		TPMLIB_Terminate();
	}
	memory_state_clear(&scratch);
	return error;
}

/*
 * Puts what the running TPM holds outside its permanent state into the store, where libtpms looks
 * for it when it starts. A TPM that the guest hasn't started has nothing to keep; worse, libtpms
 * 0.9 would come back from it with all PCR banks.
 */
static enum vtpm_error set_aside(void)
{
	unsigned char *running = NULL;
	uint32_t size = 0;
	bool saved;

	if (vtpm.started) {
		if (TPMLIB_VolatileAll_Store(&running, &size) != TPM_SUCCESS)
			return VTPM_LIBRARY;
		saved = state_save(vtpm.store, TPM_VOLATILESTATE_NAME, running, size) == STATE_OK;
		explicit_bzero(running, size);
		free(running);
		if (!saved)
			return VTPM_STATE;
	}
	TPMLIB_Terminate();
	return VTPM_OK;
}

enum vtpm_error vtpm_endorsement_key(const uint8_t *template, size_t size, uint8_t *public,
				     size_t *public_size)
{
	struct state_store *store = vtpm.store;
	enum vtpm_error error = set_aside();

	if (error)
		return error;
	error = create_in_scratch_tpm(template, size, public, public_size);
	if (library_start(store) != VTPM_OK)
		return VTPM_BROKEN;
	if (state_remove(store, TPM_VOLATILESTATE_NAME) == STATE_IO)
		return VTPM_BROKEN; /* a later start must not find the old volatile state */
	return error;
}

uint32_t vtpm_endorsement_generation(void)
{
	return vtpm.endorsement_generation;
}

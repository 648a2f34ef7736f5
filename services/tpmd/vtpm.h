/* SPDX-License-Identifier: MIT */
/*
 * The TPM: libtpms behind an interface of our own. One TPM per process (libtpms keeps its state in
 * globals), one thread. The TPM's own failure mode answers what goes wrong inside a command.
 */
#ifndef TPMD_VTPM_H
#define TPMD_VTPM_H

#include "state.h"

/* PCR banks, as bits. */
#define VTPM_BANK_SHA1   0x1U
#define VTPM_BANK_SHA256 0x2U
#define VTPM_BANK_SHA384 0x4U
#define VTPM_BANK_SHA512 0x8U

#define VTPM_BUFFER_SIZE 4096U

enum vtpm_error {
	VTPM_OK = 0,
	VTPM_LIBRARY, /* libtpms refuses to start or to answer */
	VTPM_REFUSED, /* the TPM answered a command of ours with an error */
	VTPM_STATE,   /* the state store failed */
	VTPM_BROKEN,  /* the guest's TPM could not be put back: the process must end */
};

/*
 * Turns the TPM on with the state in `store`, which must outlive it. A store without state gets a
 * new TPM: fresh seeds, and the PCR banks `banks` (VTPM_BANK_*, at least one) and no others.
 * Afterwards the TPM waits for TPM2_Startup, as after a reset of the machine.
 */
enum vtpm_error vtpm_power_on(struct state_store *store, uint32_t banks) MUST_CHECK;

/* Turns the TPM off without a word to it, as a power cut does. The store keeps its state. */
void vtpm_power_off(void);

/*
 * Executes the TPM command at `command`, `size` bytes (any, at most VTPM_BUFFER_SIZE). The answer
 * is at `*response`, valid until the next call. Each call gives an answer: when libtpms has none,
 * it is TPM_RC_FAILURE.
 */
void vtpm_execute(uint8_t locality, const uint8_t *command, size_t size, const uint8_t **response,
		  size_t *response_size);

/*
 * Makes a primary key of the endorsement hierarchy from the `size` bytes of TPMT_PUBLIC at
 * `template`, and puts its TPMT_PUBLIC to `public`, `*public_size` bytes (in: room). The guest's
 * TPM is set aside meanwhile: none of its object slots, sessions or counters notices, and no
 * authorization that the guest has set stands in the way. Takes seconds for RSA.
 */
enum vtpm_error vtpm_endorsement_key(const uint8_t *template, size_t size, uint8_t *public,
				     size_t *public_size) MUST_CHECK;

/* Counts the endorsement seeds that this TPM has had: a changed number invalidates its keys. */
uint32_t vtpm_endorsement_generation(void);

#endif

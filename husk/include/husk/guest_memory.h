/* SPDX-License-Identifier: MIT */
/*
 * The host side's access to guest memory, as SNP has it: a page assigned to the guest can't be
 * written, and reads as ciphertext. GHCB pages, doorbells and message pages go through here.
 */
#ifndef HUSK_GUEST_MEMORY_H
#define HUSK_GUEST_MEMORY_H

#include "base/compiler.h"
#include "base/types.h"

enum guest_access {
	GUEST_ACCESS_OK,
	GUEST_ACCESS_NOT_RAM,  /* no RAM there, or Husk's own */
	GUEST_ACCESS_ASSIGNED, /* write to a page that the RMP assigns to the guest: nothing changed
				*/
};

/* Copies `size` bytes, page crossing allowed. Reading an assigned page gives ciphertext and OK. */
enum guest_access MUST_CHECK guest_read(gpa_t gpa, void *to, size_t size);
enum guest_access MUST_CHECK guest_write(gpa_t gpa, const void *from, size_t size);
/* A naturally aligned word that the guest exchanges atomically (doorbell): swap, return the old
 * one. */
enum guest_access MUST_CHECK guest_exchange_u16(gpa_t gpa, uint16_t value, uint16_t *old);

/*
 * The PSP's and the CPU's own access to private pages (launch, VMSA, secrets): plaintext. The page
 * must be guest RAM; false if it isn't.
 */
bool MUST_CHECK guest_private_read(gpa_t gpa, void *to, size_t size);
bool MUST_CHECK guest_private_write(gpa_t gpa, const void *from, size_t size);

#endif

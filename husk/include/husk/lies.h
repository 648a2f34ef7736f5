/* SPDX-License-Identifier: MIT */
/*
 * The malicious host, by script (HUSK_FWCFG_LIES): it lies to VMPL0 at chosen moments. And the
 * oracle, which ends the machine with HUSK_EXIT_HARMED when the guest let itself be deceived.
 *
 * The script is words joined by '+', each NAME@N or NAME@N=VALUE; numbers are decimal or 0x...
 * The N-th time (0: every time) that VMPL0 comes by the point, counted from 1:
 *   take@N=GPA     at the N-th VMGEXIT the page is taken away and given back, its content replaced
 *   msr@N=MASK     the N-th answer of the MSR protocol is XORed with MASK
 *   info1@N=VALUE  the N-th answer in the GHCB page has this SW_EXITINFO1
 *   info2@N=VALUE  ... this SW_EXITINFO2
 *   rax@N=VALUE    ... this RAX
 *   valid@N        ... no valid bit set
 *   silent@N       ... is not written at all
 *   psc@N          the N-th page state change does nothing and reports success
 *   cpuid@LEAF=MASK  EAX of this leaf is XORed with MASK, always
 */
#ifndef HUSK_LIES_H
#define HUSK_LIES_H

#include "base/compiler.h"
#include "base/types.h"

enum lie_kind {
	LIE_TAKE,
	LIE_MSR,
	LIE_INFO1,
	LIE_INFO2,
	LIE_RAX,
	LIE_VALID,
	LIE_SILENT,
	LIE_PSC,
	LIE_CPUID,
	LIE_KINDS
};

struct lie {
	enum lie_kind kind;
	uint64_t when;
	uint64_t value;
};

/* Parses a script into at most `max` words. Returns their number, or -1: not a script. */
int lies_parse(const char *script, struct lie *words, unsigned max);

/* Reads the script; a bad one ends the machine. Before the guest starts. */
void lies_init(void);

/* Is there a script? Without one the oracle is silent: an honest guest may be careless. */
bool lies_active(void);

/*
 * VMPL0 (`vmpl` 0; others are never lied to) comes by a point of this kind: true if a word of the
 * script is for this time, with its value. LIE_CPUID: `key` is the leaf, else it isn't used.
 */
bool lie_now(enum lie_kind kind, uint8_t vmpl, uint64_t key, uint64_t *value);

/* VMPL0 executed VMGEXIT: what the host does behind its back. */
void lies_vmgexit(uint8_t vmpl);

/* The oracle: the guest validated a page that it holds for validated already, and was told that
 * this was new. Ends the machine. */
void NORETURN lies_harmed_twice_validated(gpa_t gpa);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The reverse map table (RMP): for every 4 KiB page of system memory, who owns it and what each
 * VMPL may do with it (APM2 15.36.3). Pages are named by their GPA; the table is indexed by where
 * machine_translate() puts that page, and an entry remembers the GPA it was assigned for.
 *
 * A 2 MiB entry is 512 equal 4 KiB entries with their size bit set; every change of it is made to
 * all of them.
 *
 * All functions are called under the machine lock. Whatever takes a right away calls npt_forget()
 * before it returns.
 */
#ifndef HUSK_RMP_H
#define HUSK_RMP_H

#include "base/compiler.h"
#include "base/types.h"

#define RMP_ENTRY_SIZE 8 /* bytes of table for each page */
#define RMP_VMPLS      4
#define RMP_2M_PAGES   512

/* Permissions: the bits of RMPADJUST RDX[15:8] (APM3 RMPADJUST). */
#define RMP_READ               0x01
#define RMP_WRITE              0x02
#define RMP_EXECUTE_USER       0x04
#define RMP_EXECUTE_SUPERVISOR 0x08
#define RMP_SHADOW_STACK       0x10
#define RMP_ALL                0x1f

/* EAX of the RMP instructions (APM3). */
enum rmp_status {
	RMP_OK = 0,
	RMP_FAIL_INPUT = 1,
	RMP_FAIL_PERMISSION = 2,
	RMP_FAIL_INUSE = 3,
	RMP_FAIL_OVERLAP = 4,
	RMP_FAIL_SIZEMISMATCH = 6,
};

/* Starts with every page hypervisor-owned. `table`: page_count * RMP_ENTRY_SIZE zeroed bytes. */
void rmp_init(void *table, uint64_t page_count);

/* --- Guest instructions ------------------------------------------------------------------- */

enum rmp_action {
	RMP_DONE,             /* EAX (and CF) hold the result */
	RMP_VC_NOT_VALIDATED, /* #VC 0x404 to the guest */
	RMP_NPF, /* nested fault to the host, EXITINFO1 has `npf_bits`; to be repeated */
};

struct rmp_outcome {
	enum rmp_action action;
	enum rmp_status eax;
	bool cf;
	uint64_t npf_bits;
};

/*
 * PVALIDATE at `gpa`, where RAX leads; ECX 0 is 4 KiB, 1 is 2 MiB; EDX bit 0 is the new Validated
 * bit. CF: it had that value already. The caller has raised what CPL, VMPL and address raise.
 */
struct rmp_outcome rmp_pvalidate(uint8_t vmpl, gpa_t gpa, uint64_t ecx, uint64_t edx);

/* RMPADJUST; RCX page size, RDX 7:0 target VMPL, 15:8 permissions, 16 VMSA. */
struct rmp_outcome rmp_rmpadjust(uint8_t vmpl, gpa_t gpa, uint64_t rcx, uint64_t rdx);

/* RMPQUERY; RDX in: 7:0 VMPL; out: RDX 15:8 permissions, 16 VMSA, RCX page size. */
struct rmp_outcome rmp_rmpquery(uint8_t vmpl, gpa_t gpa, uint64_t *rcx, uint64_t *rdx);

/* --- Access checks ------------------------------------------------------------------------ */

struct rmp_access {
	bool assigned;  /* to the guest: shared and host writes fail */
	bool matches;   /* assigned, and for this GPA: else a private access is a nested fault */
	bool validated; /* else a private access raises #VC 0x404 */
	bool vmsa;
	bool in_use; /* a VMSA that a CPU runs on: nobody may write it */
	bool huge;
	bool immutable;
	uint8_t perms; /* RMP_READ | ... of the VMPL asked for; 0 unless `matches` */
};

/* The entry of one page as `vmpl` sees it; all false outside the RMP. */
struct rmp_access rmp_lookup(gpa_t gpa, uint8_t vmpl);

/* May the host, or a device for it, write these bytes? No byte may lie in an assigned page. */
bool MUST_CHECK rmp_host_may_write(gpa_t gpa, uint64_t size);

/* --- The host's side ---------------------------------------------------------------------- */

/*
 * RMPUPDATE: the page becomes assigned or hypervisor-owned, not validated, no VMSA, without
 * permissions for VMPL1 to 3. FAIL_INPUT: misaligned or outside the RMP. FAIL_PERMISSION:
 * immutable. FAIL_INUSE: a CPU runs on it. FAIL_OVERLAP: 2 MiB over an assigned 4 KiB page, or
 * 4 KiB inside an assigned 2 MiB page.
 */
enum rmp_status MUST_CHECK rmp_update(gpa_t gpa, bool assigned, bool size_2m, bool immutable);

/* PSMASH: a 2 MiB entry becomes 512. FAIL_INPUT: there is none. FAIL_PERMISSION: immutable. */
enum rmp_status MUST_CHECK rmp_psmash(gpa_t gpa);

/*
 * What SNP_LAUNCH_UPDATE leaves: assigned, validated, 4 KiB, perms[1..3] as given. Silently
 * nothing outside the RMP (the loader has checked the page).
 */
void rmp_launch_page(gpa_t gpa, bool vmsa, const uint8_t perms[RMP_VMPLS]);

/*
 * VMRUN takes or leaves a VMSA page. Taking fails if the page is not an assigned, validated 4 KiB
 * VMSA page, or is in use (APM2 15.36.12).
 */
bool MUST_CHECK rmp_vmsa_take(gpa_t gpa);
void rmp_vmsa_release(gpa_t gpa);

struct rmp_summary {
	uint64_t assigned, validated, vmsa; /* 4 KiB pages */
};

/* Counts the whole table; for the end of a run. */
struct rmp_summary rmp_summarize(void);

#endif

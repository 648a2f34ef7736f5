/* SPDX-License-Identifier: MIT */
/* Shared by the files of platform/snp. */
#ifndef SNP_H
#define SNP_H

#include "kernel/cpu.h"
#include "kernel/guest.h"
#include "kernel/platform.h"
#include "sevabi/cpuid_page.h"
#include "sevabi/ghcb.h"

/* What a CPU has of the platform. GHCB and doorbell are shared with the host. */
struct platform_cpu {
	struct ghcb *ghcb;
	gpa_t ghcb_gpa;
	struct hv_doorbell_page *doorbell; /* NULL: the host offers none */
	gpa_t doorbell_gpa;
	void *vmsa;      /* of an application processor; NULL: the boot CPU's is the launch's */
	bool registered; /* the host knows the GHCB */
	bool timer_ready;
};

/* Features of our own VMSA (SEV_STATUS >> 2), and the host's (GHCB 2). Read-only after start. */
extern uint64_t snp_features;
extern uint64_t snp_host_features;

/* --- SEV_STATUS (status.c) --- */

/* True when we can run with these SEV_STATUS bits; *wrong: bits missing, or set and not known. */
bool snp_status_acceptable(uint64_t status, uint64_t *wrong);

/* --- MSR protocol (msr_protocol.c); any context with interrupts off --- */

/* Make a request; stops with STOP_GHCB_PROTOCOL unless the answer is of kind `response`. */
uint64_t ghcb_msr_call(uint64_t request, uint32_t response);
/* Ask for termination; returns if the host doesn't. */
void ghcb_msr_terminate(uint32_t set, uint32_t code);
/* Make one page shared or private at the host. Stops if it refuses. */
void ghcb_msr_page_state(gpa_t gpa, unsigned int operation);

/* --- GHCB page (ghcb.c) --- */

/* A request and, after it, the host's answer: private copies. */
struct ghcb_call {
	uint64_t code;
	uint64_t info1;
	uint64_t info2;
	uint64_t rax, rbx, rcx, rdx;
	uint32_t in;  /* GHCB_RAX ...: which registers are part of the request */
	uint32_t out; /* which the answer must have */
	const void *send;
	size_t send_size; /* goes to the shared buffer; SW_SCRATCH points there */
	void *receive;
	size_t receive_size; /* comes from the shared buffer */
	bool may_fail;       /* an incomplete answer is ERR_PLATFORM, not the end */
};
#define GHCB_RAX 0x1U
#define GHCB_RBX 0x2U
#define GHCB_RCX 0x4U
#define GHCB_RDX 0x8U

/* True once this CPU has a GHCB. */
bool ghcb_ready(void);
/* Register this CPU's GHCB page with the host. */
void ghcb_register(void);
/*
 * Make a call. ERR_PLATFORM: the host refused it (malformed, exception), ERR_STATE: no GHCB yet.
 * Stops with STOP_GHCB_PROTOCOL when the answer lacks what it must have.
 */
enum error ghcb_call(struct ghcb_call *call) MUST_CHECK;
/* An I/O port access of `size` 1, 2 or 4 bytes. */
enum error ghcb_io_read(uint16_t port, unsigned int size, uint32_t *value) MUST_CHECK;
enum error ghcb_io_write(uint16_t port, unsigned int size, uint32_t value) MUST_CHECK;
enum error ghcb_msr_read(uint32_t msr, uint64_t *value) MUST_CHECK;
enum error ghcb_msr_write(uint32_t msr, uint64_t value) MUST_CHECK;

/* --- CPUID page (cpuid.c) --- */
void snp_cpuid_init(void);
struct cpuid_result snp_cpuid(uint32_t leaf, uint32_t subleaf);

/* --- Own pages (pages.c) --- */
enum error snp_pages_validate(paddr_t first, size_t pages);
enum error snp_pages_invalidate(paddr_t first, size_t pages);
enum error snp_make_shared(paddr_t first, size_t pages);
enum error snp_make_private(paddr_t first, size_t pages);

/* --- The guest's pages (guest_pages.c) --- */
extern const struct guest_machine snp_guest_machine;

/* --- CPUs (ap.c) --- */
enum error snp_cpus(uint32_t *apic_ids, uint32_t *count);
enum error snp_cpu_prepare(struct cpu *cpu);
enum error snp_cpu_start(struct cpu *cpu);
/* Tell the host of a VMSA (GHCB 6.4). */
enum error snp_ap_creation(uint32_t apic_id, gpa_t vmsa, uint8_t vmpl, uint64_t features,
			   unsigned int action) MUST_CHECK;

/* --- Events (hv.c, guarded.S) --- */
enum error snp_doorbell_setup(struct platform_cpu *cpu) MUST_CHECK;
void snp_deliver_pending(void);
void snp_idle(void);
/* VMGEXIT or HLT, unless an event is signalled; false: it was, nothing was done. Interrupts are
 * off. */
bool snp_guarded_vmgexit(const volatile uint16_t *pending);
bool snp_guarded_halt(const volatile uint16_t *pending);
/* The doorbell's pending word of this CPU, or a word that is always 0. */
const volatile uint16_t *snp_pending_word(void);

/* --- Local APIC (apic.c) --- */
void snp_apic_setup(struct platform_cpu *cpu);
void snp_send_ipi(uint32_t apic_id, uint8_t vector);
void snp_send_nmi(uint32_t apic_id);
void snp_end_of_interrupt(uint8_t vector);
uint64_t snp_apic_read(uint32_t msr);
void snp_apic_write(uint32_t msr, uint64_t value);
bool snp_timer_available(void);
void snp_timer_set(uint64_t tsc_deadline);
uint64_t snp_tsc_hz(void);

/* --- Messages to the PSP (psp_transport.c) --- */
/* Shared pages for messages, and the channel with VMPCK0, which is wiped from the secrets page. */
enum error snp_psp_init(void) MUST_CHECK;

/* --- #VC (vc.c) --- */
void snp_vc_init(void);

#endif

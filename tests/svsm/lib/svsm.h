/* SPDX-License-Identifier: MIT */
/* SVSM calls from a test firmware at VMPL2. The rest of the library is tests/micro/lib. */
#ifndef TEST_SVSM_H
#define TEST_SVSM_H

#include "micro.h"
#include "sevabi/secrets_page.h"
#include "sevabi/svsm.h"
#include "svsm_layout.h"

/* Order as svsm_call_raw() in reset.S has it. */
struct svsm_registers {
	uint64_t rax, rcx, rdx, r8, r9;
	uint64_t rbx, rbp, rsi, rdi, r10, r11, r12, r13, r14, r15;
};

/* What a test's CPU calls through. */
struct svsm_port {
	volatile struct svsm_caa *caa;
	bool not_called; /* CALL_PENDING was still set: the SVSM did not see the call */
	uint64_t msr;    /* the host's answer to RUN_VMPL */
};

/* The boot CPU's. */
extern struct svsm_port svsm_boot_port;

/* One try: sets CALL_PENDING, runs VMPL0, takes CALL_PENDING back. */
void svsm_try(struct svsm_port *port, struct svsm_registers *r);
/* The same until it is neither BUSY nor INCOMPLETE; the result code. */
uint32_t svsm_call(struct svsm_port *port, uint32_t protocol, uint32_t call, uint64_t rcx,
		   uint64_t rdx, uint64_t r8);
/* PVALIDATE list with `count` entries in the boot CPU's calling area; *next is what remained. */
uint32_t svsm_pvalidate(const uint64_t *entries, unsigned count, unsigned *next);
/* One 4 KiB page: private and validated, or rescinded. */
uint32_t svsm_validate(gpa_t gpa, bool validate);

#define ENTRY_4K(gpa, bits) ((gpa).raw | SVSM_PVALIDATE_SIZE_4K | (bits))
#define ENTRY_2M(gpa, bits) ((gpa).raw | SVSM_PVALIDATE_SIZE_2M | (bits))

const struct secrets_page *secrets(void);
/* An application processor. */
struct test_cpu {
	uint32_t apic_id; /* 1 to 3 */
	gpa_t vmsa, caa;
	struct svsm_port port;
	void (*fn)(struct test_cpu *cpu); /* runs there; returning halts it */
	volatile uint64_t state;          /* the test's */
};

/*
 * Make a new VMSA for the CPU and, unless cpu->caa is set, a calling area; CREATE_VCPU. The result
 * code; nothing runs yet.
 */
uint32_t cpu_create(struct test_cpu *cpu);
/* The host's AP creation of what cpu_create() made. True: the host agreed. */
bool cpu_run(struct test_cpu *cpu);
/* The host's AP destroy. */
bool cpu_stop(struct test_cpu *cpu);
/* Spin until cpu->state has the value; false: not within a very long time. */
bool cpu_wait(struct test_cpu *cpu, uint64_t state);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The library of the micro guests: tiny programs that boot through Copra's shim at VMPL0 of an
 * SNP machine and check one behaviour each. A guest is one C file with micro_main(); it prints TAP.
 *
 * Nothing here hides an exception: every vector, #VC included, is recorded and given to the test.
 */
#ifndef MICRO_H
#define MICRO_H

#include "base/compiler.h"
#include "base/types.h"
#include "bootabi/bootabi.h"
#include "sevabi/ghcb.h"
#include "sevabi/rmp.h"
#include "sevabi/vmsa.h"

/* --- The test program ----------------------------------------------------------------- */
void micro_main(void);

/* One TAP line; `ok` decides. */
void PRINTF(2, 3) check(bool ok, const char *format, ...);
/* check() on two numbers; prints both when they differ. */
void check_equal(uint64_t got, uint64_t expected, const char *what);
void PRINTF(1, 2) note(const char *format, ...);
/* The end: plan line, exit status. Never returns. */
void NORETURN micro_end(void);

/* --- Where we are --------------------------------------------------------------------- */
extern const struct boot_params *boot;
extern uint64_t c_bit;      /* mask */
extern uint64_t image_size; /* bytes mapped at BOOT_KERNEL_VBASE */

/* Guest physical address of an object of the image. */
gpa_t gpa_of(const volatile void *object);

/* --- Exceptions ------------------------------------------------------------------------ */
struct trap {
	uint8_t vector;
	bool taken;
	uint64_t error;
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t cr2;
};

/* Registers at an exception or interrupt, for hooks that resume. */
struct frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Runs fn(arg); an exception ends it and is returned. taken = false: it came back by itself. */
struct trap trap_run(void (*fn)(void *), void *arg);
/* The same at CPL 3. Ending normally shows as taken = false too. */
struct trap trap_run_user(void (*fn)(void *), void *arg);
/* A hook resumes (true) or lets the exception end the current trap_run (false). */
typedef bool (*trap_hook)(struct frame *frame);
void trap_set_hook(uint8_t vector, trap_hook hook);
/* Deliver a vector on stack IST n (1 to 7; 0: none). */
void trap_set_ist(uint8_t vector, unsigned ist);
extern uint8_t ist_stack[4096];
extern char stacks[]; /* 16 KiB for each VMPL, or each CPU */

#define VEC_DB 1
#define VEC_BP 3
#define VEC_UD 6
#define VEC_DF 8
#define VEC_GP 13
#define VEC_PF 14
#define VEC_HV 28
#define VEC_VC 29

/* --- Memory ----------------------------------------------------------------------------- */
#define MAP_SHARED   0x1
#define MAP_READONLY 0x2
#define MAP_NOEXEC   0x4
#define MAP_UNCACHED 0x8

#define WINDOW_SLOTS 512
/* Map one 4 KiB page at a fixed window slot; returns its address. Old contents are flushed. */
void *window(unsigned slot, gpa_t gpa, unsigned flags);
/* One 2 MiB mapping (slot 0 to 7). */
void *window_2m(unsigned slot, gpa_t gpa, unsigned flags);
/* A fresh GPA of RAM that nothing owns yet; bytes aligned to themselves (4 KiB or 2 MiB). */
gpa_t fresh_page(void);
gpa_t fresh_2m(void);
/* fresh_page() made private by PSC and validated; mapped in the slot. */
void *private_page(unsigned slot, gpa_t *gpa);

/* --- Instructions ----------------------------------------------------------------------- */
struct rmp_result {
	uint32_t eax;
	bool cf;
	uint64_t rcx;
	uint64_t rdx;
};
struct rmp_result pvalidate(const volatile void *va, uint64_t size, uint64_t validate);
struct rmp_result rmpadjust(const volatile void *va, uint64_t size, uint64_t attributes);
struct rmp_result rmpquery(const volatile void *va, uint64_t rdx);

static inline uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | ((uint64_t)high << 32);
}

static inline void write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static inline void vmgexit(void)
{
	__asm__ volatile("rep; vmmcall" : : : "memory");
}

static inline uint64_t read_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low | ((uint64_t)high << 32);
}

/* --- GHCB --------------------------------------------------------------------------------- */
/* One MSR-protocol exchange. */
uint64_t ghcb_msr(uint64_t request);
/* Change one page by MSR protocol; the error field of the answer. */
uint32_t psc_msr(gpa_t gpa, unsigned operation);
/* The registered GHCB page of the plane that calls (VMPL0's, made by micro_init). */
extern volatile struct ghcb *ghcb;
extern gpa_t ghcb_gpa;

struct nae {
	uint64_t code, info1, info2;
	uint64_t scratch;
	bool has_rax, has_rbx, has_rcx, has_rdx, has_scratch;
	uint64_t rax, rbx, rcx, rdx;
};
/* Fills the GHCB, exits, reads the answer back into the same structure. */
void nae_call(struct nae *n);
void ghcb_clear_valid(void);
void ghcb_set_valid(unsigned index);
bool ghcb_is_valid(unsigned index);

/* --- VMPL1 to 3 ----------------------------------------------------------------------------- */
enum plane_end {
	PLANE_RETURNED, /* the function came to its end */
	PLANE_TRAPPED,  /* it took an exception: see trap */
	PLANE_FAULTED,  /* nested fault that the host gave to us: exit_code, info1, info2 */
	PLANE_REFUSED,  /* RUN_VMPL answered an error, in run_error */
};

struct plane_result {
	enum plane_end end;
	struct trap trap;
	uint64_t exit_code, info1, info2;
	uint32_t run_error;
	uint64_t value; /* what the function stored through its argument, if it did */
};

/* Gives VMPL n all rights on the image and makes and registers its VMSA. */
void plane_create(unsigned vmpl);
struct plane_result plane_run(unsigned vmpl, void (*fn)(void *), void *arg);
volatile struct vmsa *plane_vmsa(unsigned vmpl);
gpa_t plane_vmsa_gpa(unsigned vmpl);
/* The state that plane_create() starts from. */
struct vmsa_segment vmsa_segment(uint16_t selector, uint16_t attributes);
void vmsa_fill(volatile struct vmsa *v, unsigned vmpl, uint64_t rip, uint64_t rsp);

#endif

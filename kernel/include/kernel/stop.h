/* SPDX-License-Identifier: MIT */
/*
 * Why the kernel stops. A closed list: numbers are never reused, they are what the host sees
 * (GHCB MSR termination request, GHCB 2.3.1: reason set COPRA, this number as the code) and what
 * docs/ explain. No input of a guest leads here; only our own broken invariants and a host or CPU
 * that breaks its contract do.
 */
#ifndef KERNEL_STOP_H
#define KERNEL_STOP_H

#include "base/compiler.h"
#include "base/types.h"

struct trap_frame;

enum stop_reason {
	STOP_REQUESTED = 0,       /* orderly end: the guest is gone */
	STOP_BOOT_PARAMETERS = 1, /* the parameter block breaks the boot contract */
	STOP_CPU_FEATURES = 2,    /* the CPU lacks what every platform must have */
	STOP_BOOT_MEMORY = 3,     /* not enough memory to come up */
	STOP_EXCEPTION = 4,       /* unexpected exception in kernel mode */
	STOP_DOUBLE_FAULT = 5,
	STOP_MACHINE_CHECK = 6,
	STOP_STACK_SMASHED = 7,  /* stack protector */
	STOP_STACK_OVERFLOW = 8, /* a guard page was hit */
	STOP_ASSERTION = 9,      /* our own invariant is broken */
	STOP_LOCK_ORDER = 10,    /* debug builds: lock ranks */
	STOP_HEAP_CORRUPT = 11,  /* free of what is not allocated, broken free list */
	STOP_INTERRUPT = 12,     /* a vector that nobody may send */
	STOP_CPU_START = 13,     /* an application processor came up twice or wrong */
	STOP_OTHER_CPU = 14,     /* another CPU stopped first */
	STOP_RANDOM_SOURCE = 15, /* no sound entropy */
	STOP_SNP_FEATURES = 16,  /* SEV_STATUS lacks what we need or has what we can't run with */
	STOP_GHCB_PROTOCOL = 17, /* the host does not speak our GHCB version, or broke a request */
	STOP_CPUID_PAGE = 18,    /* CPUID page malformed */
	STOP_SECRETS_PAGE = 19,  /* secrets page malformed */
	STOP_PAGE_STATE = 20,    /* the host changed the state of a page that we own */
	STOP_VC_UNEXPECTED = 21, /* #VC for something that the kernel never does */
	STOP_HV_UNEXPECTED = 22, /* #HV without a doorbell page, or a broken doorbell */
	STOP_PSP_CHANNEL = 23,   /* the message channel to the PSP can't be used safely any more */
	STOP_GUEST_SETUP = 24,   /* the measured guest can't be started */
	STOP_INIT_SERVICE = 25,  /* the first service is missing or ended */
	STOP_TEST_PASSED = 26,   /* test image: the end of a run */
	STOP_TEST_FAILED = 27,
	STOP_REASON_COUNT,
};

/*
 * Log the reason, stop the other CPUs, wipe keys, ask the platform to terminate, loop for ever.
 * Usable in any context, with any lock held. The first CPU to call it wins.
 */
NORETURN void stop(enum stop_reason reason);

/* The same, with the registers and the symbolised stack of the interrupted code. */
NORETURN void stop_with_frame(enum stop_reason reason, const struct trap_frame *frame);

/* True once a CPU has stopped: the others end in their NMI handler. */
bool stop_in_progress(void);

/* Name of a reason for the log; never NULL. */
const char *stop_reason_name(enum stop_reason reason);

/*
 * Register a function that wipes a subsystem's secrets before the platform is asked to terminate.
 * It runs with interrupts off, other CPUs perhaps still running: no locks, no waiting. At most 16.
 */
void stop_register_wipe(void (*wipe)(void));

/* What our own code guarantees; never a check of input. */
NORETURN void assertion_failed(const char *expression, const char *file, unsigned int line);
#define ASSERT(e) ((e) ? (void)0 : assertion_failed(#e, __FILE__, __LINE__))

#endif

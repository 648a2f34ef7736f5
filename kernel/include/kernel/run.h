/* SPDX-License-Identifier: MIT */
/* What the kernel does once it is up: the services and the guest, or the tests (link-time choice).
 */
#ifndef KERNEL_RUN_H
#define KERNEL_RUN_H

#include "base/types.h"
#include "kernel/error.h"

/* TSC when kernel_main() began and when the kernel was up. */
extern uint64_t run_entered_tsc, run_ready_tsc;

/* The first thread. */
void run_main(void *unused);

/* Seed the random numbers and the stack protector. ERR_ENTROPY. Boot CPU, before other threads. */
MUST_CHECK enum error run_seed_random(void);

#endif

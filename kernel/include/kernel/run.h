/* SPDX-License-Identifier: MIT */
/* What the kernel does once it is up: the services and the guest, or the tests (link-time choice).
 */
#ifndef KERNEL_RUN_H
#define KERNEL_RUN_H

#include "kernel/error.h"

/* The first thread. */
void run_main(void *unused);

/* Seed the random numbers and the stack protector. ERR_ENTROPY. Boot CPU, before other threads. */
MUST_CHECK enum error run_seed_random(void);

#endif

/* SPDX-License-Identifier: MIT */
/* The product: services in ring 3, then the guest. */
#include "kernel/log.h"
#include "kernel/run.h"

enum error run_seed_random(void)
{
	return OK;
}

void run_main(void *unused)
{
	(void)unused;
	log_warn("nothing to run yet");
}

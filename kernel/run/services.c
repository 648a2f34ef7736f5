/* SPDX-License-Identifier: MIT */
/* The product: services in ring 3, then the guest. */
#include "kernel/guest.h"
#include "kernel/log.h"
#include "kernel/run.h"
#include "kernel/stop.h"

enum error run_seed_random(void)
{
	return OK;
}

void run_main(void *unused)
{
	(void)unused;
	switch (guest_start()) {
	case OK:
		return;
	case ERR_NOT_FOUND:
		log_warn("no guest to run");
		return;
	default:
		stop(STOP_GUEST_SETUP);
	}
}

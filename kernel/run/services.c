/* SPDX-License-Identifier: MIT */
/* The product: services in ring 3, then the guest. */
#include "kernel/boot.h"
#include "kernel/guest.h"
#include "kernel/log.h"
#include "kernel/rng.h"
#include "kernel/run.h"
#include "kernel/service.h"
#include "kernel/stop.h"
#include "kernel/user.h"
#include "kernel/wait.h"

enum error run_seed_random(void)
{
	return rng_init_machine();
}

/* Start init and wait until it says that what the guest needs is there. */
static void start_services(void)
{
	const struct boot_params *params = &boot_info.params;
	const uint8_t *archive = boot_region_pointer(params->archive_offset, params->archive_size);
	enum error error = archive != NULL ? user_start(archive, params->archive_size) : ERR_RANGE;

	if (error != OK) {
		log_error("services: %s", error_name(error));
		stop(STOP_INIT_SERVICE);
	}
	if (service_wait_launch(WAIT_FOREVER) != OK)
		stop(STOP_INIT_SERVICE);
}

/* An image without services starts its guest at once. */
void run_main(void *unused)
{
	(void)unused;
	service_init();
	if (boot_info.params.archive_size != 0)
		start_services();
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

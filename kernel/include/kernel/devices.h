/* SPDX-License-Identifier: MIT */
/* The device nodes of ring 3. */
#ifndef KERNEL_DEVICES_H
#define KERNEL_DEVICES_H

#include "base/compiler.h"
#include "kernel/error.h"

/* Add all nodes under /dev to the mounted tree. ERR_NO_MEMORY. Once. */
MUST_CHECK enum error devices_init(void);

/* Those of the service interface (/dev/svsm), called by devices_init(). */
MUST_CHECK enum error service_devices_init(void);

#endif

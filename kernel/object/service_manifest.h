/* SPDX-License-Identifier: MIT */
/* Between service.c (calls) and service_manifest.c (manifests and launch). */
#ifndef OBJECT_SERVICE_MANIFEST_H
#define OBJECT_SERVICE_MANIFEST_H

#include "kernel/service.h"

/* Locks, before any other function. */
void service_manifest_init(void);

/* Add /dev/svsm/manifest and /dev/svsm/launch. */
MUST_CHECK enum error service_manifest_devices_init(void);

/* The server of a protocol has gone: its manifests go, too. */
void service_manifest_forget(uint32_t protocol);

/* The protocol that a process serves, SERVICE_PROTOCOL_MAX when none. */
uint32_t service_protocol_of(uint32_t process);

/* Ask the protocol's server for its manifest, through a vCPU's slot. */
enum service_status service_manifest_request(struct service_slot *slot, uint32_t protocol,
					     uint32_t version, struct service_answer *answer);

#endif

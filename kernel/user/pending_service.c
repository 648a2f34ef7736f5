/* SPDX-License-Identifier: MIT */
/* Until services run: there is no server for any protocol. */
#include "kernel/service.h"

struct service_slot {
	uint32_t vcpu;
};

static struct service_slot slots[256];

enum error service_slot_create(struct service_slot **out, uint32_t vcpu)
{
	if (vcpu >= ARRAY_SIZE(slots))
		return ERR_LIMIT;
	slots[vcpu].vcpu = vcpu;
	*out = &slots[vcpu];
	return OK;
}

enum service_status service_request(struct service_slot *slot, const struct service_call *call,
				    service_fill_fn fill, void *context,
				    struct service_answer *answer)
{
	(void)slot;
	(void)call;
	(void)fill;
	(void)context;
	(void)answer;
	return SERVICE_ABSENT;
}

bool service_present(uint32_t protocol)
{
	(void)protocol;
	return false;
}

enum error service_wait_launch(uint64_t deadline_ns)
{
	(void)deadline_ns;
	return OK;
}

size_t service_manifest_list(struct service_manifest *out, size_t max)
{
	(void)out;
	(void)max;
	return 0;
}

enum service_status service_manifest_read(struct service_slot *slot, const uint8_t guid[16],
					  uint32_t version, uint8_t *out, uint32_t *size)
{
	(void)slot;
	(void)guid;
	(void)version;
	(void)out;
	(void)size;
	return SERVICE_ABSENT;
}

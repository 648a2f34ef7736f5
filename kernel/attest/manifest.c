/* SPDX-License-Identifier: MIT */
/* The manifest: of all services (SVSM 5.2), or the bytes of one. */
#include "call.h"
#include "kernel/string.h"

static const struct guid manifest_guid = SVSM_GUID_MANIFEST;

static bool is_single(const struct attest_call *call)
{
	return call->call == SVSM_ATTEST_SINGLE_SERVICE;
}

static size_t entries_size(const struct attest_call *call)
{
	return sizeof(struct svsm_manifest_header) +
	       call->service_count * sizeof(struct svsm_manifest_entry);
}

uint32_t attest_choose(struct attest_call *call)
{
	const struct svsm_attest_single_op *op = &call->op;
	bool known = false;

	call->service_count = (uint32_t)service_manifest_list(call->services, SERVICE_MANIFEST_MAX);
	call->service_at = 0;
	call->manifest_size = is_single(call) ? 0 : (uint32_t)entries_size(call);
	if (!is_single(call))
		return SVSM_SUCCESS;
	for (uint32_t i = 0; i < call->service_count; i++) {
		if (memcmp(call->services[i].guid, op->service.bytes, sizeof(op->service.bytes)))
			continue;
		known = true;
		if (call->services[i].version != op->manifest_version)
			continue;
		call->services[0] = call->services[i];
		call->service_count = 1;
		return SVSM_SUCCESS;
	}
	return known ? SVSM_ERR_INVALID_PARAMETER : SVSM_ERR_UNSUPPORTED_PROTOCOL;
}

static void write_header(struct attest_call *call)
{
	struct svsm_manifest_header header = {
		.guid = manifest_guid, .size = call->manifest_size, .count = call->service_count};

	memcpy(call->manifest, &header, sizeof(header));
}

static void write_entry(struct attest_call *call, uint32_t index, uint32_t size)
{
	struct svsm_manifest_entry entry = {.offset = call->manifest_size, .size = size};

	memcpy(entry.service.bytes, call->services[index].guid, sizeof(entry.service.bytes));
	memcpy(call->manifest + sizeof(struct svsm_manifest_header) + index * sizeof(entry), &entry,
	       sizeof(entry));
}

static uint32_t result_of(enum service_status status)
{
	switch (status) {
	case SERVICE_ANSWERED:
		return SVSM_SUCCESS;
	case SERVICE_PENDING:
		return SVSM_ERR_INCOMPLETE;
	case SERVICE_BUSY:
		return SVSM_ERR_BUSY;
	case SERVICE_ABSENT:
		return SVSM_ERR_UNSUPPORTED_PROTOCOL;
	case SERVICE_BAD_BUFFER:
	case SERVICE_FAILED:
		break;
	}
	return SVSM_ERR_INVALID_REQUEST;
}

uint32_t attest_collect(struct attest_call *call, struct service_slot *slot)
{
	while (call->service_at < call->service_count) {
		const struct service_manifest *service = &call->services[call->service_at];
		uint32_t size = ATTEST_MANIFEST_MAX - call->manifest_size;
		uint32_t result = result_of(
			service_manifest_read(slot, service->guid, service->version,
					      call->manifest + call->manifest_size, &size));

		if (result != SVSM_SUCCESS)
			return result;
		if (size > ATTEST_MANIFEST_MAX - call->manifest_size)
			return SVSM_ERR_INVALID_REQUEST;
		if (!is_single(call))
			write_entry(call, call->service_at, size);
		call->manifest_size += size;
		call->service_at++;
	}
	if (!is_single(call))
		write_header(call);
	return SVSM_SUCCESS;
}

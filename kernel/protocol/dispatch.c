/* SPDX-License-Identifier: MIT */
/* Which protocols and calls there are. */
#include "kernel/protocol.h"
#include "kernel/psp.h"
#include "kernel/service.h"

typedef uint32_t (*svsm_handler)(struct svsm_call *call);

struct svsm_protocol {
	uint32_t number;
	uint32_t min_version;
	uint32_t max_version;
	bool (*present)(void);
	const svsm_handler *handlers;
	uint32_t count;
};

static bool always(void)
{
	return true;
}

static bool vtpm_present(void)
{
	return service_present(SVSM_PROTOCOL_VTPM);
}

static const svsm_handler core_calls[] = {
	[SVSM_CORE_REMAP_CA] = svsm_core_remap_ca,
	[SVSM_CORE_PVALIDATE] = svsm_core_pvalidate,
	[SVSM_CORE_CREATE_VCPU] = svsm_core_create_vcpu,
	[SVSM_CORE_DELETE_VCPU] = svsm_core_delete_vcpu,
	[SVSM_CORE_DEPOSIT_MEM] = svsm_core_deposit,
	[SVSM_CORE_WITHDRAW_MEM] = svsm_core_withdraw,
	[SVSM_CORE_QUERY_PROTOCOL] = svsm_core_query_protocol,
	[SVSM_CORE_CONFIGURE_VTOM] = svsm_core_configure_vtom,
};

static const svsm_handler vtpm_calls[] = {
	[SVSM_VTPM_QUERY] = svsm_vtpm_query,
	[SVSM_VTPM_CMD] = svsm_vtpm_command,
};

static const svsm_handler attestation_calls[] = {
	[SVSM_ATTEST_SERVICES] = svsm_attestation,
	[SVSM_ATTEST_SINGLE_SERVICE] = svsm_attestation,
};

#define CALLS(table) (table), ARRAY_SIZE(table)

static const struct svsm_protocol protocols[] = {
	{SVSM_PROTOCOL_CORE, SVSM_CORE_VERSION_MIN, SVSM_CORE_VERSION_MAX, always,
	 CALLS(core_calls)},
	{SVSM_PROTOCOL_ATTESTATION, 1, 1, psp_alive, CALLS(attestation_calls)},
	{SVSM_PROTOCOL_VTPM, 1, 1, vtpm_present, CALLS(vtpm_calls)},
};

static const struct svsm_protocol *protocol_find(uint32_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == number)
			return protocols[i].present() ? &protocols[i] : NULL;
	return NULL;
}

uint64_t svsm_query(uint32_t protocol, uint32_t version)
{
	const struct svsm_protocol *found = protocol_find(protocol);

	if (!found || version < found->min_version || version > found->max_version)
		return 0;
	return SVSM_QUERY_RESULT(found->max_version, found->min_version);
}

uint32_t svsm_dispatch(struct svsm_call *call)
{
	const struct svsm_protocol *found = protocol_find(call->protocol);

	if (!found)
		return SVSM_ERR_UNSUPPORTED_PROTOCOL;
	if (call->call >= found->count)
		return SVSM_ERR_UNSUPPORTED_CALL;
	return found->handlers[call->call](call);
}

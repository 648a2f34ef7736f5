/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a guest's request: MSR protocol or GHCB page, at any VMPL. Nothing but what a guest
 * may do to itself comes of it. Requests to end the machine are left out, they do what they say.
 */
#include <string.h>

#include "fake_machine.h"
#include "husk/ghcb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ends_the_machine(const struct plane *p)
{
	uint32_t code = (uint32_t)page()->sw_exitcode;

	if (GHCB_MSR_INFO(p->ghcb.msr) != GHCB_MSR_GPA)
		return GHCB_MSR_INFO(p->ghcb.msr) == GHCB_MSR_TERMINATE_REQ;
	return code == GHCB_EXIT_TERMINATE || code == GHCB_EXIT_UNSUPPORTED;
}

/* A number chosen by chance is no event. */
static uint64_t some_event(uint8_t choice)
{
	static const uint64_t events[] = {0x27, 0x37, 0x6e, 0x6f, 0x72,
					  0x78, 0x7b, 0x7c, 0x81, 0x87};

	if (choice < ARRAY_SIZE(events))
		return events[choice];
	return 0x80000000 + (choice & 0x1f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plane *p;
	uint64_t msr;

	if (size < 1 + sizeof(msr))
		return 0;
	fake_reset();
	vcpus[0].current = data[0] >> 4 & 3;
	p = &vcpus[0].planes[vcpus[0].current];
	p->ghcb = vcpus[0].planes[0].ghcb;
	memcpy(&msr, data + 1, sizeof(msr));
	if (data[0] & 1)
		p->ghcb.msr = msr;
	data += 1 + sizeof(msr);
	size -= 1 + sizeof(msr);
	memcpy(ram + GHCB_AT + 0x140, data, size < 0xec0 ? size : 0xec0);
	page()->usage = 0;
	for (unsigned i = GHCB_VALID_SW_EXITCODE; i <= GHCB_VALID_SW_SCRATCH; i++)
		put_valid(i);
	page()->sw_exitcode = some_event((uint8_t)msr);
	if (msr & 0x100)
		page()->sw_scratch = GHCB_AT + GHCB_SHARED_BUFFER_AT;
	if (!ends_the_machine(p))
		go();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Interrupts from CPU to CPU, within one VMPL (APM2 16.5). `icr` has x2APIC's form. */
#include "husk/log.h"
#include "state.h"

#define ICR_VECTOR(icr)      ((uint8_t)(icr))
#define ICR_MODE(icr)        ((unsigned)((icr) >> 8) & 7)
#define ICR_LOGICAL          BIT(11)
#define ICR_ASSERT           BIT(14)
#define ICR_LEVEL            BIT(15)
#define ICR_SHORTHAND(icr)   ((unsigned)((icr) >> 18) & 3)
#define ICR_DESTINATION(icr) ((uint32_t)((icr) >> 32))
#define BROADCAST            0xffffffffU

enum icr_mode {
	ICR_FIXED = 0,
	ICR_LOWEST = 1,
	ICR_NMI = 4,
	ICR_INIT = 5,
	ICR_STARTUP = 6,
};

enum icr_shorthand {
	TO_DESTINATION,
	TO_SELF,
	TO_ALL,
	TO_OTHERS,
};

/* x2APIC's logical ID: cluster in 31:16, one bit of 15:0. */
static uint32_t x2_logical_id(uint32_t apic_id)
{
	return (apic_id >> 4) << 16 | 1U << (apic_id & 0xf);
}

static bool matches_logical(const struct plane *target, uint32_t destination)
{
	const struct apic *a = target->apic;
	uint32_t ldr = a->ldr >> 24;

	if (apic_is_x2(a)) {
		uint32_t id = x2_logical_id(target->vcpu->apic_id);

		return id >> 16 == destination >> 16 && (id & destination & 0xffff) != 0;
	}
	if (a->dfr >> 28 == 0xf)
		return (ldr & destination & 0xff) != 0;
	return ldr >> 4 == ((destination >> 4) & 0xf) && (ldr & destination & 0xf) != 0;
}

static bool is_target(const struct plane *from, const struct plane *to, uint64_t icr)
{
	uint32_t destination = ICR_DESTINATION(icr);

	switch (ICR_SHORTHAND(icr)) {
	case TO_SELF:
		return to == from;
	case TO_ALL:
		return true;
	case TO_OTHERS:
		return to != from;
	default:
		break;
	}
	if (destination == BROADCAST)
		return true;
	if (icr & ICR_LOGICAL)
		return matches_logical(to, destination);
	return to->vcpu->apic_id == destination;
}

static void deliver(struct plane *to, uint64_t icr)
{
	switch (ICR_MODE(icr)) {
	case ICR_FIXED:
	case ICR_LOWEST:
		apic_raise(to, ICR_VECTOR(icr));
		break;
	case ICR_NMI:
		apic_raise_nmi(to);
		break;
	case ICR_INIT:
		/* A de-assert is nothing to anybody (APM2 16.5). */
		if (!(icr & ICR_LEVEL) || (icr & ICR_ASSERT))
			vcpu_init_ipi(to->vcpu, to->vmpl);
		break;
	case ICR_STARTUP:
		vcpu_startup_ipi(to->vcpu, to->vmpl, ICR_VECTOR(icr));
		break;
	default:
		log_debug("vcpu %u vmpl %u: IPI of mode %u ignored", to->vcpu->index, to->vmpl,
			  ICR_MODE(icr));
	}
}

void apic_send_ipi(struct plane *p, uint64_t icr)
{
	unsigned mode = ICR_MODE(icr);

	if ((mode == ICR_FIXED || mode == ICR_LOWEST) && ICR_VECTOR(icr) < VECTOR_FIRST) {
		p->apic->esr_next |= ESR_SEND_ILLEGAL;
		return;
	}
	for (uint32_t i = 0; i < vcpu_count; i++) {
		struct plane *to = &vcpus[i].planes[p->vmpl];

		if (!to->apic || !is_target(p, to, icr))
			continue;
		deliver(to, icr);
		if (mode == ICR_LOWEST)
			break;
	}
}

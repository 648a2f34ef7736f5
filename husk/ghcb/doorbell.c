/* SPDX-License-Identifier: MIT */
/* The #HV doorbell (GHCB 5; APM2 15.36.16): the page and what is put into it. */
#include "husk/apic.h"
#include "husk/ghcb.h"
#include "husk/guest_memory.h"
#include "husk/machine.h"
#include "husk/rmp.h"
#include "request.h"

static bool page_acceptable(uint64_t gpa)
{
	return IS_ALIGNED(gpa, PAGE_SIZE) && machine_is_guest_ram(GPA(gpa)) &&
	       rmp_host_may_write(GPA(gpa), PAGE_SIZE);
}

void event_doorbell_page(struct request *r)
{
	struct ghcb_state *ghcb = &r->plane->ghcb;

	switch (r->info1) {
	case GHCB_DOORBELL_GET_PREFERRED:
		r->result2 = GHCB_DOORBELL_NONE;
		break;
	case GHCB_DOORBELL_SET:
		if (!page_acceptable(r->info2)) {
			request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
			break;
		}
		ghcb->doorbell = GPA(r->info2);
		ghcb->has_doorbell = true;
		r->result2 = r->info2;
		break;
	case GHCB_DOORBELL_QUERY:
		r->result2 = ghcb->has_doorbell ? ghcb->doorbell.raw : GHCB_DOORBELL_NONE;
		break;
	case GHCB_DOORBELL_CLEAR:
		ghcb->has_doorbell = false;
		r->result2 = 0;
		break;
	default:
		request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
	}
}

/* What the page shall say after `now`; takes what it adds out of the plane's APIC. */
static uint16_t pending_word(struct plane *p, uint16_t now)
{
	struct apic_event event = apic_pending(p);

	/* A vector that the guest hasn't taken stays; the next one follows at a later entry. */
	if ((now & HV_PENDING_VECTOR_MASK) != 0)
		event.interrupt = false;
	if ((now & HV_PENDING_NMI) != 0)
		event.nmi = false;
	if (!event.interrupt && !event.nmi)
		return now;
	apic_accept(p, event);
	if (event.interrupt)
		now |= event.vector;
	if (event.nmi)
		now |= HV_PENDING_NMI;
	return now | HV_PENDING_NO_FURTHER_SIGNAL;
}

bool ghcb_doorbell_deliver(struct plane *p)
{
	gpa_t page = p->ghcb.doorbell;
	uint16_t before, after, old;
	struct apic_event event;

	if (!p->ghcb.has_doorbell)
		return false;
	event = apic_pending(p);
	if (!event.interrupt && !event.nmi)
		return false;
	if (guest_read(page, &before, sizeof(before)) != GUEST_ACCESS_OK ||
	    !page_acceptable(page.raw))
		return false;
	after = pending_word(p, before);
	/* The vCPU is outside the guest; another vCPU of it that writes here harms only itself. */
	if (after == before || guest_exchange_u16(page, after, &old) != GUEST_ACCESS_OK)
		return false;
	return (before & HV_PENDING_NO_FURTHER_SIGNAL) == 0;
}

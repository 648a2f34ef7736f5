/* SPDX-License-Identifier: MIT */
/* Events about vCPUs (GHCB 4.1.9, 4.1.12), and the end of the machine. */
#include "husk/guest_memory.h"
#include "husk/machine.h"
#include "husk/malice.h"
#include "husk/rmp.h"
#include "huskabi/huskabi.h"
#include "request.h"

/*
 * A VMSA of VMPL0 may come only from VMPL0 and not for the caller itself; nobody registers one
 * for a VMPL above its own (published planes work for KVM).
 */
static bool may_create(const struct request *r, const struct vcpu *target, uint8_t vmpl)
{
	if (vmpl >= VMPL_COUNT || vmpl < r->plane->vmpl)
		return false;
	return !(target == r->vcpu && vmpl == r->plane->vmpl);
}

static bool vmsa_address_acceptable(uint64_t gpa)
{
	/* 2 MiB aligned ones: erratum of the RMP check; KVM refuses them too. */
	return IS_ALIGNED(gpa, PAGE_SIZE) && !IS_ALIGNED(gpa, PAGE_2M_SIZE);
}

void event_ap_creation(struct request *r)
{
	struct vcpu *target = vcpu_by_apic_id(GHCB_AP_APIC_ID(r->info1));
	uint8_t vmpl = GHCB_AP_VMPL(r->info1);
	uint16_t op = GHCB_AP_OP(r->info1);
	bool ok;

	if (op != GHCB_AP_DESTROY && !request_has(r, GHCB_VALID_RAX)) {
		request_malformed(r, GHCB_MALFORMED_MISSING_INPUT);
		return;
	}
	ok = target && GHCB_AP_RESERVED(r->info1) == 0 && op <= GHCB_AP_DESTROY &&
	     may_create(r, target, vmpl);
	if (ok && op != GHCB_AP_DESTROY)
		ok = vmsa_address_acceptable(r->info2);
	if (!ok || !vcpu_ap_creation(target, vmpl, (enum ap_creation)op, GPA(r->info2), r->rax)) {
		request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
		return;
	}
	r->result2 = 0;
}

static uint32_t apic_id_list[1 + VCPU_MAX];

void event_apic_id_list(struct request *r)
{
	uint64_t size = (1 + (uint64_t)vcpu_count) * sizeof(uint32_t);
	uint64_t pages = ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE;

	r->result2 = 0;
	if (r->rax < pages) {
		r->rax = pages;
		return;
	}
	apic_id_list[0] = vcpu_count;
	for (uint32_t i = 0; i < vcpu_count; i++)
		apic_id_list[1 + i] = vcpus[i].apic_id;
	if (!IS_ALIGNED(r->info1, PAGE_SIZE) ||
	    guest_write(GPA(r->info1), apic_id_list, size) != GUEST_ACCESS_OK)
		request_malformed(r, GHCB_MALFORMED_INVALID_INPUT);
	else
		r->rax = pages;
}

static const char *set_name(unsigned set)
{
	switch (set) {
	case GHCB_TERM_SET_GENERAL:
		return "general";
	case GHCB_TERM_SET_LINUX:
		return "Linux";
	case GHCB_TERM_SET_COPRA:
		return "Copra";
	case GHCB_TERM_SET_SHIM:
		return "boot shim";
	default:
		return "unknown";
	}
}

static const char *code_name(unsigned set, unsigned code)
{
	static const char *const general[] = {"general", "protocol version", "SNP features"};
	static const char *const linux_codes[] = {
		"GHCB registration", "page state change", "PVALIDATE",    "not VMPL0",
		"CPUID table",       "CPUID of the host", "secrets page", "no SVSM",
		"SVSM at VMPL0",     "SVSM calling area", "secure TSC",   "calling area remap",
		"secure AVIC",
	};

	if (set == GHCB_TERM_SET_GENERAL && code < ARRAY_SIZE(general))
		return general[code];
	if (set == GHCB_TERM_SET_LINUX && code < ARRAY_SIZE(linux_codes))
		return linux_codes[code];
	return "no name";
}

void ghcb_terminate(struct plane *p, unsigned set, unsigned code)
{
	gpa_t where;

	if (p->vmpl == 0 && malice_wants_scan() && malice_scan(&where))
		machine_end(HUSK_EXIT_HARMED, "oracle: VMPCK0 is left at %lx", where.raw);
	machine_end(HUSK_EXIT_TERMINATED,
		    "vcpu %u vmpl %u: the guest asked to be terminated: set %u (%s), code %u (%s)",
		    p->vcpu->index, p->vmpl, set, set_name(set), code, code_name(set, code));
}

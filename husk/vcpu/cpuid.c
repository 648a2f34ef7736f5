/* SPDX-License-Identifier: MIT */
/*
 * CPUID of the emulated machine: QEMU's CPU less what Husk can't carry (no XSAVE state, no nested
 * SVM), plus what an SNP guest is told (guest-requirements 0, 5).
 */
#include "arch/insn.h"
#include "husk/cpuid.h"
#include "husk/machine.h"
#include "husk/vcpu.h"
#include "sevabi/cpuid_page.h"

/* Below 0xd: Linux and OVMF refuse an XSAVE leaf without XSAVES, which QEMU's TCG lacks. */
#define LEAF_MAX           0xc
#define LEAF_EXTENDED_MAX  0x8000001f
#define GUEST_ADDRESS_BITS 46

/*
 * CMPXCHG16B leaves garbage in the flags until the next instruction that sets them (QEMU 7.2
 * computes them from a stale CC_OP); an exit in between makes it real, single-step flag included.
 * Linux does without where CPUID doesn't have it.
 */
#define LEAF1_ECX_CX16 BIT(13)
/* Leaf 1 ECX: without MONITOR, DTES64, VMX, SMX, EIST, PDCM, FMA, XSAVE, OSXSAVE, AVX, F16C. */
#define LEAF1_ECX_OFF 0x3c0495fcU
#define LEAF1_ECX_ON  (BIT(31) | BIT(24) | BIT(21)) /* hypervisor, TSC deadline, x2APIC */
#define LEAF1_EDX_ON  BIT(9)                        /* APIC */
/* FSGSBASE BMI1 SMEP BMI2 ERMS RDSEED ADX SMAP CLFLUSHOPT CLWB SHA */
#define LEAF7_EBX_KEPT                                                                        \
	(BIT(0) | BIT(3) | BIT(7) | BIT(8) | BIT(9) | BIT(18) | BIT(19) | BIT(20) | BIT(23) | \
	 BIT(24) | BIT(29))
#define LEAF7_ECX_KEPT (BIT(2) | BIT(22)) /* UMIP RDPID */
#define LEAF7_EDX_KEPT BIT(4)             /* FSRM */
#define LEAF6_ARAT     BIT(2)
/* LAHF CMP_LEGACY CR8 ABM SSE4A MISALIGN 3DNOWPREFETCH; no SVM, no XOP, FMA4, TOPOEXT, perf */
#define EXT1_ECX_KEPT 0x000001f3U
#define SEV_LEAF_EAX                                                                          \
	(CPUID_SEV_SEV | CPUID_SEV_ES | CPUID_SEV_SNP | CPUID_SEV_VMPL | CPUID_SEV_RMPQUERY | \
	 CPUID_SEV_RESTRICTED_INJECTION | CPUID_SEV_DEBUG_SWAP)
#define SEV_ADDRESS_REDUCTION 1

static uint32_t apic_id_bits(void)
{
	uint32_t bits = 0;

	while (BIT(bits) < vcpu_count)
		bits++;
	return bits;
}

static struct cpuid_regs machine_cpuid(uint32_t leaf, uint32_t subleaf)
{
	uint32_t r[4];

	cpuid(leaf, subleaf, r);
	return (struct cpuid_regs){r[0], r[1], r[2], r[3]};
}

static struct cpuid_regs leaf_1(uint32_t apic_id)
{
	struct cpuid_regs r = machine_cpuid(1, 0);

	r.ebx = (r.ebx & 0xff00) | (vcpu_count & 0xff) << 16 | apic_id << 24;
	r.ecx = (r.ecx & ~(LEAF1_ECX_OFF | (uint32_t)LEAF1_ECX_CX16)) | (uint32_t)LEAF1_ECX_ON;
	r.edx |= (uint32_t)LEAF1_EDX_ON;
	if (vcpu_count > 1)
		r.edx |= (uint32_t)BIT(28);
	return r;
}

static struct cpuid_regs leaf_7(uint32_t subleaf)
{
	struct cpuid_regs r = machine_cpuid(7, 0);

	if (subleaf)
		return (struct cpuid_regs){0};
	r.eax = 0;
	r.ebx &= (uint32_t)LEAF7_EBX_KEPT;
	r.ecx &= (uint32_t)LEAF7_ECX_KEPT;
	r.edx &= (uint32_t)LEAF7_EDX_KEPT;
	return r;
}

/* One thread per core, all cores in one package. */
static struct cpuid_regs leaf_topology(uint32_t apic_id, uint32_t subleaf)
{
	struct cpuid_regs r = {.ecx = subleaf, .edx = apic_id};

	if (subleaf == 0) {
		r.ebx = 1;
		r.ecx |= 0x100;
	} else if (subleaf == 1) {
		r.eax = apic_id_bits();
		r.ebx = vcpu_count;
		r.ecx |= 0x200;
	}
	return r;
}

static struct cpuid_regs leaf_sev(void)
{
	return (struct cpuid_regs){
		.eax = SEV_LEAF_EAX,
		.ebx = machine.c_bit | SEV_ADDRESS_REDUCTION << CPUID_SEV_EBX_REDUCTION_SHIFT |
		       VMPL_COUNT << CPUID_SEV_EBX_VMPL_COUNT_SHIFT |
		       CPUID_SEV_EBX_COHERENCY_SFW_NO,
		.ecx = 1,
		.edx = 1,
	};
}

static struct cpuid_regs leaf_ext_1(void)
{
	struct cpuid_regs r = machine_cpuid(0x80000001, 0);

	r.ecx &= EXT1_ECX_KEPT;
	return r;
}

static struct cpuid_regs leaf_ext_8(void)
{
	struct cpuid_regs r = machine_cpuid(0x80000008, 0);

	r.eax = (r.eax & 0xff00) | GUEST_ADDRESS_BITS;
	r.ebx = 0;
	r.ecx = (vcpu_count - 1) | apic_id_bits() << 12;
	r.edx = 0;
	return r;
}

static struct cpuid_regs extended(uint32_t apic_id, uint32_t leaf)
{
	struct cpuid_regs r;

	switch (leaf) {
	case 0x80000000:
		r = machine_cpuid(leaf, 0);
		r.eax = LEAF_EXTENDED_MAX;
		return r;
	case 0x80000001:
		return leaf_ext_1();
	case 0x80000002:
	case 0x80000003:
	case 0x80000004:
	case 0x80000005:
	case 0x80000006:
	case 0x80000007:
		return machine_cpuid(leaf, 0);
	case 0x80000008:
		return leaf_ext_8();
	case 0x8000001e:
		return (struct cpuid_regs){.eax = apic_id, .ebx = apic_id};
	case 0x8000001f:
		return leaf_sev();
	default:
		return (struct cpuid_regs){0};
	}
}

struct cpuid_regs husk_cpuid(uint32_t apic_id, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	if (leaf >= 0x80000000)
		return extended(apic_id, leaf);
	switch (leaf) {
	case 0:
		r = machine_cpuid(0, 0);
		r.eax = LEAF_MAX;
		return r;
	case 1:
		return leaf_1(apic_id);
	case 6:
		return (struct cpuid_regs){.eax = (uint32_t)LEAF6_ARAT};
	case 7:
		return leaf_7(subleaf);
	case 0xb:
		return leaf_topology(apic_id, subleaf);
	default:
		return (struct cpuid_regs){0};
	}
}

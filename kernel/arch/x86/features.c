/* SPDX-License-Identifier: MIT */
/* What the CPU can do, and the control registers set by it. */
#include "arch/features.h"
#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/paging.h"
#include "kernel/platform.h"
#include "kernel/stop.h"
#include "kernel/string.h"

RO_AFTER_INIT struct cpu_features cpu_features;
RO_AFTER_INIT uint8_t cpu_clear_ac; /* vectors.S: CLAC exists */

/* x87, SSE, AVX: what a VMSA saves and what services may use. */
#define XCR0_CAP 0x7ULL

#define FXSAVE_SIZE 512

static bool bit_of(uint32_t word, unsigned int n)
{
	return (word >> n) & 1;
}

static void read_identity(struct cpu_features *f)
{
	struct cpuid_result r = platform->cpuid(0, 0);
	uint32_t version = platform->cpuid(1, 0).eax;

	memcpy(f->vendor, &r.ebx, 4);
	memcpy(f->vendor + 4, &r.edx, 4);
	memcpy(f->vendor + 8, &r.ecx, 4);
	f->family = (version >> 8) & 0xf;
	f->model = ((version >> 4) & 0xf) | ((version >> 12) & 0xf0);
	if (f->family == 0xf)
		f->family += (version >> 20) & 0xff;
	f->stepping = version & 0xf;
}

static void read_leaf_1(struct cpu_features *f)
{
	struct cpuid_result r = platform->cpuid(1, 0);

	f->pclmul = bit_of(r.ecx, 1);
	f->pcid = bit_of(r.ecx, 17);
	f->x2apic = bit_of(r.ecx, 21);
	f->tsc_deadline = bit_of(r.ecx, 24);
	f->aes = bit_of(r.ecx, 25);
	f->xsave = bit_of(r.ecx, 26);
	f->avx = bit_of(r.ecx, 28);
	f->rdrand = bit_of(r.ecx, 30);
	f->hypervisor = bit_of(r.ecx, 31);
	f->pge = bit_of(r.edx, 13);
}

static void read_leaf_7(struct cpu_features *f)
{
	struct cpuid_result r = platform->cpuid(7, 0);

	f->fsgsbase = bit_of(r.ebx, 0);
	f->avx2 = bit_of(r.ebx, 5);
	f->smep = bit_of(r.ebx, 7);
	f->invpcid = bit_of(r.ebx, 10);
	f->rdseed = bit_of(r.ebx, 18);
	f->smap = bit_of(r.ebx, 20);
	f->sha = bit_of(r.ebx, 29);
	f->umip = bit_of(r.ecx, 2);
	f->pku = bit_of(r.ecx, 3);
	f->cet_ss = bit_of(r.ecx, 7);
	f->la57 = bit_of(r.ecx, 16);
	f->cet_ibt = bit_of(r.edx, 20);
}

static void read_extended(struct cpu_features *f)
{
	struct cpuid_result r = platform->cpuid(0x80000001, 0);
	uint32_t highest = platform->cpuid(0x80000000, 0).eax;

	f->nx = bit_of(r.edx, 20);
	f->pages_1g = bit_of(r.edx, 26);
	f->rdtscp = bit_of(r.edx, 27);
	if (highest >= 0x80000007)
		f->invariant_tsc = bit_of(platform->cpuid(0x80000007, 0).edx, 8);
	f->physical_bits = 36;
	if (highest >= 0x80000008)
		f->physical_bits = platform->cpuid(0x80000008, 0).eax & 0xff;
}

/* Size of the save area for xcr0: the standard format puts AVX state at its fixed place. */
static void read_xsave(struct cpu_features *f)
{
	struct cpuid_result r;

	if (!f->xsave)
		return;
	r = platform->cpuid(0xd, 0);
	f->xcr0 = (((uint64_t)r.edx << 32) | r.eax) & XCR0_CAP;
	if ((f->xcr0 & 3) != 3) {
		f->xsave = false;
		f->xcr0 = 0;
		return;
	}
	f->xsaveopt = bit_of(platform->cpuid(0xd, 1).eax, 0);
	f->xsave_size = 512 + 64;
	if ((f->xcr0 & 4) != 0) {
		r = platform->cpuid(0xd, 2);
		if (r.ebx < 4096 && r.eax < 4096 && r.ebx + r.eax > f->xsave_size)
			f->xsave_size = r.ebx + r.eax;
	}
}

void features_read(void)
{
	struct cpu_features *f = &cpu_features;

	f->xsave_size = FXSAVE_SIZE;
	read_identity(f);
	read_leaf_1(f);
	if (platform->cpuid(0, 0).eax >= 7)
		read_leaf_7(f);
	read_extended(f);
	f->xsave_size = 512; /* FXSAVE */
	if (platform->cpuid(0, 0).eax >= 0xd)
		read_xsave(f);
	else
		f->xsave = false;
	if (!f->nx)
		stop(STOP_CPU_FEATURES);
	cpu_clear_ac = f->smap;
}

void features_enable(void)
{
	const struct cpu_features *f = &cpu_features;
	uint64_t cr4 = CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	cr4 |= f->pge ? CR4_PGE : 0;
	cr4 |= f->smep ? CR4_SMEP : 0;
	cr4 |= f->smap ? CR4_SMAP : 0;
	cr4 |= f->umip ? CR4_UMIP : 0;
	cr4 |= f->xsave ? CR4_OSXSAVE : 0;
	insn_wrmsr(MSR_EFER, insn_rdmsr(MSR_EFER) | EFER_NXE | EFER_SCE);
	insn_write_cr4(cr4);
	insn_write_cr0((insn_read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_WP | CR0_NE | CR0_MP);
	if (f->xsave)
		insn_xsetbv(0, f->xcr0);
}

void features_log(void)
{
	const struct cpu_features *f = &cpu_features;

	log_info("cpu %s family %u model %u, %u physical bits%s%s%s%s%s%s%s%s", f->vendor,
		 f->family, f->model, f->physical_bits, f->smep ? " smep" : "",
		 f->smap ? " smap" : "", f->umip ? " umip" : "", f->xsave ? " xsave" : "",
		 f->x2apic ? " x2apic" : "", f->rdrand ? " rdrand" : "", f->rdseed ? " rdseed" : "",
		 f->invariant_tsc ? " invariant-tsc" : "");
}

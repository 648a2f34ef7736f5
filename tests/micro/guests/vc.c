/* SPDX-License-Identifier: MIT */
/* #VC: which instructions raise it, with which code, and how it is delivered (APM2 15.35.5). */
#include "micro.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

#define INSN(name, code)                                                           \
	static void name(void *arg)                                                \
	{                                                                          \
		(void)arg;                                                         \
		__asm__ volatile(code : : : "rax", "rbx", "rcx", "rdx", "memory"); \
	}

INSN(insn_cpuid, "xorl %%eax, %%eax; cpuid")
INSN(insn_in, "movl $0x71, %%edx; inb %%dx, %%al")
INSN(insn_out, "movl $0x80, %%edx; outb %%al, %%dx")
INSN(insn_out_immediate, "outb %%al, $0x80")
INSN(insn_outl, "movl $0xcf8, %%edx; outl %%eax, %%dx")
INSN(insn_rdmsr, "movl $0x1b, %%ecx; rdmsr")
INSN(insn_rdmsr_caa, "movl $0xc001f000, %%ecx; rdmsr")
INSN(insn_wrmsr, "movl $0x1b, %%ecx; xorl %%eax, %%eax; xorl %%edx, %%edx; wrmsr")
INSN(insn_wbinvd, "wbinvd")
INSN(insn_vmmcall, "vmmcall")
INSN(insn_rdtsc, "rdtsc")
INSN(insn_rdmsr_status, "movl $0xc0010131, %%ecx; rdmsr")
INSN(insn_rdmsr_ghcb, "movl $0xc0010130, %%ecx; rdmsr")
INSN(insn_rdmsr_efer, "movl $0xc0000080, %%ecx; rdmsr")
INSN(insn_rdmsr_fsbase, "movl $0xc0000100, %%ecx; rdmsr")
INSN(insn_ud2, "ud2")
INSN(insn_int3, "int3")
INSN(insn_rmpupdate, "xorl %%eax, %%eax; .byte 0xf2, 0x0f, 0x01, 0xfe")
INSN(insn_psmash, "xorl %%eax, %%eax; .byte 0xf3, 0x0f, 0x01, 0xff")
INSN(insn_vmrun, "xorl %%eax, %%eax; vmrun")

static void expect(void (*fn)(void *), uint8_t vector, uint64_t error, const char *what)
{
	struct trap trap = trap_run(fn, NULL);

	check(trap.taken && trap.vector == vector && trap.error == error, "%s", what);
	if (!trap.taken || trap.vector != vector || trap.error != error)
		note("taken %u vector %u error 0x%lx", (unsigned)trap.taken, (unsigned)trap.vector,
		     trap.error);
}

static void expect_nothing(void (*fn)(void *), const char *what)
{
	struct trap trap = trap_run(fn, NULL);

	check(!trap.taken, "%s", what);
	if (trap.taken)
		note("vector %u error 0x%lx", (unsigned)trap.vector, trap.error);
}

static void test_codes(void)
{
	expect(insn_cpuid, VEC_VC, SVM_EXIT_CPUID, "CPUID: #VC 0x72");
	expect(insn_in, VEC_VC, SVM_EXIT_IOIO, "IN: #VC 0x7b");
	expect(insn_out, VEC_VC, SVM_EXIT_IOIO, "OUT DX: #VC 0x7b");
	expect(insn_out_immediate, VEC_VC, SVM_EXIT_IOIO, "OUT immediate: #VC 0x7b");
	expect(insn_outl, VEC_VC, SVM_EXIT_IOIO, "OUTL: #VC 0x7b");
	expect(insn_rdmsr, VEC_VC, SVM_EXIT_MSR, "RDMSR of the APIC base: #VC 0x7c");
	expect(insn_wrmsr, VEC_VC, SVM_EXIT_MSR, "WRMSR: #VC 0x7c");
	expect(insn_rdmsr_caa, VEC_VC, SVM_EXIT_MSR, "RDMSR of SVSM_CAA: #VC 0x7c");
	expect(insn_wbinvd, VEC_VC, SVM_EXIT_WBINVD, "WBINVD: #VC 0x89");
	expect(insn_vmmcall, VEC_VC, SVM_EXIT_VMMCALL, "VMMCALL without REP: #VC 0x81");
}

static void test_not_intercepted(void)
{
	expect_nothing(insn_rdtsc, "RDTSC: no #VC");
	expect_nothing(insn_rdmsr_status, "RDMSR of SEV_STATUS: no #VC");
	expect_nothing(insn_rdmsr_ghcb, "RDMSR of the GHCB MSR: no #VC");
	expect_nothing(insn_rdmsr_efer, "RDMSR of EFER: no #VC");
	expect_nothing(insn_rdmsr_fsbase, "RDMSR of FS_BASE: no #VC");
	check_equal(read_msr(MSR_SEV_STATUS) & 7, 7, "SEV_STATUS: SEV, ES, SNP");
}

static void test_own_exceptions(void)
{
	expect(insn_ud2, VEC_UD, 0, "UD2 stays #UD");
	expect(insn_int3, VEC_BP, 0, "INT3 stays #BP");
	expect(insn_rmpupdate, VEC_UD, 0, "RMPUPDATE in a guest: #UD");
	expect(insn_psmash, VEC_UD, 0, "PSMASH in a guest: #UD");
	check(trap_run(insn_vmrun, NULL).taken, "VMRUN in a guest faults");
}

static void read_word(void *arg)
{
	(void)*(volatile uint32_t *)arg;
}

static void write_word(void *arg)
{
	*(volatile uint32_t *)arg = 0;
}

static void test_mmio(void)
{
	void *ioapic = window(1, GPA(0xfec00000), MAP_SHARED | MAP_UNCACHED);
	struct trap trap = trap_run(read_word, ioapic);

	check(trap.vector == VEC_VC && trap.error == SVM_EXIT_NPF, "read of MMIO: #VC 0x400");
	trap = trap_run(write_word, ioapic);
	check(trap.vector == VEC_VC && trap.error == SVM_EXIT_NPF, "write of MMIO: #VC 0x400");
	trap = trap_run_user(read_word, ioapic);
	check(trap.vector == VEC_VC && trap.error == SVM_EXIT_NPF, "read of MMIO at CPL 3 too");
}

static void test_delivery(void)
{
	const volatile uint64_t *saved_rsp =
		(const volatile uint64_t *)(ist_stack + sizeof(ist_stack));
	struct trap trap;

	trap = trap_run(insn_wbinvd, NULL);
	check(*(volatile uint8_t *)trap.rip == 0x0f && ((volatile uint8_t *)trap.rip)[1] == 0x09,
	      "RIP is at the instruction that raised it");
	check_equal(trap.cs, 0x08, "CS of the interrupted code");
	trap = trap_run_user(insn_cpuid, NULL);
	check(trap.taken && trap.vector == VEC_VC && trap.error == SVM_EXIT_CPUID,
	      "CPUID at CPL 3: #VC 0x72");
	check_equal(trap.cs & 3, 3, "with the user's CS");
	trap_set_ist(VEC_VC, 1);
	trap = trap_run(insn_cpuid, NULL);
	trap_set_ist(VEC_VC, 0);
	check(trap.taken && trap.vector == VEC_VC, "#VC on an IST stack");
	check(saved_rsp[-2] >= (uint64_t)stacks && saved_rsp[-2] < (uint64_t)stacks + 4 * 16384,
	      "the IST stack holds the frame");
	__asm__ volatile("std");
	trap = trap_run(insn_cpuid, NULL);
	__asm__ volatile("cld");
	check((trap.rflags & 0x400) != 0, "the frame keeps RFLAGS");
}

/* #VC leaves all registers as they were: sixteen patterns through a resumed exception. */
static bool skip_cpuid(struct frame *frame)
{
	frame->rip += 2;
	return true;
}

static void test_registers(void)
{
	uint64_t before[4] = {0x1111, 0x2222, 0x3333, 0x4444}, after[4];

	trap_set_hook(VEC_VC, skip_cpuid);
	__asm__ volatile("movq %4, %%r12; movq %5, %%r13; movq %6, %%r14; movq %7, %%r15\n\t"
			 "cpuid\n\t"
			 "movq %%r12, %0; movq %%r13, %1; movq %%r14, %2; movq %%r15, %3"
			 : "=m"(after[0]), "=m"(after[1]), "=m"(after[2]), "=m"(after[3])
			 : "m"(before[0]), "m"(before[1]), "m"(before[2]), "m"(before[3])
			 : "r12", "r13", "r14", "r15", "rax", "rbx", "rcx", "rdx");
	trap_set_hook(VEC_VC, NULL);
	check(after[0] == 0x1111 && after[1] == 0x2222 && after[2] == 0x3333 && after[3] == 0x4444,
	      "a resumed #VC keeps the registers");
}

void micro_main(void)
{
	test_codes();
	test_not_intercepted();
	test_own_exceptions();
	test_mmio();
	test_delivery();
	test_registers();
}

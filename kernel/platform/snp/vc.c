/* SPDX-License-Identifier: MIT */
/*
 * #VC: an instruction that the host would have to see. The error code comes from the host's side of
 * the machine, so it counts only when the instruction at RIP is one that raises it (attack A12).
 * Prefixes are not accepted: our own code and compilers put none there.
 */
#include "kernel/log.h"
#include "kernel/stop.h"
#include "kernel/trap.h"
#include "kernel/window.h"
#include "sevabi/svm_exit.h"
#include "snp.h"

#define INSN_MAX 3

struct vc_case {
	uint64_t exit_code;
	uint8_t bytes[INSN_MAX];
	uint8_t length;
	bool user; /* user mode may do it */
	bool (*emulate)(struct trap_frame *frame);
};

static bool emulate_cpuid(struct trap_frame *frame)
{
	struct cpuid_result r = snp_cpuid((uint32_t)frame->rax, (uint32_t)frame->rcx);

	frame->rax = r.eax;
	frame->rbx = r.ebx;
	frame->rcx = r.ecx;
	frame->rdx = r.edx;
	return true;
}

static bool emulate_rdmsr(struct trap_frame *frame)
{
	uint64_t value;

	if (ghcb_msr_read((uint32_t)frame->rcx, &value) != OK)
		return false;
	frame->rax = (uint32_t)value;
	frame->rdx = value >> 32;
	return true;
}

static bool emulate_wrmsr(struct trap_frame *frame)
{
	uint64_t value = (frame->rdx << 32) | (uint32_t)frame->rax;

	return ghcb_msr_write((uint32_t)frame->rcx, value) == OK;
}

static bool emulate_rdtsc(struct trap_frame *frame)
{
	struct ghcb_call call = {.code = SVM_EXIT_RDTSC, .out = GHCB_RAX | GHCB_RDX};

	if (ghcb_call(&call) != OK)
		return false;
	frame->rax = (uint32_t)call.rax;
	frame->rdx = (uint32_t)call.rdx;
	return true;
}

static bool emulate_rdtscp(struct trap_frame *frame)
{
	struct ghcb_call call = {.code = SVM_EXIT_RDTSCP, .out = GHCB_RAX | GHCB_RDX | GHCB_RCX};

	if (ghcb_call(&call) != OK)
		return false;
	frame->rax = (uint32_t)call.rax;
	frame->rdx = (uint32_t)call.rdx;
	frame->rcx = (uint32_t)call.rcx;
	return true;
}

static bool emulate_wbinvd(struct trap_frame *frame)
{
	struct ghcb_call call = {.code = SVM_EXIT_WBINVD};

	(void)frame;
	return ghcb_call(&call) == OK;
}

static bool io_in(struct trap_frame *frame, unsigned int size)
{
	uint64_t mask = BIT(8 * size) - 1;
	uint32_t value;

	if (ghcb_io_read((uint16_t)frame->rdx, size, &value) != OK)
		return false;
	/* A 32-bit result clears the upper half, smaller ones leave it. */
	frame->rax = size == 4 ? value : (frame->rax & ~mask) | value;
	return true;
}

static bool io_out(struct trap_frame *frame, unsigned int size)
{
	uint32_t value = (uint32_t)(frame->rax & (BIT(8 * size) - 1));

	return ghcb_io_write((uint16_t)frame->rdx, size, value) == OK;
}

static bool emulate_inb(struct trap_frame *frame)
{
	return io_in(frame, 1);
}

static bool emulate_inl(struct trap_frame *frame)
{
	return io_in(frame, 4);
}

static bool emulate_outb(struct trap_frame *frame)
{
	return io_out(frame, 1);
}

static bool emulate_outl(struct trap_frame *frame)
{
	return io_out(frame, 4);
}

static const struct vc_case cases[] = {
	{SVM_EXIT_CPUID, {0x0f, 0xa2}, 2, true, emulate_cpuid},
	{SVM_EXIT_MSR, {0x0f, 0x32}, 2, false, emulate_rdmsr},
	{SVM_EXIT_MSR, {0x0f, 0x30}, 2, false, emulate_wrmsr},
	{SVM_EXIT_RDTSC, {0x0f, 0x31}, 2, true, emulate_rdtsc},
	{SVM_EXIT_RDTSCP, {0x0f, 0x01, 0xf9}, 3, true, emulate_rdtscp},
	{SVM_EXIT_WBINVD, {0x0f, 0x09}, 2, false, emulate_wbinvd},
	{SVM_EXIT_IOIO, {0xec}, 1, false, emulate_inb},
	{SVM_EXIT_IOIO, {0xed}, 1, false, emulate_inl},
	{SVM_EXIT_IOIO, {0xee}, 1, false, emulate_outb},
	{SVM_EXIT_IOIO, {0xef}, 1, false, emulate_outl},
};

/*
 * The bytes at RIP, one by one: the instruction may be the last before a page that isn't there.
 * What can't be read stays zero, which no case has at its end.
 */
static bool fetch(const struct trap_frame *frame, uint8_t bytes[INSN_MAX])
{
	bool user = trap_from_user(frame);
	unsigned int have = 0;

	if (user && frame->rip >= LAYOUT_USER_END - INSN_MAX)
		return false;
	if (user && cpu_features.smap)
		insn_stac();
	while (have < INSN_MAX &&
	       fault_copy(&bytes[have], (const void *)(frame->rip + have), 1) == OK)
		have++;
	if (user && cpu_features.smap)
		insn_clac();
	return have > 0;
}

static bool matches(const struct vc_case *entry, uint64_t code, const uint8_t *bytes)
{
	if (entry->exit_code != code)
		return false;
	for (unsigned int i = 0; i < entry->length; i++)
		if (entry->bytes[i] != bytes[i])
			return false;
	return true;
}

static bool handle_vc(struct trap_frame *frame)
{
	uint8_t bytes[INSN_MAX] = {0};

	/* Not validated: the fix-up table's business, else the end. */
	if (frame->error == SVM_EXIT_PAGE_NOT_VALIDATED || !fetch(frame, bytes))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!matches(&cases[i], frame->error, bytes))
			continue;
		if (trap_from_user(frame) && !cases[i].user)
			return false;
		if (!cases[i].emulate(frame))
			return false;
		frame->rip += cases[i].length;
		return true;
	}
	return false;
}

void snp_vc_init(void)
{
	trap_set_exception(VECTOR_VC, handle_vc);
}

/* SPDX-License-Identifier: MIT */
/*
 * Client of the GHCB page (GHCB 3 to 6). The page is the host's as much as ours: a request is
 * written field by field, the answer is read once into private memory, and only then looked at.
 */
#include "arch/insn.h"
#include "arch/insn_snp.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "sevabi/svm_exit.h"
#include "snp.h"

#define VALID_WORDS 2

/* Registers of a request, in the order of GHCB_RAX ... */
struct ghcb_register {
	uint32_t flag;
	uint32_t valid_index;
	size_t page_offset;
	size_t call_offset;
};

static const struct ghcb_register registers[] = {
	{GHCB_RAX, GHCB_VALID_RAX, offsetof(struct ghcb, rax), offsetof(struct ghcb_call, rax)},
	{GHCB_RBX, GHCB_VALID_RBX, offsetof(struct ghcb, rbx), offsetof(struct ghcb_call, rbx)},
	{GHCB_RCX, GHCB_VALID_RCX, offsetof(struct ghcb, rcx), offsetof(struct ghcb_call, rcx)},
	{GHCB_RDX, GHCB_VALID_RDX, offsetof(struct ghcb, rdx), offsetof(struct ghcb_call, rdx)},
};

bool ghcb_ready(void)
{
	struct platform_cpu *cpu = this_cpu()->platform;

	return cpu && cpu->registered;
}

void ghcb_register(void)
{
	gpa_t gpa = this_cpu()->platform->ghcb_gpa;
	uint64_t answer =
		ghcb_msr_call(GHCB_MSR_REGISTER_GPA_REQ_VALUE(gpa.raw), GHCB_MSR_REGISTER_GPA_RESP);

	if (GHCB_MSR_DATA(answer) != gpa.raw >> PAGE_SHIFT)
		stop(STOP_GHCB_PROTOCOL);
	insn_wrmsr(MSR_GHCB, gpa.raw);
	this_cpu()->platform->registered = true;
}

static volatile uint64_t *page_word(struct ghcb *page, size_t offset)
{
	return (volatile uint64_t *)(void *)((uint8_t *)page + offset);
}

static uint64_t *call_word(struct ghcb_call *call, size_t offset)
{
	return (uint64_t *)(void *)((uint8_t *)call + offset);
}

static void set_valid(uint64_t valid[VALID_WORDS], uint32_t index)
{
	valid[index / 64] |= BIT(index % 64);
}

static bool is_valid(const uint64_t valid[VALID_WORDS], uint32_t index)
{
	return valid[index / 64] & BIT(index % 64);
}

static void write_request(struct ghcb *page, struct ghcb_call *call, gpa_t gpa)
{
	uint64_t valid[VALID_WORDS] = {0};

	*page_word(page, offsetof(struct ghcb, sw_exitcode)) = call->code;
	*page_word(page, offsetof(struct ghcb, sw_exitinfo1)) = call->info1;
	*page_word(page, offsetof(struct ghcb, sw_exitinfo2)) = call->info2;
	set_valid(valid, GHCB_VALID_SW_EXITCODE);
	set_valid(valid, GHCB_VALID_SW_EXITINFO1);
	set_valid(valid, GHCB_VALID_SW_EXITINFO2);
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		const struct ghcb_register *r = &registers[i];

		if (!(call->in & r->flag))
			continue;
		*page_word(page, r->page_offset) = *call_word(call, r->call_offset);
		set_valid(valid, r->valid_index);
	}
	if (call->send_size || call->receive_size) {
		*page_word(page, offsetof(struct ghcb, sw_scratch)) =
			gpa.raw + GHCB_SHARED_BUFFER_AT;
		set_valid(valid, GHCB_VALID_SW_SCRATCH);
	}
	if (call->send_size)
		memcpy(page->shared_buffer, call->send, call->send_size);
	WRITE_ONCE(page->protocol_version, GHCB_VERSION);
	WRITE_ONCE(page->usage, GHCB_USAGE_STANDARD);
	*page_word(page, offsetof(struct ghcb, valid_bitmap)) = valid[0];
	*page_word(page, offsetof(struct ghcb, valid_bitmap) + 8) = valid[1];
}

/* Everything is read once. False: the answer lacks fields that it must have. */
static bool read_answer(struct ghcb *page, struct ghcb_call *call)
{
	uint64_t valid[VALID_WORDS] = {
		*page_word(page, offsetof(struct ghcb, valid_bitmap)),
		*page_word(page, offsetof(struct ghcb, valid_bitmap) + 8),
	};

	call->info1 = *page_word(page, offsetof(struct ghcb, sw_exitinfo1));
	call->info2 = *page_word(page, offsetof(struct ghcb, sw_exitinfo2));
	if (!is_valid(valid, GHCB_VALID_SW_EXITINFO1) || !is_valid(valid, GHCB_VALID_SW_EXITINFO2))
		return false;
	if ((uint32_t)call->info1 != GHCB_RESULT_OK)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		const struct ghcb_register *r = &registers[i];

		if (!(call->out & r->flag))
			continue;
		if (!is_valid(valid, r->valid_index))
			return false;
		*call_word(call, r->call_offset) = *page_word(page, r->page_offset);
	}
	if (call->receive_size)
		memcpy(call->receive, page->shared_buffer, call->receive_size);
	return true;
}

enum error ghcb_call(struct ghcb_call *call)
{
	irq_flags_t flags;
	struct platform_cpu *cpu;
	bool complete;

	if (!ghcb_ready())
		return ERR_STATE;
	ASSERT(call->send_size <= GHCB_SHARED_BUFFER_SIZE &&
	       call->receive_size <= GHCB_SHARED_BUFFER_SIZE);
	flags = irq_save();
	cpu = this_cpu()->platform;
	write_request(cpu->ghcb, call, cpu->ghcb_gpa);
	insn_wrmsr(MSR_GHCB, cpu->ghcb_gpa.raw);
	insn_vmgexit();
	complete = read_answer(cpu->ghcb, call);
	irq_restore(flags);
	if (!complete && !call->may_fail)
		stop(STOP_GHCB_PROTOCOL);
	return complete && (uint32_t)call->info1 == GHCB_RESULT_OK ? OK : ERR_PLATFORM;
}

static uint64_t io_info(uint16_t port, unsigned int size)
{
	return ((uint64_t)port << GHCB_IOIO_PORT_SHIFT) | (size << GHCB_IOIO_SIZE_SHIFT) |
	       GHCB_IOIO_ADDR_64;
}

enum error ghcb_io_read(uint16_t port, unsigned int size, uint32_t *value)
{
	struct ghcb_call call = {
		.code = SVM_EXIT_IOIO,
		.info1 = io_info(port, size) | GHCB_IOIO_IN,
		.in = GHCB_RAX,
		.out = GHCB_RAX,
	};
	enum error error = ghcb_call(&call);

	if (error == OK)
		*value = (uint32_t)(call.rax & (BIT(8 * size) - 1));
	return error;
}

enum error ghcb_io_write(uint16_t port, unsigned int size, uint32_t value)
{
	struct ghcb_call call = {
		.code = SVM_EXIT_IOIO,
		.info1 = io_info(port, size),
		.rax = value,
		.in = GHCB_RAX,
	};

	return ghcb_call(&call);
}

enum error ghcb_msr_read(uint32_t msr, uint64_t *value)
{
	struct ghcb_call call = {
		.code = SVM_EXIT_MSR,
		.info1 = 0,
		.rcx = msr,
		.in = GHCB_RCX,
		.out = GHCB_RAX | GHCB_RDX,
	};
	enum error error = ghcb_call(&call);

	if (error == OK)
		*value = (call.rdx << 32) | (uint32_t)call.rax;
	return error;
}

enum error ghcb_msr_write(uint32_t msr, uint64_t value)
{
	struct ghcb_call call = {
		.code = SVM_EXIT_MSR,
		.info1 = 1,
		.rcx = msr,
		.rax = (uint32_t)value,
		.rdx = value >> 32,
		.in = GHCB_RCX | GHCB_RAX | GHCB_RDX,
	};

	return ghcb_call(&call);
}

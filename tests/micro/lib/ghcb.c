/* SPDX-License-Identifier: MIT */
/* The guest's side of the GHCB protocol, with every field in the test's hand. */
#include "internal.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

static uint8_t ghcb_storage[PAGE_SIZE] ALIGNED(PAGE_SIZE);
#define GHCB_SLOT 511

volatile struct ghcb *ghcb;
gpa_t ghcb_gpa;

uint64_t ghcb_msr(uint64_t request)
{
	uint64_t old = read_msr(MSR_GHCB), answer;

	write_msr(MSR_GHCB, request);
	vmgexit();
	answer = read_msr(MSR_GHCB);
	write_msr(MSR_GHCB, old);
	return answer;
}

uint32_t psc_msr(gpa_t gpa, unsigned operation)
{
	return GHCB_MSR_PSC_RESP_ERROR(ghcb_msr(GHCB_MSR_PSC_REQ_VALUE(gpa.raw, operation)));
}

void ghcb_clear_valid(void)
{
	for (unsigned i = 0; i < 16; i++)
		ghcb->valid_bitmap[i] = 0;
}

void ghcb_set_valid(unsigned index)
{
	ghcb->valid_bitmap[index / 8] = (uint8_t)(ghcb->valid_bitmap[index / 8] | 1U << index % 8);
}

bool ghcb_is_valid(unsigned index)
{
	return (ghcb->valid_bitmap[index / 8] >> index % 8) & 1;
}

static void put(bool has, volatile uint64_t *field, uint64_t value, unsigned index)
{
	if (!has)
		return;
	*field = value;
	ghcb_set_valid(index);
}

void nae_call(struct nae *n)
{
	ghcb_clear_valid();
	ghcb->protocol_version = GHCB_VERSION;
	ghcb->usage = GHCB_USAGE_STANDARD;
	put(true, &ghcb->sw_exitcode, n->code, GHCB_VALID_SW_EXITCODE);
	put(true, &ghcb->sw_exitinfo1, n->info1, GHCB_VALID_SW_EXITINFO1);
	put(true, &ghcb->sw_exitinfo2, n->info2, GHCB_VALID_SW_EXITINFO2);
	put(n->has_scratch, &ghcb->sw_scratch, n->scratch, GHCB_VALID_SW_SCRATCH);
	put(n->has_rax, &ghcb->rax, n->rax, GHCB_VALID_RAX);
	put(n->has_rbx, &ghcb->rbx, n->rbx, GHCB_VALID_RBX);
	put(n->has_rcx, &ghcb->rcx, n->rcx, GHCB_VALID_RCX);
	put(n->has_rdx, &ghcb->rdx, n->rdx, GHCB_VALID_RDX);
	vmgexit();
	n->info1 = ghcb->sw_exitinfo1;
	n->info2 = ghcb->sw_exitinfo2;
	n->rax = ghcb->rax;
	n->rbx = ghcb->rbx;
	n->rcx = ghcb->rcx;
	n->rdx = ghcb->rdx;
}

void io_out8(uint16_t port, uint8_t value)
{
	struct nae n = {.code = SVM_EXIT_IOIO, .has_rax = true, .rax = value};

	n.info1 = (uint64_t)port << GHCB_IOIO_PORT_SHIFT | GHCB_IOIO_SIZE_8 | GHCB_IOIO_ADDR_16;
	nae_call(&n);
}

void ghcb_init(void)
{
	ghcb_gpa = gpa_of(ghcb_storage);
	pvalidate(ghcb_storage, RMP_PAGE_4K, PVALIDATE_RESCIND);
	psc_msr(ghcb_gpa, GHCB_PSC_SHARED);
	ghcb = window(GHCB_SLOT, ghcb_gpa, MAP_SHARED);
	for (unsigned i = 0; i < PAGE_SIZE / 8; i++)
		((volatile uint64_t *)ghcb)[i] = 0;
	ghcb_msr(GHCB_MSR_REGISTER_GPA_REQ_VALUE(ghcb_gpa.raw));
	write_msr(MSR_GHCB, ghcb_gpa.raw);
}

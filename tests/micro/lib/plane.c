/* SPDX-License-Identifier: MIT */
/* Code at VMPL1 to 3: one VMSA each, in the same address space, ended by a RUN_VMPL back to 0. */
#include "internal.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

#define STACK_SIZE 16384
#define PLANE_SLOT 480 /* windows of the VMSAs */

static volatile struct vmsa *vmsas[VMPL_COUNT];
static gpa_t vmsa_gpas[VMPL_COUNT];
static struct plane_result results[VMPL_COUNT];

struct plane_job {
	void (*fn)(void *);
	void *arg;
};

/* Gives the CPU back to VMPL0, for ever. */
static void NORETURN leave_plane(void)
{
	for (;;)
		ghcb_msr(GHCB_MSR_RUN_VMPL_REQ_VALUE(0));
}

/* Which plane runs: by its stack. */
static unsigned current_plane(void)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0);

	return (unsigned)((here - (uint64_t)stacks) / STACK_SIZE);
}

void NORETURN plane_main(void (*fn)(void *), void *arg)
{
	unsigned vmpl = current_plane();

	results[vmpl].trap = trap_run(fn, arg);
	results[vmpl].end = results[vmpl].trap.taken ? PLANE_TRAPPED : PLANE_RETURNED;
	leave_plane();
}

static void grant_image(unsigned vmpl)
{
	for (uint64_t va = BOOT_KERNEL_VBASE + BOOT_LOAD_OFFSET; va < (uint64_t)image_end;
	     va += PAGE_SIZE)
		/* The GHCB's page in the image is shared by now. */
		if (gpa_of((void *)va).raw != ghcb_gpa.raw)
			(void)rmpadjust((void *)va, RMP_PAGE_4K, RMP_PERM_RWX | vmpl);
}

void plane_create(unsigned vmpl)
{
	struct nae n = {.code = GHCB_EXIT_AP_CREATION, .has_rax = true};

	grant_image(vmpl);
	vmsas[vmpl] = private_page(PLANE_SLOT + vmpl, &vmsa_gpas[vmpl]);
	vmsa_fill(vmsas[vmpl], vmpl, (uint64_t)plane_entry, 0);
	check_equal(rmpadjust(vmsas[vmpl], RMP_PAGE_4K, RMP_ADJUST_VMSA | vmpl).eax, RMP_SUCCESS,
		    "RMPADJUST makes a VMSA page");
	n.rax = vmsas[vmpl]->sev_features;
	n.info1 = GHCB_AP_INFO1(0, vmpl, GHCB_AP_CREATE_ON_INIT);
	n.info2 = vmsa_gpas[vmpl].raw;
	nae_call(&n);
	check_equal(n.info1 & 0xffffffff, GHCB_RESULT_OK, "AP creation registers the VMSA");
}

struct plane_result plane_run(unsigned vmpl, void (*fn)(void *), void *arg)
{
	volatile struct vmsa *v = vmsas[vmpl];
	uint64_t answer;

	results[vmpl] = (struct plane_result){.end = PLANE_FAULTED};
	v->efer &= ~(uint64_t)EFER_SVME;
	v->rip = (uint64_t)plane_entry;
	/* As after a call: the ABI wants RSP + 8 aligned at a function's first instruction. */
	v->rsp = (uint64_t)stacks + (vmpl + 1UL) * STACK_SIZE - 16;
	v->rdi = (uint64_t)fn;
	v->rsi = (uint64_t)arg;
	v->rflags = VMSA_INIT_RFLAGS;
	v->cpl = 0;
	v->cs = vmsa_segment(0x08, VMSA_ATTR_CODE64);
	v->ss = vmsa_segment(0x10, VMSA_ATTR_DATA32);
	v->guest_exitcode = 0;
	v->efer |= EFER_SVME;
	answer = ghcb_msr(GHCB_MSR_RUN_VMPL_REQ_VALUE(vmpl));
	results[vmpl].run_error = GHCB_MSR_RUN_VMPL_RESP_ERROR(answer);
	if (results[vmpl].run_error)
		results[vmpl].end = PLANE_REFUSED;
	results[vmpl].exit_code = v->guest_exitcode;
	results[vmpl].info1 = v->guest_exitinfo1;
	results[vmpl].info2 = v->guest_exitinfo2;
	return results[vmpl];
}

volatile struct vmsa *plane_vmsa(unsigned vmpl)
{
	return vmsas[vmpl];
}

gpa_t plane_vmsa_gpa(unsigned vmpl)
{
	return vmsa_gpas[vmpl];
}

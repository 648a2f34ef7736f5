/* SPDX-License-Identifier: MIT */
/* VMPL1 to 3: permissions, the instructions there, switches, VMSA rules (APM2 15.36.7-9). */
#include "micro.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

enum {
	SLOT_DATA = 0,
	SLOT_CODE = 1
};

static volatile uint8_t *data;
static gpa_t data_gpa;

static void read_byte(void *arg)
{
	(void)*(volatile uint8_t *)arg;
}

static void write_byte(void *arg)
{
	*(volatile uint8_t *)arg = 0xa5;
}

static void call_it(void *arg)
{
	void (*fn)(void) = (void (*)(void))(uintptr_t)arg;

	fn();
}

struct insn_job {
	struct rmp_result result;
	volatile uint8_t *va;
	uint64_t operand;
};

static void do_pvalidate(void *arg)
{
	struct insn_job *j = arg;

	j->result = pvalidate(j->va, RMP_PAGE_4K, j->operand);
}

static void do_rmpadjust(void *arg)
{
	struct insn_job *j = arg;

	j->result = rmpadjust(j->va, RMP_PAGE_4K, j->operand);
}

static void check_access(unsigned vmpl, uint64_t perms, void (*fn)(void *), bool allowed,
			 const char *what)
{
	struct plane_result r;

	(void)rmpadjust(data, RMP_PAGE_4K, perms | vmpl);
	r = plane_run(vmpl, fn, (void *)data);
	if (allowed) {
		check(r.end == PLANE_RETURNED, "VMPL%u, permissions 0x%lx: %s works", vmpl,
		      perms >> RMP_PERM_SHIFT, what);
		return;
	}
	check(r.end == PLANE_FAULTED && r.exit_code == SVM_EXIT_NPF &&
		      (r.info1 & (NPF_RMP | NPF_VMPL)) == (NPF_RMP | NPF_VMPL),
	      "VMPL%u, permissions 0x%lx: %s is a nested fault with RMP and VMPL bits", vmpl,
	      perms >> RMP_PERM_SHIFT, what);
	if (r.end != PLANE_FAULTED)
		note("end %u vector %u error 0x%lx", (unsigned)r.end, (unsigned)r.trap.vector,
		     r.trap.error);
}

static void test_matrix(unsigned vmpl)
{
	const uint64_t r = RMP_PERM_READ, rw = RMP_PERM_READ | RMP_PERM_WRITE;
	const uint64_t rx = RMP_PERM_READ | RMP_PERM_SUPER_X;

	data[0] = 0xc3; /* RET */
	check_access(vmpl, 0, read_byte, false, "read");
	check_access(vmpl, 0, write_byte, false, "write");
	check_access(vmpl, 0, call_it, false, "fetch");
	check_access(vmpl, r, read_byte, true, "read");
	check_access(vmpl, r, write_byte, false, "write");
	check_access(vmpl, r, call_it, false, "fetch");
	check_access(vmpl, rx, call_it, true, "fetch");
	check_access(vmpl, rx, write_byte, false, "write");
	check_access(vmpl, rw, call_it, false, "fetch");
	check_access(vmpl, rw, write_byte, true, "write");
	check_equal(*data, 0xa5, "the write is seen by VMPL0");
	check_access(vmpl, 0, read_byte, false, "read after the right is withdrawn");
}

static void test_instructions(unsigned vmpl)
{
	struct insn_job j = {.va = data, .operand = 1};
	struct plane_result r;

	(void)rmpadjust(data, RMP_PAGE_4K, RMP_PERM_READ | RMP_PERM_WRITE | vmpl);
	r = plane_run(vmpl, do_pvalidate, &j);
	check(r.end == PLANE_TRAPPED && r.trap.vector == VEC_GP, "PVALIDATE at VMPL%u: #GP", vmpl);
	j.operand = RMP_PERM_READ | 1;
	r = plane_run(vmpl, do_rmpadjust, &j);
	check(r.end == PLANE_RETURNED && j.result.eax == RMP_FAIL_PERMISSION,
	      "RMPADJUST for VMPL1 at VMPL%u: FAIL_PERMISSION, no fault", vmpl);
	if (vmpl == 3)
		return;
	j.operand = RMP_PERM_READ | 3;
	r = plane_run(vmpl, do_rmpadjust, &j);
	check(r.end == PLANE_RETURNED && j.result.eax == 0, "VMPL%u may give VMPL3 what it has",
	      vmpl);
	j.operand = RMP_PERM_SUPER_X | 3;
	r = plane_run(vmpl, do_rmpadjust, &j);
	check(j.result.eax == RMP_FAIL_PERMISSION, "VMPL%u can't give VMPL3 what it lacks", vmpl);
}

static void test_not_validated(unsigned vmpl)
{
	gpa_t gpa = fresh_page();
	void *va = window(2, gpa, 0);
	struct plane_result r;

	psc_msr(gpa, GHCB_PSC_PRIVATE);
	r = plane_run(vmpl, read_byte, va);
	check(r.end == PLANE_TRAPPED && r.trap.vector == VEC_VC && r.trap.error == 0x404,
	      "not validated page at VMPL%u: #VC 0x404", vmpl);
}

static void read_status(void *arg)
{
	*(uint64_t *)arg = read_msr(MSR_SEV_STATUS);
}

static void touch_registers(void *arg)
{
	(void)arg;
	__asm__ volatile("movl $0x99, %%ebx; movl $0x98, %%r12d; movq %%rbx, %%xmm3"
			 :
			 :
			 : "rbx", "r12");
}

static void test_switch_keeps_state(unsigned vmpl)
{
	uint64_t r12 = 0, xmm3 = 0, status = 0;

	__asm__ volatile("movl $0x1234, %%eax; movq %%rax, %%xmm3" : : : "rax");
	(void)plane_run(vmpl, touch_registers, NULL);
	__asm__ volatile("movq %%xmm3, %0; movq %%r12, %1" : "=r"(xmm3), "=r"(r12));
	check_equal(xmm3, 0x1234, "VMPL0's XMM registers outlive a switch");
	(void)plane_run(vmpl, read_status, &status);
	check_equal(status >> SEV_STATUS_FEATURES_SHIFT, plane_vmsa(vmpl)->sev_features,
		    "SEV_STATUS shows the VMSA's own features");
}

static void test_vmsa_page(unsigned vmpl)
{
	struct plane_result r;
	volatile struct vmsa *v = plane_vmsa(vmpl);

	check_equal(rmpquery(v, vmpl).rdx & RMP_ADJUST_VMSA, RMP_ADJUST_VMSA,
		    "RMPQUERY shows the VMSA bit");
	r = plane_run(vmpl, read_byte, (void *)(uintptr_t)v);
	check(r.end == PLANE_FAULTED, "VMPL%u can't read its VMSA", vmpl);
	v->efer &= ~(uint64_t)EFER_SVME;
	check(GHCB_MSR_RUN_VMPL_RESP_ERROR(ghcb_msr(GHCB_MSR_RUN_VMPL_REQ_VALUE(vmpl))) != 0,
	      "RUN_VMPL is refused while EFER.SVME is 0");
	v->efer |= EFER_SVME;
	r = plane_run(vmpl, read_byte, (void *)(uintptr_t)&boot);
	check(r.end == PLANE_RETURNED, "and works again after");
	check_equal(v->guest_exitcode, SVM_EXIT_VMGEXIT, "GUEST_EXITCODE says VMGEXIT");
}

static void test_ap_creation_errors(void)
{
	struct nae n = {.code = GHCB_EXIT_AP_CREATION, .has_rax = true};
	gpa_t plain;

	(void)private_page(3, &plain);
	n.rax = plane_vmsa(1)->sev_features;
	n.info1 = GHCB_AP_INFO1(0, 1, GHCB_AP_CREATE_ON_INIT);
	n.info2 = plain.raw + 1;
	nae_call(&n);
	check_equal(n.info1 & 0xffffffff, GHCB_RESULT_MALFORMED, "AP creation: unaligned VMSA");
	n.code = GHCB_EXIT_AP_CREATION;
	n.rax = plane_vmsa(1)->sev_features;
	n.info1 = GHCB_AP_INFO1(77, 1, GHCB_AP_CREATE);
	n.info2 = plane_vmsa_gpa(1).raw;
	nae_call(&n);
	check_equal(n.info1 & 0xffffffff, GHCB_RESULT_MALFORMED, "AP creation: no such APIC ID");
	n.code = GHCB_EXIT_AP_CREATION;
	n.rax = plane_vmsa(1)->sev_features;
	n.info1 = GHCB_AP_INFO1(0, 1, 5);
	n.info2 = plane_vmsa_gpa(1).raw;
	nae_call(&n);
	check_equal(n.info1 & 0xffffffff, GHCB_RESULT_MALFORMED, "AP creation: unknown action");
}

void micro_main(void)
{
	data = private_page(SLOT_DATA, &data_gpa);
	for (unsigned vmpl = 1; vmpl < VMPL_COUNT; vmpl++) {
		plane_create(vmpl);
		test_matrix(vmpl);
		test_instructions(vmpl);
		test_not_validated(vmpl);
		test_switch_keeps_state(vmpl);
		test_vmsa_page(vmpl);
	}
	test_ap_creation_errors();
}

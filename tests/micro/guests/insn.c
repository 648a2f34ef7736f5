/* SPDX-License-Identifier: MIT */
/* PVALIDATE, RMPADJUST and RMPQUERY at VMPL0: results, flags, faults (APM3, snp-arch 3). */
#include "micro.h"

enum {
	SLOT_PAGE,
	SLOT_OTHER,
	SLOT_HOLE = 100
};

struct insn_args {
	struct rmp_result result;
	volatile uint8_t *va;
	uint64_t size, operand;
};

static void do_pvalidate(void *arg)
{
	struct insn_args *a = arg;

	a->result = pvalidate(a->va, a->size, a->operand);
}

static void do_rmpadjust(void *arg)
{
	struct insn_args *a = arg;

	a->result = rmpadjust(a->va, a->size, a->operand);
}

static void do_rmpquery(void *arg)
{
	struct insn_args *a = arg;

	a->result = rmpquery(a->va, a->operand);
}

static void do_read(void *arg)
{
	(void)*(volatile uint8_t *)arg;
}

static void do_write(void *arg)
{
	*(volatile uint8_t *)arg = 0x5a;
}

static void check_trap(struct trap trap, uint8_t vector, uint64_t error, const char *what)
{
	check(trap.taken && trap.vector == vector && trap.error == error, "%s", what);
	if (!trap.taken || trap.vector != vector || trap.error != error)
		note("taken %u vector %u error 0x%lx", (unsigned)trap.taken, (unsigned)trap.vector,
		     trap.error);
}

static void test_pvalidate(void)
{
	gpa_t gpa = fresh_page();
	volatile uint8_t *va = window(SLOT_PAGE, gpa, 0);
	struct rmp_result r;

	check_equal(psc_msr(gpa, GHCB_PSC_PRIVATE), 0, "PSC to private");
	check_trap(trap_run(do_read, (void *)va), VEC_VC, 0x404,
		   "read of an assigned, not validated page: #VC 0x404");
	check_trap(trap_run(do_write, (void *)va), VEC_VC, 0x404, "write of it: #VC 0x404");
	r = pvalidate(va, RMP_PAGE_4K, PVALIDATE_VALIDATE);
	check(r.eax == 0 && !r.cf, "PVALIDATE of it: EAX 0, CF 0");
	*va = 0x77;
	check_equal(*va, 0x77, "then it holds data");
	r = pvalidate(va, RMP_PAGE_4K, PVALIDATE_VALIDATE);
	check(r.eax == 0 && r.cf, "PVALIDATE again: EAX 0, CF 1");
	check_equal(*va, 0x77, "and the data stays");
	r = pvalidate(va, RMP_PAGE_4K, PVALIDATE_RESCIND);
	check(r.eax == 0 && !r.cf, "rescind: EAX 0, CF 0");
	r = pvalidate(va, RMP_PAGE_4K, PVALIDATE_RESCIND);
	check(r.eax == 0 && r.cf, "rescind again: EAX 0, CF 1");
	check_trap(trap_run(do_read, (void *)va), VEC_VC, 0x404, "and it is not valid any more");
	r = pvalidate(va, 2, PVALIDATE_VALIDATE);
	check_equal(r.eax, RMP_FAIL_INPUT, "PVALIDATE with page size 2: FAIL_INPUT");
	r = pvalidate(va, RMP_PAGE_2M, PVALIDATE_VALIDATE);
	check(r.eax == RMP_FAIL_INPUT || r.eax == RMP_FAIL_SIZEMISMATCH,
	      "PVALIDATE 2 MiB of a 4 KiB page fails");
}

static void test_faults(void)
{
	gpa_t gpa;
	struct insn_args a = {.va = private_page(SLOT_PAGE, &gpa), .operand = 1};
	volatile uint8_t *hole = (volatile uint8_t *)a.va + (SLOT_HOLE - SLOT_PAGE) * PAGE_SIZE;

	check_trap(trap_run_user(do_pvalidate, &a), VEC_GP, 0, "PVALIDATE at CPL 3: #GP(0)");
	check_trap(trap_run_user(do_rmpadjust, &a), VEC_GP, 0, "RMPADJUST at CPL 3: #GP(0)");
	check_trap(trap_run_user(do_rmpquery, &a), VEC_GP, 0, "RMPQUERY at CPL 3: #GP(0)");
	a.va = hole;
	check(trap_run(do_pvalidate, &a).vector == VEC_PF, "PVALIDATE of an unmapped page: #PF");
	check(trap_run(do_rmpadjust, &a).vector == VEC_PF, "RMPADJUST of an unmapped page: #PF");
	check_equal(trap_run(do_rmpadjust, &a).cr2, (uint64_t)hole, "CR2 names the page");
}

static void test_rmpadjust_permissions(void)
{
	gpa_t gpa;
	volatile uint8_t *va = private_page(SLOT_PAGE, &gpa);
	struct rmp_result r;

	for (unsigned vmpl = 1; vmpl < VMPL_COUNT; vmpl++) {
		r = rmpquery(va, vmpl);
		check(r.eax == 0 && (r.rdx & RMP_PERM_ALL_MASK) == 0,
		      "a fresh page gives VMPL%u nothing", vmpl);
		for (unsigned perms = 0; perms < 16; perms++) {
			uint64_t want = (uint64_t)perms << RMP_PERM_SHIFT;

			if (rmpadjust(va, RMP_PAGE_4K, want | vmpl).eax ||
			    (rmpquery(va, vmpl).rdx & RMP_PERM_ALL_MASK) != want) {
				check(false, "permissions %u for VMPL%u", perms, vmpl);
				return;
			}
		}
		check(true, "all 16 permission sets for VMPL%u, read back by RMPQUERY", vmpl);
	}
	r = rmpquery(va, 1);
	check_equal(r.rcx, RMP_PAGE_4K, "RMPQUERY gives the page size");
}

static void test_rmpadjust_errors(void)
{
	gpa_t gpa;
	volatile uint8_t *va = private_page(SLOT_PAGE, &gpa);
	struct insn_args a = {.va = va, .operand = RMP_PERM_READ | 1};

	check_equal(rmpadjust(va, RMP_PAGE_4K, RMP_PERM_RWX | 0).eax, RMP_FAIL_PERMISSION,
		    "RMPADJUST for VMPL0: FAIL_PERMISSION");
	check_equal(rmpadjust(va, RMP_PAGE_4K, RMP_PERM_READ | 4).eax, RMP_FAIL_INPUT,
		    "RMPADJUST for VMPL4: FAIL_INPUT");
	check_equal(rmpadjust(va, 2, RMP_PERM_READ | 1).eax, RMP_FAIL_INPUT,
		    "RMPADJUST with page size 2: FAIL_INPUT");
	check_equal(rmpadjust(va, RMP_PAGE_4K, BIT(17) | 1).eax, RMP_FAIL_INPUT,
		    "RMPADJUST with a reserved bit: FAIL_INPUT");
	(void)pvalidate(va, RMP_PAGE_4K, PVALIDATE_RESCIND);
	check_trap(trap_run(do_rmpadjust, &a), VEC_VC, 0x404,
		   "RMPADJUST of a page that isn't valid: #VC 0x404");
}

/* Permissions outlive PVALIDATE, but not the page's way through the host. */
static void test_permissions_and_validation(void)
{
	gpa_t gpa;
	volatile uint8_t *va = private_page(SLOT_PAGE, &gpa);

	(void)rmpadjust(va, RMP_PAGE_4K, RMP_PERM_RWX | 2);
	(void)pvalidate(va, RMP_PAGE_4K, PVALIDATE_RESCIND);
	(void)pvalidate(va, RMP_PAGE_4K, PVALIDATE_VALIDATE);
	check_equal(rmpquery(va, 2).rdx & RMP_PERM_ALL_MASK, RMP_PERM_RWX,
		    "PVALIDATE leaves the permissions of VMPL2 alone");
	(void)pvalidate(va, RMP_PAGE_4K, PVALIDATE_RESCIND);
	psc_msr(gpa, GHCB_PSC_SHARED);
	psc_msr(gpa, GHCB_PSC_PRIVATE);
	check_trap(trap_run(do_read, (void *)va), VEC_VC, 0x404,
		   "a page that was shared comes back not validated");
	check(!pvalidate(va, RMP_PAGE_4K, PVALIDATE_VALIDATE).cf, "PVALIDATE sees it so: CF 0");
	check_equal(rmpquery(va, 2).rdx & RMP_PERM_ALL_MASK, 0,
		    "and a new assignment has no permissions for VMPL2");
}

static struct ghcb_psc_buffer *psc_buffer(void)
{
	return (struct ghcb_psc_buffer *)(uintptr_t)(const volatile void *)ghcb->shared_buffer;
}

static uint64_t psc_2m(gpa_t gpa, unsigned operation)
{
	struct nae n = {.code = GHCB_EXIT_PSC,
			.has_scratch = true,
			.scratch = ghcb_gpa.raw + GHCB_SHARED_BUFFER_AT};
	struct ghcb_psc_buffer *b = psc_buffer();

	b->cur_entry = b->end_entry = 0;
	b->reserved = 0;
	b->entries[0] = GHCB_PSC_ENTRY(gpa.raw, operation, true);
	nae_call(&n);
	return n.info2;
}

static void test_2m(void)
{
	gpa_t gpa = fresh_2m(), other = fresh_2m();
	volatile uint8_t *va = window_2m(0, gpa, 0);
	volatile uint8_t *small = window(SLOT_OTHER, GPA(other.raw + 5 * PAGE_SIZE), 0);
	struct rmp_result r;

	check_equal(psc_2m(gpa, GHCB_PSC_PRIVATE), 0, "PSC of 2 MiB");
	r = pvalidate(va, RMP_PAGE_2M, PVALIDATE_VALIDATE);
	check(r.eax == 0 && !r.cf, "PVALIDATE of 2 MiB");
	va[PAGE_2M_SIZE - 1] = 0x31;
	check_equal(va[PAGE_2M_SIZE - 1], 0x31, "its last byte works");
	check_equal(rmpadjust(va, RMP_PAGE_2M, RMP_PERM_READ | 3).eax, 0, "RMPADJUST of 2 MiB");
	check_equal(rmpquery(va, 3).rcx, RMP_PAGE_2M, "RMPQUERY says 2 MiB");
	r = pvalidate(va + PAGE_SIZE, RMP_PAGE_2M, PVALIDATE_VALIDATE);
	check_equal(r.eax, RMP_FAIL_INPUT, "PVALIDATE of 2 MiB, misaligned: FAIL_INPUT");
	check_equal(psc_2m(other, GHCB_PSC_PRIVATE), 0, "PSC of another 2 MiB");
	r = pvalidate(small, RMP_PAGE_4K, PVALIDATE_VALIDATE);
	check(r.eax == 0 && !r.cf, "PVALIDATE of 4 KiB in it: the host splits the entry");
	check_equal(rmpquery(small, 3).rcx, RMP_PAGE_4K, "RMPQUERY says 4 KiB then");
	r = pvalidate(window_2m(1, other, 0), RMP_PAGE_2M, PVALIDATE_VALIDATE);
	check_equal(r.eax, RMP_FAIL_SIZEMISMATCH, "PVALIDATE of 2 MiB after that: SIZEMISMATCH");
}

void micro_main(void)
{
	test_pvalidate();
	test_faults();
	test_rmpadjust_permissions();
	test_rmpadjust_errors();
	test_permissions_and_validation();
	test_2m();
}

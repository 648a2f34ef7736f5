/* SPDX-License-Identifier: MIT */
/* The core protocol as one vCPU sees it: every call, every error (SVSM 2 to 4). */
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"
#include "svsm.h"

#define CORE(call, rcx, rdx, r8) svsm_call(&svsm_boot_port, SVSM_PROTOCOL_CORE, call, rcx, rdx, r8)
#define VALIDATE                 SVSM_PVALIDATE_VALIDATE

enum {
	SLOT_A,
	SLOT_B,
	SLOT_C
};

static void read_byte(void *arg)
{
	(void)*(volatile uint8_t *)arg;
}

static void test_secrets(void)
{
	const struct secrets_page *s = secrets();
	uint8_t any = 0;

	check(s->svsm_size != 0 && IS_ALIGNED(s->svsm_size, PAGE_SIZE),
	      "the secrets page: an SVSM");
	check(IS_ALIGNED(s->svsm_base, PAGE_SIZE), "its base is aligned");
	check_equal(s->svsm_caa, FW_CAA, "the calling area is where the metadata says");
	check_equal(s->svsm_max_version, 1, "core protocol version 1");
	check_equal(s->svsm_guest_vmpl, 2, "the guest runs at VMPL2");
	for (unsigned i = 0; i < s->svsm_guest_vmpl * VMPCK_SIZE; i++)
		any |= s->vmpck[0][i];
	check_equal(any, 0, "the VMPCKs below the guest's level are gone");
	for (unsigned i = 0; i < VMPCK_SIZE; i++)
		any |= s->vmpck[2][i];
	check(any != 0, "VMPCK2 is there");
	check_equal(read_msr(MSR_SEV_STATUS) & 0x7, 7, "SEV_STATUS: SNP");
}

static void test_convention(void)
{
	struct svsm_registers r = {.rax = SVSM_RAX(0, SVSM_CORE_QUERY_PROTOCOL),
				   .rcx = SVSM_QUERY_RCX(0, 1),
				   .rdx = 2,
				   .r8 = 3,
				   .r9 = 4,
				   .rbx = 5,
				   .rbp = 6,
				   .rsi = 7,
				   .rdi = 8,
				   .r10 = 10,
				   .r11 = 11,
				   .r12 = 12,
				   .r13 = 13,
				   .r14 = 14,
				   .r15 = 15};

	svsm_try(&svsm_boot_port, &r);
	check(!svsm_boot_port.not_called, "the SVSM took CALL_PENDING");
	check_equal(svsm_boot_port.msr, GHCB_MSR_RUN_VMPL_RESP, "RUN_VMPL answers without error");
	check_equal(r.rax, 0, "RAX is 0, its upper half too");
	check(r.rdx == 2 && r.r8 == 3 && r.r9 == 4, "RDX, R8, R9 are kept");
	check(r.rbx == 5 && r.rbp == 6 && r.rsi == 7 && r.rdi == 8, "RBX, RBP, RSI, RDI are kept");
	check(r.r10 == 10 && r.r11 == 11 && r.r12 == 12, "R10 to R12 are kept");
	check(r.r13 == 13 && r.r14 == 14 && r.r15 == 15, "R13 to R15 are kept");
	r.rax = SVSM_RAX(0, 0x1234);
	svsm_try(&svsm_boot_port, &r);
	check_equal(r.rax, SVSM_ERR_UNSUPPORTED_CALL, "an unknown call");
	r.rax = SVSM_RAX(0x1234, 0);
	svsm_try(&svsm_boot_port, &r);
	check_equal(r.rax, SVSM_ERR_UNSUPPORTED_PROTOCOL, "an unknown protocol");
}

/* Without CALL_PENDING an entry is no call: nothing happens to the registers. */
static void test_spurious_entry(void)
{
	uint64_t answer;

	svsm_boot_port.caa->call_pending = 0;
	answer = ghcb_msr(GHCB_MSR_RUN_VMPL_REQ_VALUE(0));
	check_equal(answer, GHCB_MSR_RUN_VMPL_RESP, "an entry without a call comes back");
}

static void test_query(void)
{
	struct svsm_registers r = {.rax = SVSM_RAX(0, SVSM_CORE_QUERY_PROTOCOL),
				   .rcx = SVSM_QUERY_RCX(SVSM_PROTOCOL_CORE, 1)};

	svsm_try(&svsm_boot_port, &r);
	check_equal(r.rcx, SVSM_QUERY_RESULT(1, 1), "QUERY_PROTOCOL core 1: versions 1 to 1");
	r.rax = SVSM_RAX(0, SVSM_CORE_QUERY_PROTOCOL);
	r.rcx = SVSM_QUERY_RCX(SVSM_PROTOCOL_CORE, 7);
	svsm_try(&svsm_boot_port, &r);
	check(r.rax == 0 && r.rcx == 0, "core version 7: not there, but a success");
	r.rax = SVSM_RAX(0, SVSM_CORE_QUERY_PROTOCOL);
	r.rcx = SVSM_QUERY_RCX(99, 1);
	svsm_try(&svsm_boot_port, &r);
	check(r.rax == 0 && r.rcx == 0, "protocol 99: not there");
}

static void test_vtom(void)
{
	struct svsm_registers r = {.rax = SVSM_RAX(0, SVSM_CORE_CONFIGURE_VTOM), .rcx = 1};

	svsm_try(&svsm_boot_port, &r);
	check(r.rax == 0 && r.rcx == 0, "CONFIGURE_VTOM query: not supported");
	check_equal(CORE(SVSM_CORE_CONFIGURE_VTOM, 3, 0, 0), SVSM_ERR_INVALID_PARAMETER,
		    "a query with other bits set");
	check_equal(CORE(SVSM_CORE_CONFIGURE_VTOM, 0x20, 0, 0), SVSM_ERR_INVALID_PARAMETER,
		    "a reserved bit");
	check_equal(CORE(SVSM_CORE_CONFIGURE_VTOM, 2, 0, 0), SVSM_ERR_INVALID_REQUEST,
		    "configuring is refused");
}

static void test_pvalidate(void)
{
	gpa_t gpa = fresh_page();
	volatile uint64_t *va = window(SLOT_A, gpa, 0);
	struct trap trap;
	bool zero = true;

	psc_msr(gpa, GHCB_PSC_PRIVATE);
	trap = trap_run(read_byte, (void *)va);
	check(trap.vector == VEC_VC && trap.error == 0x404, "a fresh page is not validated");
	check_equal(svsm_validate(gpa, true), SVSM_SUCCESS, "PVALIDATE of one page");
	for (unsigned i = 0; i < 512; i++)
		zero = zero && va[i] == 0;
	check(zero, "the page is zeroed");
	va[5] = 0x1234;
	check_equal(va[5], 0x1234, "and ours to write");
	check_equal(svsm_validate(gpa, true), SVSM_ERR_PVALIDATE_NO_CHANGE,
		    "again: no change is an error");
	check_equal(va[5], 0x1234, "which leaves the data");
	check_equal(svsm_validate(gpa, false), SVSM_SUCCESS, "rescind");
	trap = trap_run(read_byte, (void *)va);
	check(trap.taken, "the page is out of reach");
	check_equal(svsm_validate(gpa, false), SVSM_ERR_PVALIDATE_NO_CHANGE, "rescind again");
	psc_msr(gpa, GHCB_PSC_SHARED);
	va = window(SLOT_A, gpa, MAP_SHARED);
	va[0] = 1;
	check_equal(va[0], 1, "it can become a shared page");
}

static void test_ignore_cf(void)
{
	gpa_t gpa;
	uint64_t entry;
	unsigned next;

	(void)private_page(SLOT_A, &gpa);
	entry = ENTRY_4K(gpa, VALIDATE | SVSM_PVALIDATE_IGNORE_CF);
	check_equal(svsm_pvalidate(&entry, 1, &next), SVSM_SUCCESS, "ignore-CF accepts no change");
	check_equal(next, 1, "and counts the entry");
}

static void test_lists(void)
{
	gpa_t pages[3] = {fresh_page(), fresh_page(), fresh_page()};
	uint64_t entries[3];
	unsigned next;

	for (unsigned i = 0; i < 3; i++) {
		psc_msr(pages[i], GHCB_PSC_PRIVATE);
		entries[i] = ENTRY_4K(pages[i], VALIDATE);
	}
	entries[1] |= 0x10; /* reserved */
	check_equal(svsm_pvalidate(entries, 3, &next), SVSM_ERR_INVALID_PARAMETER,
		    "a reserved bit in the second of three entries");
	check_equal(next, 1, "next names that entry");
	check_equal(svsm_validate(pages[0], true), SVSM_ERR_PVALIDATE_NO_CHANGE,
		    "the entry before it is done");
	entries[0] = pages[1].raw | 2 | VALIDATE;
	check_equal(svsm_pvalidate(entries, 1, &next), SVSM_ERR_INVALID_PARAMETER, "page size 2");
	entries[0] = ENTRY_2M(pages[1], VALIDATE) | PAGE_SIZE;
	check_equal(svsm_pvalidate(entries, 1, &next), SVSM_ERR_INVALID_PARAMETER,
		    "a misaligned 2 MiB entry");
	entries[0] = ENTRY_4K(pages[1], VALIDATE);
	entries[1] = ENTRY_4K(pages[2], VALIDATE);
	check_equal(svsm_pvalidate(entries, 2, &next), SVSM_SUCCESS, "two good entries");
	check_equal(next, 2, "next is the count");
}

static uint32_t list_call(uint64_t gpa, uint16_t count, uint16_t next)
{
	volatile struct svsm_page_list *list =
		(volatile struct svsm_page_list *)svsm_boot_port.caa->buffer;

	list->count = count;
	list->next = next;
	return CORE(SVSM_CORE_PVALIDATE, gpa, 0, 0);
}

static void test_list_header(void)
{
	uint64_t here = FW_CAA + 8;

	check_equal(list_call(here, 0, 0), SVSM_ERR_INVALID_PARAMETER, "a list of 0 entries");
	check_equal(list_call(here, 2, 2), SVSM_ERR_INVALID_PARAMETER, "next = count");
	check_equal(list_call(here, 2, 9), SVSM_ERR_INVALID_PARAMETER, "next > count");
	check_equal(list_call(here, 511, 0), SVSM_ERR_INVALID_PARAMETER,
		    "a list over a page's end");
	check_equal(list_call(here, 0xffff, 0), SVSM_ERR_INVALID_PARAMETER, "65535 entries");
	check_equal(list_call(here + 4, 1, 0), SVSM_ERR_INVALID_PARAMETER, "a list at 4 mod 8");
	check_equal(list_call(secrets()->svsm_base, 1, 0), SVSM_ERR_INVALID_ADDRESS,
		    "a list in the SVSM's memory");
	check_equal(list_call(0xfffffffff000, 1, 0), SVSM_ERR_INVALID_ADDRESS,
		    "a list beyond memory");
	check_equal(list_call(~7ULL, 1, 0) == SVSM_SUCCESS, 0, "a list at the end of the world");
}

static void check_entry(uint64_t entry, uint32_t expected, const char *what)
{
	unsigned next;
	uint32_t result = svsm_pvalidate(&entry, 1, &next);

	check_equal(result, expected, what);
}

static void test_foreign_pages(void)
{
	gpa_t svsm = GPA(secrets()->svsm_base);

	check_entry(ENTRY_4K(svsm, VALIDATE), SVSM_ERR_INVALID_ADDRESS, "validate the SVSM's page");
	check_entry(ENTRY_4K(svsm, 0), SVSM_ERR_INVALID_ADDRESS, "rescind the SVSM's page");
	check_entry(ENTRY_4K(GPA(svsm.raw + 5 * PAGE_SIZE), 0), SVSM_ERR_INVALID_ADDRESS,
		    "rescind a page within the SVSM");
	check_entry(ENTRY_2M(GPA(ALIGN_DOWN(svsm.raw, PAGE_2M_SIZE)), 0), SVSM_ERR_INVALID_ADDRESS,
		    "rescind 2 MiB of the SVSM");
	check_entry(ENTRY_4K(GPA(FW_CAA), 0), SVSM_ERR_INVALID_ADDRESS,
		    "rescind one's own calling area");
	check_entry(ENTRY_2M(GPA(0x800000), 0), SVSM_ERR_INVALID_ADDRESS,
		    "rescind 2 MiB that hold the calling area");
	check_entry(ENTRY_4K(GPA(0xfffffffff000), VALIDATE), SVSM_ERR_INVALID_ADDRESS,
		    "validate beyond memory");
	check_entry(ENTRY_4K(GPA(0xfee00000), VALIDATE), SVSM_ERR_INVALID_ADDRESS,
		    "validate the local APIC");
}

static struct ghcb_psc_buffer *psc_buffer(void)
{
	return (struct ghcb_psc_buffer *)(uintptr_t)(const volatile void *)ghcb->shared_buffer;
}

static void psc_2m(gpa_t gpa)
{
	struct nae n = {.code = GHCB_EXIT_PSC,
			.has_scratch = true,
			.scratch = ghcb_gpa.raw + GHCB_SHARED_BUFFER_AT};

	psc_buffer()->cur_entry = psc_buffer()->end_entry = 0;
	psc_buffer()->reserved = 0;
	psc_buffer()->entries[0] = GHCB_PSC_ENTRY(gpa.raw, GHCB_PSC_PRIVATE, true);
	nae_call(&n);
}

static void test_2m(void)
{
	gpa_t gpa = fresh_2m(), split = fresh_2m();
	uint64_t entry = ENTRY_2M(gpa, VALIDATE);
	unsigned next;

	psc_2m(gpa);
	check_equal(svsm_pvalidate(&entry, 1, &next), SVSM_SUCCESS, "PVALIDATE of 2 MiB");
	check_equal(*(volatile uint64_t *)window(SLOT_B, GPA(gpa.raw + 0x1ff000), 0), 0,
		    "its last page is ours");
	entry = ENTRY_2M(gpa, 0);
	check_equal(svsm_pvalidate(&entry, 1, &next), SVSM_SUCCESS, "rescind 2 MiB");
	for (unsigned i = 0; i < 512; i++)
		psc_msr(GPA(split.raw + i * PAGE_SIZE), GHCB_PSC_PRIVATE);
	entry = ENTRY_2M(split, VALIDATE);
	check_equal(svsm_pvalidate(&entry, 1, &next), SVSM_ERR_PVALIDATE_SIZE_MISMATCH,
		    "2 MiB of small pages: size mismatch");
	check_equal(next, 0, "next stays at the entry");
	check_equal(svsm_validate(split, true), SVSM_SUCCESS, "its first 4 KiB then work");
	check_equal(svsm_pvalidate(&entry, 1, &next) == SVSM_SUCCESS, 0,
		    "2 MiB with one valid page in it fail");
}

static void test_full_list(void)
{
	static uint64_t entries[510];
	unsigned next;

	for (unsigned i = 0; i < 510; i++) {
		gpa_t gpa = fresh_page();

		psc_msr(gpa, GHCB_PSC_PRIVATE);
		entries[i] = ENTRY_4K(gpa, VALIDATE);
	}
	check_equal(svsm_pvalidate(entries, 510, &next), SVSM_SUCCESS, "a full list of 510 pages");
	check_equal(next, 510, "all of it");
}

static void test_remap(void)
{
	gpa_t gpa, other;
	volatile struct svsm_caa *caa = private_page(SLOT_C, &gpa), *old = svsm_boot_port.caa;

	caa->call_pending = 1;
	check_equal(CORE(SVSM_CORE_REMAP_CA, gpa.raw + 8, 0, 0), SVSM_ERR_INVALID_PARAMETER,
		    "REMAP_CA unaligned");
	check_equal(CORE(SVSM_CORE_REMAP_CA, secrets()->svsm_base, 0, 0), SVSM_ERR_INVALID_ADDRESS,
		    "REMAP_CA to the SVSM's memory");
	check_equal(CORE(SVSM_CORE_REMAP_CA, fresh_page().raw, 0, 0), SVSM_ERR_INVALID_ADDRESS,
		    "REMAP_CA to a page that isn't valid");
	check_equal(CORE(SVSM_CORE_REMAP_CA, FW_CAA, 0, 0), SVSM_SUCCESS,
		    "REMAP_CA to where it is");
	check_equal(CORE(SVSM_CORE_REMAP_CA, gpa.raw, 0, 0), SVSM_SUCCESS, "REMAP_CA");
	check_equal(caa->call_pending, 0, "the new area's CALL_PENDING is clear");
	/* By its identity address: lists in it are named by GPA. */
	svsm_boot_port.caa = (volatile struct svsm_caa *)gpa.raw;
	check_equal(CORE(99, 0, 0, 0), SVSM_ERR_UNSUPPORTED_CALL, "calls go through the new one");
	check_entry(ENTRY_4K(gpa, 0), SVSM_ERR_INVALID_ADDRESS, "which can't be rescinded");
	other = GPA((uint64_t)old);
	check_entry(ENTRY_4K(other, 0), SVSM_SUCCESS, "the old one can");
	check_entry(ENTRY_4K(other, VALIDATE), SVSM_SUCCESS, "and comes back");
	check_equal(CORE(SVSM_CORE_REMAP_CA, FW_CAA, 0, 0), SVSM_SUCCESS, "REMAP_CA back");
	svsm_boot_port.caa = old;
}

static void test_deposit(void)
{
	gpa_t gpa;
	volatile struct svsm_page_list *list =
		(volatile struct svsm_page_list *)svsm_boot_port.caa->buffer;
	volatile uint8_t *va = private_page(SLOT_A, &gpa);
	volatile struct svsm_withdraw_list *given;

	list->count = 1;
	list->next = 0;
	list->entries[0] = gpa.raw | 4;
	check_equal(CORE(SVSM_CORE_DEPOSIT_MEM, FW_CAA + 8, 0, 0), SVSM_ERR_INVALID_PARAMETER,
		    "DEPOSIT_MEM: a reserved bit");
	list->entries[0] = secrets()->svsm_base;
	list->next = 0;
	check_equal(CORE(SVSM_CORE_DEPOSIT_MEM, FW_CAA + 8, 0, 0), SVSM_ERR_INVALID_ADDRESS,
		    "DEPOSIT_MEM: the SVSM's own page");
	list->entries[0] = gpa.raw;
	list->next = 0;
	check_equal(CORE(SVSM_CORE_DEPOSIT_MEM, FW_CAA + 8, 0, 0), SVSM_SUCCESS, "DEPOSIT_MEM");
	check_equal(list->next, 1, "next is behind it");
	check_entry(ENTRY_4K(gpa, 0), SVSM_ERR_INVALID_ADDRESS, "the page is the SVSM's now");
	(void)va;
	check_equal(CORE(SVSM_CORE_WITHDRAW_MEM, FW_CAA + 0xff8, 0, 0), SVSM_ERR_INVALID_PARAMETER,
		    "WITHDRAW_MEM at 0xff8 of a page");
	check_equal(CORE(SVSM_CORE_WITHDRAW_MEM, FW_CAA + 8, 0, 0), SVSM_SUCCESS, "WITHDRAW_MEM");
	given = (volatile struct svsm_withdraw_list *)svsm_boot_port.caa->buffer;
	note("withdrawn: %u pages", (unsigned)given->count);
	check(given->count <= 509, "the list stays in its page");
}

static void test_vcpu_errors(void)
{
	gpa_t vmsa, caa;
	volatile struct vmsa *v = private_page(SLOT_A, &vmsa);
	uint64_t base = secrets()->svsm_base;

	(void)private_page(SLOT_B, &caa);
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw + 8, caa.raw, 0),
		    SVSM_ERR_INVALID_PARAMETER, "CREATE_VCPU: VMSA unaligned");
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw, caa.raw + 8, 0),
		    SVSM_ERR_INVALID_PARAMETER, "CREATE_VCPU: calling area unaligned");
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw, vmsa.raw, 0), SVSM_ERR_INVALID_ADDRESS,
		    "CREATE_VCPU: one page for both");
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, base, caa.raw, 0), SVSM_ERR_INVALID_ADDRESS,
		    "CREATE_VCPU: VMSA in the SVSM");
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw, base, 0), SVSM_ERR_INVALID_ADDRESS,
		    "CREATE_VCPU: calling area in the SVSM");
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw, caa.raw, 12345),
		    SVSM_ERR_INVALID_PARAMETER, "CREATE_VCPU: no such APIC ID");
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw, caa.raw, 0), SVSM_ERR_INVALID_PARAMETER,
		    "CREATE_VCPU: a VMSA of zeros");
	*(volatile uint8_t *)v = 0x42;
	check_equal(*(volatile uint8_t *)v, 0x42, "after a refusal the page is the guest's again");
	check_equal(CORE(SVSM_CORE_DELETE_VCPU, vmsa.raw + 1, 0, 0), SVSM_ERR_INVALID_PARAMETER,
		    "DELETE_VCPU: unaligned");
	check_equal(CORE(SVSM_CORE_DELETE_VCPU, vmsa.raw, 0, 0), SVSM_ERR_INVALID_PARAMETER,
		    "DELETE_VCPU: not a VMSA");
}

struct vmsa_case {
	const char *what;
	void (*spoil)(volatile struct vmsa *v);
};

static void spoil_vmpl0(volatile struct vmsa *v)
{
	v->vmpl = 0;
}
static void spoil_vmpl1(volatile struct vmsa *v)
{
	v->vmpl = 1;
}
static void spoil_svme(volatile struct vmsa *v)
{
	v->efer &= ~(uint64_t)EFER_SVME;
}
static void spoil_restricted(volatile struct vmsa *v)
{
	v->sev_features ^= SEV_FEATURE_RESTRICTED_INJECTION;
}
static void spoil_vtom(volatile struct vmsa *v)
{
	v->sev_features ^= SEV_FEATURE_VTOM;
}
static void spoil_snp(volatile struct vmsa *v)
{
	v->sev_features ^= SEV_FEATURE_SNP;
}

static void test_vmsa_contents(void)
{
	static const struct vmsa_case cases[] = {
		{"VMPL 0", spoil_vmpl0},     {"VMPL 1, above the caller's", spoil_vmpl1},
		{"EFER.SVME 0", spoil_svme}, {"restricted injection", spoil_restricted},
		{"vTOM", spoil_vtom},        {"no SNP", spoil_snp},
	};
	gpa_t vmsa, caa;
	volatile struct vmsa *v = private_page(SLOT_A, &vmsa);

	(void)private_page(SLOT_B, &caa);
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		vmsa_fill(v, 2, 0x1000, 0);
		v->sev_features = read_msr(MSR_SEV_STATUS) >> SEV_STATUS_FEATURES_SHIFT;
		cases[i].spoil(v);
		check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw, caa.raw, 0),
			    SVSM_ERR_INVALID_PARAMETER, cases[i].what);
	}
	vmsa_fill(v, 2, 0x1000, 0);
	v->sev_features = read_msr(MSR_SEV_STATUS) >> SEV_STATUS_FEATURES_SHIFT;
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw, caa.raw, 0), SVSM_SUCCESS,
		    "CREATE_VCPU of a good VMSA for the CPU that runs");
	check_entry(ENTRY_4K(vmsa, 0), SVSM_ERR_INVALID_ADDRESS, "its VMSA can't be rescinded");
	check_entry(ENTRY_4K(caa, 0), SVSM_ERR_INVALID_ADDRESS, "nor its calling area");
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, vmsa.raw, caa.raw, 0), SVSM_ERR_INVALID_ADDRESS,
		    "CREATE_VCPU again with the same VMSA");
}

void micro_main(void)
{
	test_secrets();
	test_convention();
	test_spurious_entry();
	test_query();
	test_vtom();
	test_pvalidate();
	test_ignore_cf();
	test_lists();
	test_list_header();
	test_foreign_pages();
	test_2m();
	test_full_list();
	test_remap();
	test_deposit();
	test_vcpu_errors();
	test_vmsa_contents();
}

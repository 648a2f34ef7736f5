/* SPDX-License-Identifier: MIT */
/* GHCB page events, good and bad (GHCB 4.1, ghcb 4 to 6). */
#include "micro.h"
#include "sevabi/msr.h"
#include "sevabi/svm_exit.h"

static void check_malformed(const struct nae *n, uint64_t sub_code, const char *what)
{
	check((n->info1 & 0xffffffff) == GHCB_RESULT_MALFORMED && n->info2 == sub_code, "%s", what);
	if ((n->info1 & 0xffffffff) != GHCB_RESULT_MALFORMED || n->info2 != sub_code)
		note("info1 0x%lx info2 0x%lx", n->info1, n->info2);
}

static void test_cpuid(void)
{
	struct nae n = {.code = SVM_EXIT_CPUID, .has_rax = true, .has_rcx = true};

	nae_call(&n);
	check_equal(n.info1, 0, "CPUID: no error");
	check_equal(n.rbx, 0x68747541, "CPUID 0 EBX");
	check(ghcb_is_valid(GHCB_VALID_RAX) && ghcb_is_valid(GHCB_VALID_RBX) &&
		      ghcb_is_valid(GHCB_VALID_RCX) && ghcb_is_valid(GHCB_VALID_RDX),
	      "the answer marks RAX, RBX, RCX, RDX valid");
	n = (struct nae){.code = SVM_EXIT_CPUID, .has_rax = true};
	nae_call(&n);
	check_malformed(&n, GHCB_MALFORMED_MISSING_INPUT, "CPUID without RCX: missing input");
}

static struct nae ioio(uint16_t port, uint32_t flags, uint64_t rax)
{
	struct nae n = {.code = SVM_EXIT_IOIO, .has_rax = !(flags & GHCB_IOIO_IN), .rax = rax};

	n.info1 = (uint32_t)port << GHCB_IOIO_PORT_SHIFT | flags | GHCB_IOIO_ADDR_64;
	return n;
}

static void test_ioio(void)
{
	struct nae n = ioio(0x70, GHCB_IOIO_SIZE_8, 0x0a);

	nae_call(&n);
	check_equal(n.info1, 0, "OUT to the CMOS index");
	n = ioio(0x71, GHCB_IOIO_SIZE_8 | GHCB_IOIO_IN, 0);
	nae_call(&n);
	check((n.rax & 0x7f) == 0x26, "IN of CMOS register A");
	n = ioio(0xcf8, GHCB_IOIO_SIZE_32, 0x80000000);
	nae_call(&n);
	n = ioio(0xcfc, GHCB_IOIO_SIZE_32 | GHCB_IOIO_IN, 0);
	nae_call(&n);
	check_equal(n.rax & 0xffff, 0x8086, "IN of 32 bit: the host bridge's vendor");
	n = ioio(0x80, GHCB_IOIO_SIZE_8, 0);
	n.has_rax = false;
	nae_call(&n);
	check_malformed(&n, GHCB_MALFORMED_MISSING_INPUT, "OUT without RAX: missing input");
}

static uint8_t *buffer(void)
{
	return (uint8_t *)(uintptr_t)(const volatile void *)ghcb->shared_buffer;
}

static void test_string_io(void)
{
	struct nae n = ioio(0x510, GHCB_IOIO_SIZE_16, 0); /* fw_cfg: select the signature */

	nae_call(&n);
	n = ioio(0x511, GHCB_IOIO_SIZE_8 | GHCB_IOIO_IN | GHCB_IOIO_STRING | GHCB_IOIO_REP, 0);
	n.info2 = 4;
	n.has_scratch = true;
	n.scratch = ghcb_gpa.raw + GHCB_SHARED_BUFFER_AT;
	nae_call(&n);
	check_equal(n.info1, 0, "REP INSB");
	check(buffer()[0] == 'Q' && buffer()[1] == 'E' && buffer()[2] == 'M' && buffer()[3] == 'U',
	      "reads fw_cfg's signature");
	n = ioio(0x511, GHCB_IOIO_SIZE_8 | GHCB_IOIO_IN | GHCB_IOIO_STRING | GHCB_IOIO_REP, 0);
	n.info2 = 4;
	nae_call(&n);
	check_malformed(&n, GHCB_MALFORMED_MISSING_INPUT,
			"string I/O without scratch: missing input");
	n.code = SVM_EXIT_IOIO;
	n.info1 = 0x511U << 16 | GHCB_IOIO_SIZE_8 | GHCB_IOIO_IN | GHCB_IOIO_STRING | GHCB_IOIO_REP;
	n.info2 = GHCB_SHARED_BUFFER_SIZE + 1;
	n.has_scratch = true;
	n.scratch = ghcb_gpa.raw + GHCB_SHARED_BUFFER_AT;
	nae_call(&n);
	check_malformed(&n, GHCB_MALFORMED_INVALID_SCRATCH,
			"more than the buffer: invalid scratch");
	n.code = SVM_EXIT_IOIO;
	n.info1 = 0x511U << 16 | GHCB_IOIO_SIZE_8 | GHCB_IOIO_IN | GHCB_IOIO_STRING | GHCB_IOIO_REP;
	n.info2 = 4;
	n.scratch = ghcb_gpa.raw + 0x100;
	nae_call(&n);
	check_malformed(&n, GHCB_MALFORMED_INVALID_SCRATCH, "scratch over the header: invalid");
}

static void test_msr(void)
{
	struct nae n = {.code = SVM_EXIT_MSR, .has_rcx = true, .rcx = MSR_APIC_BASE};

	nae_call(&n);
	check_equal(n.info1, 0, "RDMSR of the APIC base");
	check_equal(n.rax & 0xfffff000, 0xfee00000, "is 0xfee00000");
	n = (struct nae){.code = SVM_EXIT_MSR, .has_rcx = true, .rcx = 0xdeadbeef};
	nae_call(&n);
	check_equal(n.info1 & 0xffffffff, GHCB_RESULT_EXCEPTION, "an unknown MSR: exception");
	check_equal(n.info2 & 0xffffffff, 0x80000b0d, "#GP with error code");
	n = (struct nae){.code = SVM_EXIT_MSR, .info1 = 1, .has_rcx = true, .rcx = MSR_APIC_BASE};
	nae_call(&n);
	check_malformed(&n, GHCB_MALFORMED_MISSING_INPUT, "WRMSR without RAX, RDX: missing input");
}

static void test_mmio(void)
{
	struct nae n = {.code = GHCB_EXIT_MMIO_WRITE,
			.info1 = 0xfec00000,
			.info2 = 4,
			.has_scratch = true,
			.scratch = ghcb_gpa.raw + GHCB_SHARED_BUFFER_AT};

	*(volatile uint32_t *)buffer() = 1; /* IOAPIC version */
	nae_call(&n);
	check_equal(n.info1, 0, "MMIO write to the IOAPIC's index");
	n.code = GHCB_EXIT_MMIO_READ;
	n.info1 = 0xfec00010;
	n.info2 = 4;
	nae_call(&n);
	check_equal(*(volatile uint32_t *)buffer() & 0xff, 0x20, "MMIO read: IOAPIC version 0x20");
	n.info1 = 0xfec00010;
	n.info2 = 0;
	nae_call(&n);
	check((n.info1 & 0xffffffff) == GHCB_RESULT_MALFORMED, "MMIO of 0 bytes: malformed");
}

static void test_framing(void)
{
	struct nae n = {.code = 0x80001234};

	nae_call(&n);
	check_malformed(&n, GHCB_MALFORMED_INVALID_EVENT, "an unknown event");
	ghcb_clear_valid();
	ghcb->sw_exitcode = GHCB_EXIT_FEATURES;
	vmgexit();
	check((ghcb->sw_exitinfo1 & 0xffffffff) == GHCB_RESULT_MALFORMED &&
		      ghcb->sw_exitinfo2 == GHCB_MALFORMED_MISSING_INPUT,
	      "an exit code that isn't marked valid: missing input");
	ghcb->usage = 1;
	ghcb_clear_valid();
	ghcb_set_valid(GHCB_VALID_SW_EXITCODE);
	ghcb_set_valid(GHCB_VALID_SW_EXITINFO1);
	ghcb_set_valid(GHCB_VALID_SW_EXITINFO2);
	vmgexit();
	check((ghcb->sw_exitinfo1 & 0xffffffff) == GHCB_RESULT_MALFORMED &&
		      ghcb->sw_exitinfo2 == GHCB_MALFORMED_INVALID_USAGE,
	      "an unknown usage: invalid usage");
	ghcb->usage = 0;
	n = (struct nae){.code = GHCB_EXIT_FEATURES};
	nae_call(&n);
	check((n.info2 & GHCB_FEATURE_SNP) != 0, "features by the page");
	check_equal(n.info2, GHCB_MSR_DATA(ghcb_msr(GHCB_MSR_FEATURES_REQ)), "as by the MSR");
}

static struct ghcb_psc_buffer *psc(void)
{
	return (struct ghcb_psc_buffer *)buffer();
}

static uint64_t psc_call(uint16_t first, uint16_t last)
{
	struct nae n = {.code = GHCB_EXIT_PSC,
			.has_scratch = true,
			.scratch = ghcb_gpa.raw + GHCB_SHARED_BUFFER_AT};

	psc()->cur_entry = first;
	psc()->end_entry = last;
	psc()->reserved = 0;
	nae_call(&n);
	return n.info2;
}

static void test_psc(void)
{
	gpa_t pages[3] = {fresh_page(), fresh_page(), fresh_page()};

	for (unsigned i = 0; i < 3; i++)
		psc()->entries[i] = GHCB_PSC_ENTRY(pages[i].raw, GHCB_PSC_PRIVATE, false);
	check_equal(psc_call(0, 2), 0, "PSC of three pages");
	check_equal(psc()->cur_entry, 3, "cur_entry is behind the last");
	check_equal(psc()->entries[0] & GHCB_PSC_ENTRY_CUR_MASK, 1,
		    "a finished 4 KiB entry says 1");
	check(!pvalidate(window(0, pages[2], 0), RMP_PAGE_4K, 1).cf, "the third page is private");
	check_equal(psc_call(0, GHCB_PSC_MAX_ENTRIES), GHCB_PSC_ERROR_INVALID_HEADER,
		    "end_entry too large: invalid header");
	psc()->entries[0] =
		GHCB_PSC_ENTRY(pages[0].raw + PAGE_SIZE, GHCB_PSC_PRIVATE, true) | PAGE_SIZE;
	check_equal(psc_call(0, 0), GHCB_PSC_ERROR_INVALID_ENTRY,
		    "misaligned 2 MiB: invalid entry");
}

static void test_apic_ids(void)
{
	gpa_t page = fresh_page();
	volatile struct ghcb_apic_id_list *list = window(1, page, MAP_SHARED);
	struct nae n = {.code = GHCB_EXIT_APIC_ID_LIST, .has_rax = true};

	if (!(GHCB_MSR_DATA(ghcb_msr(GHCB_MSR_FEATURES_REQ)) & GHCB_FEATURE_APIC_ID_LIST)) {
		note("no APIC ID list offered");
		return;
	}
	nae_call(&n);
	check_equal(n.rax, 1, "APIC ID list: one page is needed");
	n = (struct nae){.code = GHCB_EXIT_APIC_ID_LIST, .has_rax = true, .rax = 1};
	n.info1 = page.raw;
	psc_msr(page, GHCB_PSC_SHARED);
	nae_call(&n);
	check(list->count >= 1 && list->ids[0] == 0, "the list begins with APIC ID 0");
}

void micro_main(void)
{
	test_cpuid();
	test_ioio();
	test_string_io();
	test_msr();
	test_mmio();
	test_framing();
	test_psc();
	test_apic_ids();
}

/* SPDX-License-Identifier: MIT */
/*
 * A guest that goes on asking for attestation while the host plays with the PSP's answers; what the
 * host does is in Husk's script (tests/attack). It prints the result of each call and, of those
 * that succeed, the evidence; whatever happened, Copra must still be there at the end.
 */
#include "sevabi/guest_msg.h"
#include "svsm.h"

#define CALLS 4

enum {
	SLOT_REPORT,
	SLOT_MANIFEST,
	SLOT_OPERATION,
};

static uint8_t *report, *manifest, *nonce;
static struct svsm_attest_op *operation;
static gpa_t report_gpa, manifest_gpa, operation_gpa;

static void print_blob(const char *name, unsigned call, const uint8_t *bytes, uint64_t size)
{
	static const char digits[] = "0123456789abcdef";
	char line[2 * 64 + 1];

	for (uint64_t at = 0; at < size; at += 64) {
		unsigned n = 0;

		for (uint64_t i = at; i < size && i < at + 64; i++) {
			line[n++] = digits[bytes[i] >> 4];
			line[n++] = digits[bytes[i] & 15];
		}
		line[n] = '\0';
		note("blob %s-%u %s", name, call, line);
	}
}

static void fill_operation(unsigned call)
{
	for (unsigned i = 0; i < 64; i++)
		nonce[i] = (uint8_t)(call + i);
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		report[i] = 0;
	*operation = (struct svsm_attest_op){
		.report_gpa = report_gpa.raw,
		.report_size = PAGE_SIZE,
		.nonce_gpa = operation_gpa.raw + 1024,
		.nonce_size = 64,
		.manifest_gpa = manifest_gpa.raw,
		.manifest_size = PAGE_SIZE,
	};
}

/* One logical call: repeated while the SVSM asks for it, as Linux does, for ever. */
static void attest(unsigned call)
{
	struct svsm_registers r;
	uint32_t result;

	fill_operation(call);
	do {
		r = (struct svsm_registers){
			.rax = SVSM_RAX(SVSM_PROTOCOL_ATTESTATION, SVSM_ATTEST_SERVICES),
			.rcx = operation_gpa.raw};
		svsm_try(&svsm_boot_port, &r);
		result = (uint32_t)r.rax;
	} while (svsm_boot_port.not_called || result == SVSM_ERR_BUSY ||
		 result == SVSM_ERR_INCOMPLETE);
	note("call %u result %lx", call, (uint64_t)result);
	if (result != SVSM_SUCCESS)
		return;
	print_blob("report", call, report, r.r8);
	print_blob("manifest", call, manifest, r.rcx);
	print_blob("nonce", call, nonce, 64);
}

static void test_alive(void)
{
	struct svsm_registers r = {.rax = SVSM_RAX(0, SVSM_CORE_QUERY_PROTOCOL),
				   .rcx = SVSM_QUERY_RCX(SVSM_PROTOCOL_CORE, 1)};
	gpa_t page = fresh_page();

	svsm_try(&svsm_boot_port, &r);
	check_equal(r.rcx, SVSM_QUERY_RESULT(1, 1), "the core protocol answers");
	psc_msr(page, GHCB_PSC_PRIVATE);
	check_equal(svsm_validate(page, true), SVSM_SUCCESS, "pages are validated");
}

void micro_main(void)
{
	report = private_page(SLOT_REPORT, &report_gpa);
	manifest = private_page(SLOT_MANIFEST, &manifest_gpa);
	operation = private_page(SLOT_OPERATION, &operation_gpa);
	nonce = (uint8_t *)operation + 1024;
	for (unsigned call = 1; call <= CALLS; call++)
		attest(call);
	test_alive();
}

/* SPDX-License-Identifier: MIT */
/*
 * The attestation protocol as a guest uses it (SVSM 5). What it gets it prints as "# blob" lines,
 * for tests/attest/run, which has it verified outside.
 */
#include "sevabi/guest_msg.h"
#include "svsm.h"

#define CERT_PAGES 4

/* Window slots: one page each, the certificates in a row. */
enum {
	SLOT_REPORT,
	SLOT_MANIFEST,
	SLOT_NONCE,
	SLOT_OPERATION,
	SLOT_CERTS,
};

static struct {
	gpa_t report_gpa, manifest_gpa, nonce_gpa, operation_gpa, certs_gpa;
	uint8_t *report, *manifest, *nonce, *certs;
	struct svsm_attest_single_op *operation;
} buffers;

static void make_buffers(void)
{
	buffers.report = private_page(SLOT_REPORT, &buffers.report_gpa);
	buffers.manifest = private_page(SLOT_MANIFEST, &buffers.manifest_gpa);
	buffers.nonce = private_page(SLOT_NONCE, &buffers.nonce_gpa);
	buffers.operation = private_page(SLOT_OPERATION, &buffers.operation_gpa);
	buffers.certs = private_page(SLOT_CERTS, &buffers.certs_gpa);
	for (unsigned i = 1; i < CERT_PAGES; i++) {
		gpa_t next;

		private_page(SLOT_CERTS + i, &next);
		check_equal(next.raw, buffers.certs_gpa.raw + i * PAGE_SIZE,
			    "certificate pages lie in a row");
	}
	for (unsigned i = 0; i < 64; i++)
		buffers.nonce[i] = (uint8_t)(3 * i + 1);
}

static void fill_operation(void)
{
	*buffers.operation = (struct svsm_attest_single_op){
		.common = {.report_gpa = buffers.report_gpa.raw,
			   .report_size = PAGE_SIZE,
			   .nonce_gpa = buffers.nonce_gpa.raw,
			   .nonce_size = 64,
			   .manifest_gpa = buffers.manifest_gpa.raw,
			   .manifest_size = PAGE_SIZE,
			   .certs_gpa = buffers.certs_gpa.raw,
			   .certs_size = CERT_PAGES * PAGE_SIZE},
		.service = SVSM_GUID_SERVICE_VTPM,
	};
}

/* The call, repeated while the SVSM asks for it; registers as they come back. */
static struct svsm_registers attest(uint32_t call)
{
	struct svsm_registers r;
	uint32_t result;

	do {
		r = (struct svsm_registers){.rax = SVSM_RAX(SVSM_PROTOCOL_ATTESTATION, call),
					    .rcx = buffers.operation_gpa.raw,
					    .rdx = ~0ULL,
					    .r8 = ~0ULL};
		svsm_try(&svsm_boot_port, &r);
		result = (uint32_t)r.rax;
	} while (svsm_boot_port.not_called || result == SVSM_ERR_BUSY ||
		 result == SVSM_ERR_INCOMPLETE);
	return r;
}

static void print_blob(const char *name, const uint8_t *bytes, uint64_t size)
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
		note("blob %s %s", name, line);
	}
}

static void test_protocol(void)
{
	struct svsm_registers r = {.rax = SVSM_RAX(0, SVSM_CORE_QUERY_PROTOCOL),
				   .rcx = SVSM_QUERY_RCX(SVSM_PROTOCOL_ATTESTATION, 1)};

	svsm_try(&svsm_boot_port, &r);
	check_equal(r.rcx, SVSM_QUERY_RESULT(1, 1), "protocol 1, version 1 is there");
	r = attest(2);
	check((uint32_t)r.rax == SVSM_ERR_UNSUPPORTED_PROTOCOL ||
		      (uint32_t)r.rax == SVSM_ERR_UNSUPPORTED_CALL,
	      "an unknown call is refused");
}

static void test_all_services(void)
{
	struct svsm_registers r;

	fill_operation();
	r = attest(SVSM_ATTEST_SERVICES);
	check_equal((uint32_t)r.rax, SVSM_SUCCESS, "all services");
	check_equal(r.r8, REPORT_SIZE, "R8 is the report's size");
	check(r.rcx >= sizeof(struct svsm_manifest_header) && r.rcx <= PAGE_SIZE,
	      "RCX is the manifest's size");
	check(r.rdx <= CERT_PAGES * PAGE_SIZE, "RDX is the certificates' size");
	if ((uint32_t)r.rax != SVSM_SUCCESS)
		return;
	print_blob("report", buffers.report, r.r8);
	print_blob("manifest", buffers.manifest, r.rcx);
	print_blob("certs", buffers.certs, r.rdx);
	print_blob("nonce", buffers.nonce, 64);
}

/* The vTPM's own; an image without services has none. */
static void test_single_service(void)
{
	struct svsm_registers r;

	fill_operation();
	r = attest(SVSM_ATTEST_SINGLE_SERVICE);
	if ((uint32_t)r.rax != SVSM_SUCCESS) {
		check_equal((uint32_t)r.rax, SVSM_ERR_UNSUPPORTED_PROTOCOL,
			    "a service that is not there");
		return;
	}
	print_blob("single-report", buffers.report, r.r8);
	print_blob("single-manifest", buffers.manifest, r.rcx);
	fill_operation();
	buffers.operation->service.bytes[0] ^= 1;
	r = attest(SVSM_ATTEST_SINGLE_SERVICE);
	check_equal((uint32_t)r.rax, SVSM_ERR_UNSUPPORTED_PROTOCOL, "an unknown service");
	fill_operation();
	buffers.operation->manifest_version = 1;
	r = attest(SVSM_ATTEST_SINGLE_SERVICE);
	check((uint32_t)r.rax != SVSM_SUCCESS, "an unknown manifest version");
}

static void refused(uint32_t expected, const char *what)
{
	struct svsm_registers r = attest(SVSM_ATTEST_SERVICES);

	check_equal((uint32_t)r.rax, expected, what);
	fill_operation();
}

static void test_refusals(void)
{
	struct svsm_attest_op *op = &buffers.operation->common;

	fill_operation();
	op->reserved_0c = 1;
	refused(SVSM_ERR_INVALID_PARAMETER, "a reserved field that is set");
	op->report_gpa += 8;
	refused(SVSM_ERR_INVALID_PARAMETER, "an unaligned report buffer");
	op->manifest_gpa += 8;
	refused(SVSM_ERR_INVALID_PARAMETER, "an unaligned manifest buffer");
	op->certs_gpa += 8;
	refused(SVSM_ERR_INVALID_PARAMETER, "an unaligned certificate buffer");
	op->nonce_size = 0;
	refused(SVSM_ERR_INVALID_PARAMETER, "no nonce");
	op->report_gpa = secrets()->svsm_base;
	refused(SVSM_ERR_INVALID_ADDRESS, "a report into the SVSM's memory");
	op->nonce_gpa = secrets()->svsm_base;
	refused(SVSM_ERR_INVALID_ADDRESS, "a nonce out of the SVSM's memory");
}

static void test_sizes(void)
{
	struct svsm_registers r;

	fill_operation();
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		buffers.report[i] = 0xee;
	buffers.operation->common.report_size = REPORT_SIZE - 1;
	buffers.operation->common.manifest_size = 0;
	buffers.operation->common.certs_size = 0;
	r = attest(SVSM_ATTEST_SERVICES);
	check_equal((uint32_t)r.rax, SVSM_ERR_INVALID_PARAMETER, "buffers that are too small");
	check_equal(r.r8, REPORT_SIZE, "R8 says what the report needs");
	check(r.rcx >= sizeof(struct svsm_manifest_header) && r.rcx <= PAGE_SIZE,
	      "RCX says what the manifest needs");
	check_equal(buffers.report[0], 0xee, "nothing was written");
}

void micro_main(void)
{
	make_buffers();
	test_protocol();
	test_all_services();
	test_single_service();
	test_refusals();
	test_sizes();
}

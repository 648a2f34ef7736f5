/* SPDX-License-Identifier: MIT */
/* The attestation protocol against a modelled guest, services and PSP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mbedtls/sha512.h>

#include "kernel/attest.h"
#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/guest.h"
#include "kernel/psp.h"
#include "kernel/service.h"
#include "sevabi/svsm.h"

/* --- The model: 64 KiB of guest memory from GPA 0, and what the others answer --------------- */
static uint8_t memory[0x10000];
static uint64_t now_ns;
static bool no_memory;
static unsigned reads;

static struct service_manifest services[SERVICE_MANIFEST_MAX];
static size_t service_count;
static enum service_status service_status;
static uint8_t service_data[64];

static enum error psp_error;
static unsigned psp_calls;
static uint8_t psp_data[64];
static bool psp_certs_wanted;
static uint32_t psp_pages_needed;

enum error guest_read(void *to, gpa_t from, size_t size)
{
	reads++;
	if (from.raw + size > sizeof(memory) || from.raw + size < size)
		return ERR_RANGE;
	memcpy(to, memory + from.raw, size);
	return OK;
}

enum error guest_write(gpa_t to, const void *from, size_t size)
{
	if (to.raw + size > sizeof(memory) || to.raw + size < size)
		return ERR_RANGE;
	memcpy(memory + to.raw, from, size);
	return OK;
}

uint64_t clock_ns(void)
{
	return now_ns;
}

void *kalloc(size_t size)
{
	return no_memory ? NULL : calloc(1, size);
}

void kfree(void *block)
{
	free(block);
}

size_t service_manifest_list(struct service_manifest *out, size_t max)
{
	assert_true(service_count <= max);
	memcpy(out, services, service_count * sizeof(services[0]));
	return service_count;
}

enum service_status service_manifest_read(struct service_slot *slot, const uint8_t guid[16],
					  uint32_t version, uint8_t *out, uint32_t *size)
{
	(void)slot;
	(void)version;
	if (service_status != SERVICE_ANSWERED)
		return service_status;
	assert_true(*size >= sizeof(service_data));
	memcpy(out, service_data, sizeof(service_data));
	out[0] = guid[0];
	*size = sizeof(service_data);
	return SERVICE_ANSWERED;
}

enum error psp_report(const uint8_t report_data[64], uint32_t vmpl,
		      struct attestation_report *report, struct psp_certs *certs,
		      uint64_t deadline_ns)
{
	assert_int_equal(vmpl, 0);
	assert_true(deadline_ns > now_ns);
	psp_calls++;
	memcpy(psp_data, report_data, 64);
	psp_certs_wanted = certs != NULL;
	if (psp_error == ERR_RANGE && certs != NULL)
		certs->pages = psp_pages_needed;
	if (psp_error != OK)
		return psp_error;
	memset(report, 0, sizeof(*report));
	memcpy(report->report_data, report_data, 64);
	if (certs && certs->pages)
		memset(certs->buffer, 0xce, 100);
	return OK;
}

/* --- The guest --------------------------------------------------------------------------- */
#define OP       0x1008
#define REPORT   0x2000
#define NONCE    0x3ff0 /* crosses a page */
#define MANIFEST 0x5000
#define CERTS    0x8000

static struct attest_slot attest;
static struct svsm_attest_single_op op;
static struct attest_request last;
static const struct guid vtpm = SVSM_GUID_SERVICE_VTPM;
static const struct guid mm = SVSM_GUID_SERVICE_MM;
static const struct guid all = SVSM_GUID_MANIFEST;

static int setup(void **state)
{
	(void)state;
	attest_forget(&attest);
	attest = (struct attest_slot){0};
	memset(memory, 0, sizeof(memory));
	memset(memory + NONCE, 0x17, 64);
	now_ns = 1000000000ULL * 3600;
	no_memory = false;
	psp_error = OK;
	psp_calls = reads = 0;
	service_status = SERVICE_ANSWERED;
	memset(service_data, 0xd0, sizeof(service_data));
	service_count = 2;
	memset(services, 0, sizeof(services));
	memcpy(services[0].guid, vtpm.bytes, 16);
	memcpy(services[1].guid, mm.bytes, 16);
	op = (struct svsm_attest_single_op){
		.common = {.report_gpa = REPORT,
			   .report_size = 0x800,
			   .nonce_gpa = NONCE,
			   .nonce_size = 64,
			   .manifest_gpa = MANIFEST,
			   .manifest_size = 0x1000,
			   .certs_gpa = CERTS},
		.service = vtpm,
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	attest_forget(&attest);
	return 0;
}

static uint32_t call_at(uint32_t call, uint64_t rcx)
{
	memcpy(memory + OP, &op, sizeof(op));
	last = (struct attest_request){.attest = &attest, .call = call, .rcx = rcx};
	return attest_handle(&last);
}

static uint32_t attest_all(void)
{
	return call_at(SVSM_ATTEST_SERVICES, OP);
}

static uint32_t attest_single(void)
{
	return call_at(SVSM_ATTEST_SINGLE_SERVICE, OP);
}

static void check_report_data(size_t manifest_size)
{
	uint8_t expected[64];
	uint8_t text[0x2000];

	memset(text, 0x17, 64);
	memcpy(text + 64, memory + MANIFEST, manifest_size);
	assert_int_equal(mbedtls_sha512(text, 64 + manifest_size, expected, 0), 0);
	assert_memory_equal(expected, psp_data, 64);
	assert_memory_equal(memory + REPORT + 0x50, expected, 64);
}

static void test_all_services(void **state)
{
	struct svsm_manifest_header header;
	struct svsm_manifest_entry entry;

	(void)state;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
	assert_true(last.lengths);
	assert_int_equal(last.rcx, 24 + 2 * 24 + 2 * 64);
	assert_int_equal(last.rdx, 0);
	assert_int_equal(last.r8, 0x4a0);
	memcpy(&header, memory + MANIFEST, sizeof(header));
	assert_memory_equal(header.guid.bytes, all.bytes, 16);
	assert_int_equal(header.size, last.rcx);
	assert_int_equal(header.count, 2);
	memcpy(&entry, memory + MANIFEST + 48, sizeof(entry));
	assert_memory_equal(entry.service.bytes, mm.bytes, 16);
	assert_int_equal(entry.size, 64);
	assert_int_equal(entry.offset, 24 + 48 + 64);
	assert_int_equal(memory[MANIFEST + entry.offset], mm.bytes[0]);
	check_report_data(last.rcx);
	assert_null(attest.call);
}

static void test_no_services(void **state)
{
	(void)state;
	service_count = 0;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
	assert_int_equal(last.rcx, 24);
	check_report_data(24);
}

static void test_single_service(void **state)
{
	(void)state;
	assert_int_equal(attest_single(), SVSM_SUCCESS);
	assert_int_equal(last.rcx, 64);
	assert_int_equal(memory[MANIFEST], vtpm.bytes[0]);
	check_report_data(64);
}

static void test_unknown(void **state)
{
	(void)state;
	op.service.bytes[3] ^= 1;
	assert_int_equal(attest_single(), SVSM_ERR_UNSUPPORTED_PROTOCOL);
	assert_int_equal(call_at(2, OP), SVSM_ERR_UNSUPPORTED_CALL);
	setup(state);
	op.manifest_version = 1;
	assert_int_equal(attest_single(), SVSM_ERR_INVALID_PARAMETER);
	assert_int_equal(psp_calls, 0);
}

static void test_bad_fields(void **state)
{
	uint32_t *reserved[] = {&op.common.reserved_0c, &op.common.reserved_2c,
				&op.common.reserved_3c, &op.reserved_54};
	uint64_t *gpas[] = {&op.common.report_gpa, &op.common.manifest_gpa};

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		setup(state);
		*reserved[i] = 0x8000;
		assert_int_equal(attest_single(), SVSM_ERR_INVALID_PARAMETER);
	}
	for (size_t i = 0; i < ARRAY_SIZE(gpas); i++) {
		setup(state);
		*gpas[i] += 8;
		assert_int_equal(attest_all(), SVSM_ERR_INVALID_PARAMETER);
	}
	setup(state);
	op.common.reserved_1a[5] = 1;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_PARAMETER);
	setup(state);
	op.common.nonce_size = 0;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_PARAMETER);
	op.common.nonce_size = 4097;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_PARAMETER);
	assert_int_equal(call_at(SVSM_ATTEST_SERVICES, OP + 4), SVSM_ERR_INVALID_PARAMETER);
	assert_int_equal(psp_calls, 0);
}

static void test_bad_addresses(void **state)
{
	(void)state;
	assert_int_equal(call_at(SVSM_ATTEST_SERVICES, 0xffff8), SVSM_ERR_INVALID_ADDRESS);
	assert_int_equal(call_at(SVSM_ATTEST_SERVICES, ~7ULL), SVSM_ERR_INVALID_ADDRESS);
	op.common.nonce_gpa = ~0ULL - 8;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_ADDRESS);
	setup(state);
	op.common.report_gpa = 0x100000;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_ADDRESS);
}

static void test_short_buffers(void **state)
{
	(void)state;
	op.common.manifest_size = 100;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_PARAMETER);
	assert_true(last.lengths);
	assert_int_equal(last.rcx, 200);
	assert_int_equal(last.r8, 0x4a0);
	assert_int_equal(memory[MANIFEST], 0);
	op.common.manifest_size = 200;
	op.common.report_size = 0x49f;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_PARAMETER);
	assert_int_equal(psp_calls, 0);
	op.common.report_size = 0x4a0;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
}

static void test_certificates(void **state)
{
	(void)state;
	op.common.certs_size = 0x2000;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
	assert_int_equal(last.rdx, 0x2000);
	assert_int_equal(memory[CERTS], 0xce);
	psp_error = ERR_RANGE;
	psp_pages_needed = 3;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_PARAMETER);
	assert_int_equal(last.rdx, 3 * 4096);
	assert_int_equal(last.rcx, 200);
	psp_error = OK;
	op.common.certs_size = 100;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
	assert_true(psp_certs_wanted);
	assert_int_equal(last.rdx, 0);
}

/* What was read is what counts, whatever the guest writes there between two entries. */
static void test_repetition_reads_nothing_again(void **state)
{
	unsigned before;

	(void)state;
	service_status = SERVICE_PENDING;
	assert_int_equal(attest_all(), SVSM_ERR_INCOMPLETE);
	before = reads;
	op.common.report_gpa = 0x123;
	assert_int_equal(attest_all(), SVSM_ERR_INCOMPLETE);
	service_status = SERVICE_ANSWERED;
	psp_error = ERR_BUSY;
	assert_int_equal(attest_all(), SVSM_ERR_BUSY);
	assert_int_equal(attest_all(), SVSM_ERR_BUSY);
	psp_error = OK;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
	assert_int_equal(reads, before);
	check_report_data(200);
}

static void test_another_call_drops_the_first(void **state)
{
	(void)state;
	service_status = SERVICE_PENDING;
	assert_int_equal(attest_all(), SVSM_ERR_INCOMPLETE);
	service_status = SERVICE_ANSWERED;
	assert_int_equal(attest_single(), SVSM_SUCCESS);
	assert_int_equal(last.rcx, 64);
}

static void test_endless_busy_ends(void **state)
{
	unsigned tries = 0;
	uint32_t result;

	(void)state;
	psp_error = ERR_BUSY;
	do {
		result = attest_all();
		now_ns += 20000000;
		tries++;
	} while (result == SVSM_ERR_BUSY && tries < 100000);
	assert_int_equal(result, SVSM_ERR_INVALID_REQUEST);
	psp_error = OK;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
}

static void test_flood_is_limited(void **state)
{
	unsigned done = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		done += attest_all() == SVSM_SUCCESS;
	assert_in_range(done, 1, 20);
	now_ns += 1000000000ULL;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
}

static void test_failures(void **state)
{
	static const enum error errors[] = {ERR_IO, ERR_PLATFORM, ERR_CLOSED};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		setup(state);
		psp_error = errors[i];
		assert_int_equal(attest_all(), SVSM_ERR_INVALID_REQUEST);
		assert_false(last.lengths);
		assert_null(attest.call);
	}
	setup(state);
	service_status = SERVICE_FAILED;
	assert_int_equal(attest_all(), SVSM_ERR_INVALID_REQUEST);
	setup(state);
	no_memory = true;
	assert_int_equal(attest_all() & ~SVSM_NEED_MEMORY_MASK, SVSM_NEED_MEMORY);
	no_memory = false;
	assert_int_equal(attest_all(), SVSM_SUCCESS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_services),
		TEST(test_no_services),
		TEST(test_single_service),
		TEST(test_unknown),
		TEST(test_bad_fields),
		TEST(test_bad_addresses),
		TEST(test_short_buffers),
		TEST(test_certificates),
		TEST(test_repetition_reads_nothing_again),
		TEST(test_another_call_drops_the_first),
		TEST(test_endless_busy_ends),
		TEST(test_flood_is_limited),
		TEST(test_failures),
	};

	return cmocka_run_group_tests_name("kernel/attest", tests, NULL, NULL);
}

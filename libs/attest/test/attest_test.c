/* SPDX-License-Identifier: MIT */
/*
 * Parts of the verifier on their own. Whole evidence, good and bad, is judged in tools/verify/test,
 * by the program under the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../tpm.h"
#include "attest/attest.h"
#include "sevabi/guest_msg.h"

static const struct bytes none;

static void a_verdict_needs_a_check_and_no_failure(void **state)
{
	struct verdict verdict = {0};

	(void)state;
	assert_false(verdict_good(&verdict));
	verdict_add(&verdict, "a", CHECK_SKIP, "", "");
	assert_true(verdict_good(&verdict));
	verdict_add(&verdict, "b", CHECK_FAIL, "x", "y");
	assert_false(verdict_good(&verdict));
	assert_string_equal(verdict_find(&verdict, "b")->expected, "x");
	assert_null(verdict_find(&verdict, "c"));
}

static void too_many_checks_fail(void **state)
{
	struct verdict verdict = {0};

	(void)state;
	for (size_t i = 0; i < VERDICT_MAX_CHECKS; i++)
		verdict_add(&verdict, "a", CHECK_PASS, "", "");
	assert_true(verdict_good(&verdict));
	verdict_add(&verdict, "a", CHECK_PASS, "", "");
	assert_false(verdict_good(&verdict));
}

static void bytes_are_compared_whole(void **state)
{
	static const uint8_t a[] = {1, 2, 3}, b[] = {1, 2, 4};
	struct verdict verdict = {0};

	(void)state;
	verdict_bytes(&verdict, "same", (struct bytes){a, 3}, (struct bytes){a, 3});
	verdict_bytes(&verdict, "other", (struct bytes){a, 3}, (struct bytes){b, 3});
	verdict_bytes(&verdict, "shorter", (struct bytes){a, 2}, (struct bytes){b, 3});
	verdict_bytes(&verdict, "empty", (struct bytes){a, 3}, none);
	verdict_bytes(&verdict, "unasked", none, (struct bytes){b, 3});
	assert_int_equal(verdict_find(&verdict, "same")->result, CHECK_PASS);
	assert_int_equal(verdict_find(&verdict, "other")->result, CHECK_FAIL);
	assert_int_equal(verdict_find(&verdict, "shorter")->result, CHECK_FAIL);
	assert_int_equal(verdict_find(&verdict, "empty")->result, CHECK_FAIL);
	assert_int_equal(verdict_find(&verdict, "unasked")->result, CHECK_SKIP);
	assert_string_equal(verdict_find(&verdict, "other")->found, "010204");
}

static void long_bytes_are_cut_in_text_only(void **state)
{
	uint8_t a[512] = {0}, b[512] = {0};
	struct verdict verdict = {0};

	(void)state;
	b[511] = 1;
	verdict_bytes(&verdict, "long", (struct bytes){a, 512}, (struct bytes){b, 512});
	assert_int_equal(verdict_find(&verdict, "long")->result, CHECK_FAIL);
}

static void reports_come_raw_or_in_an_answer(void **state)
{
	struct report_rsp response = {.report_size = REPORT_SIZE, .report = {.version = 3}};
	struct bytes raw = {(const uint8_t *)&response.report, REPORT_SIZE};
	struct bytes whole = {(const uint8_t *)&response, sizeof(response)};
	struct attestation_report report;

	(void)state;
	assert_true(attest_read_report(raw, &report));
	assert_int_equal(report.version, 3);
	assert_true(attest_read_report(whole, &report));
	response.status = MSG_STATUS_INVALID_PARAMS;
	assert_false(attest_read_report(whole, &report));
	response.status = MSG_STATUS_OK;
	response.report_size--;
	assert_false(attest_read_report(whole, &report));
	raw.size--;
	assert_false(attest_read_report(raw, &report));
	assert_false(attest_read_report(none, &report));
}

static void turin_orders_its_tcb_otherwise(void **state)
{
	struct tcb_version tcb = {{1, 2, 3, 4, 5, 6, 7, 8}};
	struct attest_tcb milan = attest_tcb_of(&tcb, false);
	struct attest_tcb turin = attest_tcb_of(&tcb, true);
	struct attestation_report report = {.version = 2, .chip_id = {1}};

	(void)state;
	assert_int_equal(milan.bootloader, 1);
	assert_int_equal(milan.tee, 2);
	assert_int_equal(milan.snp, 7);
	assert_int_equal(milan.microcode, 8);
	assert_int_equal(milan.fmc, 0);
	assert_int_equal(turin.fmc, 1);
	assert_int_equal(turin.bootloader, 2);
	assert_int_equal(turin.tee, 3);
	assert_int_equal(turin.snp, 4);
	assert_int_equal(turin.microcode, 8);
	assert_true(attest_is_turin(&report));
	report.chip_id[8] = 1;
	assert_false(attest_is_turin(&report));
	report.version = 3;
	report.cpuid_family = 0x1a;
	assert_true(attest_is_turin(&report));
}

/* ECC P-256 public areas as TPM 2.0 part 2, 12.2.4 has them, coordinates of one byte. */
static const uint8_t ecc_area[] = {
	0x00, 0x23, 0x00, 0x0b, 0x00, 0x05, 0x00, 0x72, 0x00, 0x00, 0x00, 0x10, 0x00,
	0x18, 0x00, 0x0b, 0x00, 0x03, 0x00, 0x10, 0x00, 0x01, 0x55, 0x00, 0x01, 0x66,
};

static void public_areas_are_read_whole(void **state)
{
	uint8_t sized[2 + sizeof(ecc_area)] = {0, sizeof(ecc_area)};
	struct tpm_public area;

	(void)state;
	memcpy(sized + 2, ecc_area, sizeof(ecc_area));
	assert_true(tpm_read_public((struct bytes){ecc_area, sizeof(ecc_area)}, &area));
	assert_int_equal(area.attributes, 0x00050072);
	assert_int_equal(area.curve, 3);
	assert_int_equal(area.x.data[0], 0x55);
	assert_int_equal(area.y.data[0], 0x66);
	assert_true(tpm_read_public((struct bytes){sized, sizeof(sized)}, &area));
	assert_int_equal(area.area.size, sizeof(ecc_area));
	for (size_t size = 0; size < sizeof(ecc_area); size++)
		assert_false(tpm_read_public((struct bytes){ecc_area, size}, &area));
	sized[1]++;
	assert_false(tpm_read_public((struct bytes){sized, sizeof(sized)}, &area));
	assert_null(tpm_key(&area)); /* no point of the curve */
}

static void names_carry_their_hash(void **state)
{
	uint8_t name[TPM_NAME_MAX];
	struct tpm_public area;
	size_t size;

	(void)state;
	assert_true(tpm_read_public((struct bytes){ecc_area, sizeof(ecc_area)}, &area));
	tpm_name(&area, name, &size);
	assert_int_equal(size, 2 + 32);
	assert_int_equal(name[1], 0x0b);
	area.name_alg = 0x0004; /* SHA-1 */
	tpm_name(&area, name, &size);
	assert_int_equal(size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verdict_needs_a_check_and_no_failure),
		cmocka_unit_test(too_many_checks_fail),
		cmocka_unit_test(bytes_are_compared_whole),
		cmocka_unit_test(long_bytes_are_cut_in_text_only),
		cmocka_unit_test(reports_come_raw_or_in_an_answer),
		cmocka_unit_test(turin_orders_its_tcb_otherwise),
		cmocka_unit_test(public_areas_are_read_whole),
		cmocka_unit_test(names_carry_their_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Digest and VMSA rule. The expected digests were computed by hand with coreutils' sha384sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "igvm/writer.h"
#include "launch/measure.h"
#include "launch/sha384.h"
#include "sevabi/msr.h"

static void hex(const struct launch_digest *digest, char text[97])
{
	for (size_t i = 0; i < 48; i++)
		snprintf(text + 2 * i, 3, "%02x", digest->value[i]);
}

static void assert_digest(const struct launch_digest *digest, const char *expected)
{
	char text[97];

	hex(digest, text);
	assert_string_equal(text, expected);
}

static void one_zero_page(void **state)
{
	struct launch_digest digest;

	(void)state;
	launch_digest_start(&digest);
	assert_true(launch_digest_page(&digest, LAUNCH_PAGE_NORMAL, GPA(0x1000), NULL));
	assert_digest(&digest, "e6e4d78904d9d6b33c0cbfd121998fd2d11744dae606b3aee35e2a45d6869b60b35"
			       "c63928a9232bef72d6be386f48ec6");
}

static void unmeasured_page_ignores_contents(void **state)
{
	static const uint8_t page[PAGE_SIZE] = {1};
	struct launch_digest with, without;

	(void)state;
	launch_digest_start(&with);
	launch_digest_start(&without);
	assert_true(launch_digest_page(&with, LAUNCH_PAGE_UNMEASURED, GPA(0x1000), page));
	assert_true(launch_digest_page(&without, LAUNCH_PAGE_UNMEASURED, GPA(0x1000), NULL));
	assert_memory_equal(&with, &without, sizeof(with));
	assert_digest(&with, "81475a112c0223cebe1ccb31a0aa2567772871200b33515a3cbbd5ed6a68a8e630902"
			     "dd83469ea6553554bfb67111fad");
}

static void order_address_and_type_count(void **state)
{
	struct launch_digest a, b;

	(void)state;
	launch_digest_start(&a);
	launch_digest_start(&b);
	assert_true(launch_digest_page(&a, LAUNCH_PAGE_NORMAL, GPA(0x1000), NULL));
	assert_true(launch_digest_page(&b, LAUNCH_PAGE_NORMAL, GPA(0x2000), NULL));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_true(launch_digest_page(&a, LAUNCH_PAGE_NORMAL, GPA(0x2000), NULL));
	assert_true(launch_digest_page(&b, LAUNCH_PAGE_NORMAL, GPA(0x1000), NULL));
	assert_memory_not_equal(&a, &b, sizeof(a));
	launch_digest_start(&a);
	launch_digest_start(&b);
	assert_true(launch_digest_page(&a, LAUNCH_PAGE_SECRETS, GPA(0x1000), NULL));
	assert_true(launch_digest_page(&b, LAUNCH_PAGE_CPUID, GPA(0x1000), NULL));
	assert_memory_not_equal(&a, &b, sizeof(a));
}

static void add_vmsa(struct igvm_writer *writer, uint16_t index)
{
	struct igvm_vp_context vp = {.gpa = 0xfffffffff000, .mask = 1, .vp_index = index};
	struct vmsa vmsa = {.sev_features = SEV_FEATURE_SNP, .rip = 0x1000};

	igvm_writer_add(writer, IGVM_VP_CONTEXT, &vp, sizeof(vp),
			igvm_writer_data(writer, &vmsa, sizeof(vmsa)));
}

/* A file with one platform and VMSAs for the vCPUs named. */
static struct igvm_buffer make_file(uint8_t platform_type, const uint16_t *vps, size_t count)
{
	struct igvm_supported_platform platform = {
		.mask = 1, .platform_type = platform_type, .platform_version = 1};
	struct igvm_writer writer;
	struct igvm_buffer file;

	igvm_writer_init(&writer, IGVM_VERSION_2);
	igvm_writer_add(&writer, IGVM_SUPPORTED_PLATFORM, &platform, sizeof(platform),
			IGVM_NO_DATA);
	for (size_t i = 0; i < count; i++)
		add_vmsa(&writer, vps[i]);
	assert_true(igvm_writer_finish(&writer, &file));
	igvm_writer_free(&writer);
	return file;
}

static enum launch_error measure(uint8_t platform_type, const uint16_t *vps, size_t count,
				 uint32_t vcpus, struct launch_digest *digest)
{
	struct igvm_buffer buffer = make_file(platform_type, vps, count);
	struct launch_options options = {.vcpus = vcpus};
	enum launch_error error;
	struct igvm_file file;

	assert_int_equal(igvm_open(&file, buffer.bytes, buffer.size).error, IGVM_OK);
	error = launch_measure(&file, &options, digest);
	igvm_buffer_free(&buffer);
	return error;
}

static void vmsa_rule(void **state)
{
	static const uint16_t one[] = {0}, two[] = {1, 0}, gap[] = {0, 2}, twice[] = {0, 0};
	struct launch_digest a, b, c;

	(void)state;
	assert_int_equal(measure(IGVM_PLATFORM_SNP, one, 1, 0, &a), LAUNCH_OK);
	assert_int_equal(measure(IGVM_PLATFORM_SNP, one, 1, 1, &b), LAUNCH_OK);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(measure(IGVM_PLATFORM_SNP, one, 1, 2, &b), LAUNCH_OK);
	assert_int_equal(measure(IGVM_PLATFORM_SNP, two, 2, 0, &c), LAUNCH_OK);
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_memory_not_equal(&b, &c, sizeof(b));
	assert_int_equal(measure(IGVM_PLATFORM_SNP, two, 2, 1, &a), LAUNCH_ERR_VCPUS);
	assert_int_equal(measure(IGVM_PLATFORM_SNP, gap, 2, 0, &a), LAUNCH_ERR_VP_ORDER);
	assert_int_equal(measure(IGVM_PLATFORM_SNP, twice, 2, 0, &a), LAUNCH_ERR_VP_ORDER);
	assert_int_equal(measure(IGVM_PLATFORM_SNP, one, 0, 0, &a), LAUNCH_ERR_NO_VMSA);
	assert_int_equal(measure(IGVM_PLATFORM_SEV_ES, one, 1, 0, &a), LAUNCH_ERR_NO_SNP);
}

static void reset_state(void **state)
{
	struct vmsa vmsa;

	(void)state;
	launch_vmsa_reset(&vmsa, SEV_FEATURE_SNP | SEV_FEATURE_DEBUG_SWAP, 0xa00f11);
	assert_int_equal(vmsa.cs.base + vmsa.rip, 0xfffffff0);
	assert_int_equal(vmsa.efer, EFER_SVME);
	assert_int_equal(vmsa.rdx, 0xa00f11);
	assert_int_equal(vmsa.sev_features, 0x21);
	assert_int_equal(vmsa.cr0 & 0x80000001, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_zero_page),
		cmocka_unit_test(unmeasured_page_ignores_contents),
		cmocka_unit_test(order_address_and_type_count),
		cmocka_unit_test(vmsa_rule),
		cmocka_unit_test(reset_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

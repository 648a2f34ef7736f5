/* SPDX-License-Identifier: MIT */
/* The check of the boot parameters: the good block, and every way to break it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/boot.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

static bool direct_map;

bool paging_direct_ready(void)
{
	return direct_map;
}

static struct boot_params good(void)
{
	struct boot_params p = {
		.magic = BOOT_MAGIC,
		.version = BOOT_VERSION,
		.region_base = 0x8000000,
		.region_size = MIB(32),
		.loaded_size = 0x100000,
		.archive_offset = 0x80000,
		.archive_size = 12345,
		.range_count = 2,
	};

	p.ranges[0] = (struct boot_range){0x8000000, 0x2000, BOOT_RANGE_SHIM, 0};
	p.ranges[1] = (struct boot_range){0xffc00000, 0x400000, BOOT_RANGE_FIRMWARE, 0};
	return p;
}

static void test_good(void **state)
{
	struct boot_params p = good();

	(void)state;
	assert_int_equal(boot_info_init(&p, BOOT_PLATFORM_NATIVE, 0), OK);
	assert_int_equal(boot_info_init(&p, BOOT_PLATFORM_SNP, BIT(51)), OK);
	assert_int_equal(boot_info.cbit, BIT(51));
	assert_int_equal(boot_info.params.archive_size, 12345);
}

static void test_platform_and_cbit(void **state)
{
	struct boot_params p = good();

	(void)state;
	assert_int_equal(boot_info_init(&p, 1, 0), ERR_FORMAT);
	assert_int_equal(boot_info_init(&p, BOOT_PLATFORM_NATIVE, BIT(51)), ERR_FORMAT);
	assert_int_equal(boot_info_init(&p, BOOT_PLATFORM_SNP, 0), ERR_FORMAT);
	assert_int_equal(boot_info_init(&p, BOOT_PLATFORM_SNP, BIT(51) | BIT(47)), ERR_FORMAT);
}

/* One field of an otherwise good block. */
#define EXPECT_REFUSED(field, value)                                                       \
	do {                                                                               \
		struct boot_params p = good();                                             \
		p.field = (value);                                                         \
		assert_int_equal(boot_info_init(&p, BOOT_PLATFORM_NATIVE, 0), ERR_FORMAT); \
	} while (0)

static void test_broken_fields(void **state)
{
	(void)state;
	EXPECT_REFUSED(magic, 0);
	EXPECT_REFUSED(version, BOOT_VERSION + 1);
	EXPECT_REFUSED(region_base, 0x8001000);
	EXPECT_REFUSED(region_base, 0);
	EXPECT_REFUSED(region_base, GIB(4) - MIB(2));
	EXPECT_REFUSED(region_base, UINT64_MAX - MIB(2) + 1);
	EXPECT_REFUSED(region_size, 0);
	EXPECT_REFUSED(region_size, MIB(2));
	EXPECT_REFUSED(region_size, MIB(32) + 4096);
	EXPECT_REFUSED(region_size, GIB(2));
	EXPECT_REFUSED(region_size, UINT64_MAX - MIB(2) + 1);
	EXPECT_REFUSED(loaded_size, 0);
	EXPECT_REFUSED(loaded_size, 0x100001);
	EXPECT_REFUSED(loaded_size, MIB(32) + 4096);
	EXPECT_REFUSED(archive_offset, 0x100001);
	EXPECT_REFUSED(archive_size, 0x80001);
	EXPECT_REFUSED(archive_size, UINT64_MAX);
	EXPECT_REFUSED(range_count, BOOT_MAX_RANGES + 1);
	EXPECT_REFUSED(firmware_area_count, BOOT_MAX_FIRMWARE_AREAS + 1);
	EXPECT_REFUSED(ranges[0].gpa, 0x8000001);
	EXPECT_REFUSED(ranges[0].gpa, 0x7fff000);
	EXPECT_REFUSED(ranges[0].size, 0x2001);
	EXPECT_REFUSED(ranges[0].size, MIB(32) + 4096);
	EXPECT_REFUSED(ranges[1].size, UINT64_MAX - 0xfff);
}

static void test_region_pointer(void **state)
{
	struct boot_params p = good();

	(void)state;
	assert_int_equal(boot_info_init(&p, BOOT_PLATFORM_NATIVE, 0), OK);
	assert_int_equal((uint64_t)boot_region_pointer(0x1000, 1), LAYOUT_IMAGE_BASE + 0x1000);
	direct_map = true;
	assert_int_equal((uint64_t)boot_region_pointer(0x1000, 1), LAYOUT_DIRECT_BASE + 0x1000);
	assert_non_null(boot_region_pointer(MIB(32) - 1, 1));
	assert_null(boot_region_pointer(MIB(32) - 1, 2));
	assert_null(boot_region_pointer(UINT64_MAX, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_platform_and_cbit),
		cmocka_unit_test(test_broken_fields),
		cmocka_unit_test(test_region_pointer),
	};

	return cmocka_run_group_tests_name("boot parameters", tests, NULL, NULL);
}

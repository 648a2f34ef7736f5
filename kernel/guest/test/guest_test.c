/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "guest_internal.h"
#include "sevabi/msr.h"

#define LIMIT GIB(1024)

struct entry {
	uint64_t first_page;
	uint64_t pages;
	uint16_t type;
	uint16_t flags;
	uint32_t reserved;
};

static uint8_t page[4096];

static enum error parse(const struct entry *entries, size_t count, struct memory_map *map)
{
	memset(page, 0, sizeof(page));
	memcpy(page, entries, count * sizeof(*entries));
	return memory_map_parse(page, LIMIT, map);
}

static void a_sound_map_is_taken(void **state)
{
	const struct entry entries[] = {
		{0, 0xa0, 0, 0, 0},      {0xf0, 0x10, 1, 0, 0},    {0x100, 0x700, 0, 0, 0},
		{0x800, 0x800, 0, 0, 0}, {UINT64_MAX, 1, 1, 0, 0},
	};
	struct memory_map map;

	(void)state;
	assert_int_equal(parse(entries, ARRAY_SIZE(entries), &map), OK);
	assert_int_equal(map.count, 2);
	assert_int_equal(map.ranges[0].end, 0xa0000);
	assert_int_equal(map.ranges[1].start, MIB(1));
	assert_int_equal(map.ranges[1].end, MIB(16));
}

static void a_lying_map_is_refused(void **state)
{
	const struct entry bad[][2] = {
		{{0x100, 0x100, 0, 0, 0}, {0x80, 0x10, 0, 0, 0}},  /* descending */
		{{0x100, 0x100, 0, 0, 0}, {0x1ff, 0x10, 0, 0, 0}}, /* overlapping */
		{{UINT64_MAX, 2, 0, 0, 0}, {0}},                   /* wraps */
		{{1, UINT64_MAX, 0, 0, 0}, {0}},
		{{LIMIT >> 12, 1, 0, 0, 0}, {0}}, /* past the end */
		{{1ULL << 52, 1, 0, 0, 0}, {0}},
	};
	struct memory_map map = {.count = 77};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(parse(bad[i], 2, &map), ERR_FORMAT);
	assert_int_equal(map.count, 77);
}

static void too_many_ranges_and_no_end(void **state)
{
	struct entry entries[170];
	struct memory_map map;

	(void)state;
	for (size_t i = 0; i < 170; i++)
		entries[i] = (struct entry){4 * i, 1, 0, 0, 0};
	assert_int_equal(parse(entries, 170, &map), ERR_LIMIT);
	for (size_t i = 0; i < 170; i++)
		entries[i] = (struct entry){i, 1, 0, 0, 0};
	assert_int_equal(parse(entries, 170, &map), ERR_FORMAT);
	assert_int_equal(parse(entries, 169, &map), OK);
	assert_int_equal(map.count, 1);
}

static void the_guests_map_has_a_hole_for_us(void **state)
{
	const struct memory_map map = {
		.count = 2,
		.ranges = {{0, 0xa0000}, {MIB(1), GIB(1)}},
	};
	const struct memory_range hole = {MIB(128), MIB(160)};
	struct entry out[8];

	(void)state;
	assert_int_equal(guest_memory_map(&map, &hole, (uint8_t *)out, sizeof(out)),
			 4 * sizeof(out[0]));
	assert_int_equal(out[1].first_page, 0x100);
	assert_int_equal(out[1].first_page + out[1].pages, MIB(128) >> 12);
	assert_int_equal(out[2].first_page, MIB(160) >> 12);
	assert_int_equal(out[2].first_page + out[2].pages, GIB(1) >> 12);
	assert_int_equal(out[3].pages, 0);
	assert_int_equal(guest_memory_map(&map, &hole, (uint8_t *)out, 3 * sizeof(out[0])), 0);
}

static void secrets_keep_only_the_guests_keys(void **state)
{
	const struct svsm_location where = {MIB(128), MIB(32), 0x80f000, 2};
	struct secrets_page secrets;
	const uint8_t zero[VMPCK_SIZE] = {0};

	(void)state;
	memset(&secrets, 0xee, sizeof(secrets));
	guest_secrets(&secrets, &where);
	assert_memory_equal(secrets.vmpck[0], zero, VMPCK_SIZE);
	assert_memory_equal(secrets.vmpck[1], zero, VMPCK_SIZE);
	assert_int_equal(secrets.vmpck[2][0], 0xee);
	assert_int_equal(secrets.vmpck[3][31], 0xee);
	assert_int_equal(secrets.os_area.msg_seqno_low[2], 0);
	assert_int_equal(secrets.svsm_base, MIB(128));
	assert_int_equal(secrets.svsm_size, MIB(32));
	assert_int_equal(secrets.svsm_caa, 0x80f000);
	assert_int_equal(secrets.svsm_guest_vmpl, 2);
	assert_int_equal(secrets.svsm_max_version, 1);
}

static void only_a_vmsa_of_the_guests_level_is_acceptable(void **state)
{
	const uint64_t features = SEV_FEATURE_SNP | SEV_FEATURE_DEBUG_SWAP;
	struct vmsa vmsa;

	(void)state;
	vmsa_reset(&vmsa, 2, features);
	assert_true(vmsa_acceptable(&vmsa, 2, features));
	assert_int_equal(vmsa.cs.base + vmsa.rip, 0xfffffff0);
	for (unsigned int vmpl = 0; vmpl < 256; vmpl++) {
		vmsa.vmpl = (uint8_t)vmpl;
		assert_int_equal(vmsa_acceptable(&vmsa, 2, features), vmpl == 2);
	}
	vmsa.vmpl = 2;
	for (unsigned int bit = 0; bit < 64; bit++) {
		vmsa.sev_features = features ^ BIT(bit);
		assert_false(vmsa_acceptable(&vmsa, 2, features));
	}
	vmsa.sev_features = features;
	vmsa.efer &= ~(uint64_t)EFER_SVME;
	assert_false(vmsa_acceptable(&vmsa, 2, features));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_map_is_taken),
		cmocka_unit_test(a_lying_map_is_refused),
		cmocka_unit_test(too_many_ranges_and_no_end),
		cmocka_unit_test(the_guests_map_has_a_hole_for_us),
		cmocka_unit_test(secrets_keep_only_the_guests_keys),
		cmocka_unit_test(only_a_vmsa_of_the_guests_level_is_acceptable),
	};

	return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Scripts of lies, and when their words' time has come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "husk/fwcfg.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/lies.h"
#include "husk/rmp.h"

static const char *script;
static uint64_t memory[PAGE_SIZE / 8];
static bool assigned = true;
static unsigned updates;

bool fwcfg_option(const char *name, char *text, size_t size)
{
	(void)name;
	strncpy(text, script, size - 1);
	return true;
}

void husk_log(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

void machine_end(uint32_t exit_value, const char *format, ...)
{
	(void)exit_value;
	(void)format;
	mock_assert(0, "machine_end", __FILE__, __LINE__);
	abort();
}

bool machine_is_guest_ram(gpa_t gpa)
{
	return gpa.raw == 0x8000;
}

paddr_t machine_translate(gpa_t gpa)
{
	return PADDR(gpa.raw);
}

void *machine_map(paddr_t page)
{
	(void)page;
	return memory;
}

struct rmp_access rmp_lookup(gpa_t gpa, uint8_t vmpl)
{
	(void)gpa;
	(void)vmpl;
	return (struct rmp_access){.assigned = assigned};
}

enum rmp_status rmp_update(gpa_t gpa, bool to_guest, bool size_2m, bool immutable)
{
	(void)size_2m;
	(void)immutable;
	assert_int_equal(gpa.raw, 0x8000);
	assigned = to_guest;
	updates++;
	return RMP_OK;
}

enum rmp_status rmp_psmash(gpa_t gpa)
{
	(void)gpa;
	return RMP_OK;
}

static void test_good_scripts(void **state)
{
	struct lie words[4];

	(void)state;
	assert_int_equal(lies_parse("", words, 4), 0);
	assert_int_equal(lies_parse("valid@3", words, 4), 1);
	assert_int_equal(words[0].kind, LIE_VALID);
	assert_int_equal(words[0].when, 3);
	assert_int_equal(lies_parse("take@0x10=0x8000+cpuid@0x8000001f=32", words, 4), 2);
	assert_int_equal(words[0].when, 16);
	assert_int_equal(words[0].value, 0x8000);
	assert_int_equal(words[1].kind, LIE_CPUID);
	assert_int_equal(words[1].value, 32);
	assert_int_equal(lies_parse("info1@0xffffffffffffffff=18446744073709551615", words, 4), 1);
	assert_true(words[0].when == UINT64_MAX && words[0].value == UINT64_MAX);
}

static void test_bad_scripts(void **state)
{
	static const char *const bad[] = {
		"+",
		"valid",
		"valid@",
		"valid@x",
		"msr@1",
		"msr@1=",
		"msr@1=z",
		"valid@1+",
		"steal@1",
		"valid@1 ",
		"valid@0x",
		"valid@1=2",
		"msr@18446744073709551616=1",
		"msr@1=0x10000000000000000",
	};
	struct lie words[4];

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(lies_parse(bad[i], words, 4), -1);
	assert_int_equal(lies_parse("psc@1+psc@2+psc@3", words, 2), -1);
}

static void test_times(void **state)
{
	uint64_t value;

	(void)state;
	script = "msr@2=0x55+psc@0+cpuid@7=1";
	lies_init();
	assert_true(lies_active());
	assert_false(lie_now(LIE_MSR, 0, 0, &value));
	assert_false(lie_now(LIE_MSR, 2, 0, &value)); /* only VMPL0 counts */
	assert_true(lie_now(LIE_MSR, 0, 0, &value));
	assert_int_equal(value, 0x55);
	assert_false(lie_now(LIE_MSR, 0, 0, &value));
	assert_true(lie_now(LIE_PSC, 0, 0, &value));
	assert_true(lie_now(LIE_PSC, 0, 0, &value));
	assert_true(lie_now(LIE_CPUID, 0, 7, &value));
	assert_false(lie_now(LIE_CPUID, 0, 8, &value));
}

static void test_take(void **state)
{
	(void)state;
	script = "take@1=0x8010";
	lies_init();
	lies_vmgexit(2);
	assert_int_equal(updates, 0);
	lies_vmgexit(0);
	assert_int_equal(updates, 2);
	assert_true(assigned);
	assert_int_not_equal(memory[0], 0);
	script = "nonsense";
	expect_assert_failure(lies_init());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_scripts),
		cmocka_unit_test(test_bad_scripts),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_take),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

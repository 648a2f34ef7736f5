/* SPDX-License-Identifier: MIT */
/* The script, and the oracle of keys and IVs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "husk/fwcfg.h"
#include "husk/machine.h"
#include "husk/malice.h"
#include "huskabi/huskabi.h"

static const char *script;
static jmp_buf ended;
static uint32_t end_value;

bool fwcfg_option(const char *name, char *text, size_t size)
{
	(void)name;
	if (script == NULL)
		return false;
	strncpy(text, script, size - 1);
	text[size - 1] = '\0';
	return true;
}

void machine_end(uint32_t exit_value, const char *format, ...)
{
	(void)format;
	end_value = exit_value;
	longjmp(ended, 1);
}

/* The value that the machine ended with while reading the script; 0: it did not. */
static uint32_t load(const char *text)
{
	script = text;
	end_value = 0;
	if (setjmp(ended) == 0)
		malice_init();
	return end_value;
}

static struct guest_msg message(uint8_t vmpck, uint64_t seqno, uint8_t content)
{
	struct guest_msg m = {.header = {.msg_vmpck = vmpck, .msg_seqno = seqno}};

	m.header.authtag[0] = content;
	m.payload[0] = content;
	return m;
}

static uint32_t send(uint8_t vmpck, uint64_t seqno, uint8_t content, enum malice_psp *action)
{
	struct guest_msg m = message(vmpck, seqno, content);

	end_value = 0;
	if (setjmp(ended) == 0)
		*action = malice_psp_next(&m);
	return end_value;
}

static void scripts_say_when(void **state)
{
	static const enum malice_psp expected[] = {MALICE_PSP_HONEST, MALICE_PSP_BUSY,
						   MALICE_PSP_BUSY,   MALICE_PSP_HONEST,
						   MALICE_PSP_REPLAY, MALICE_PSP_REPLAY};
	enum malice_psp action = MALICE_PSP_HONEST;

	(void)state;
	assert_int_equal(load("busy@2-3+replay@5-"), 0);
	for (uint8_t i = 0; i < 6; i++) {
		assert_int_equal(send(2, i, 0, &action), 0);
		assert_int_equal(action, MALICE_PSP_HONEST); /* not Copra's key: not counted */
		assert_int_equal(send(0, i, 0, &action), 0);
		assert_int_equal(action, expected[i]);
	}
}

static void bad_scripts_end_the_machine(void **state)
{
	static const char *const bad[] = {"nonsense", "busy",    "busy@",    "busy@0",
					  "busy@3-2", "busyy@1", "busy@1 x", "late@1"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(load(bad[i]), HUSK_EXIT_BAD_MACHINE);
	assert_int_equal(load("scanner"), HUSK_EXIT_BAD_MACHINE);
	assert_int_equal(load("scan+busy@1"), 0);
	assert_true(malice_wants_scan());
	assert_int_equal(load(""), 0);
	assert_false(malice_wants_scan());
	assert_int_equal(load(NULL), 0);
}

static void a_repeated_iv_harms(void **state)
{
	enum malice_psp action = MALICE_PSP_HONEST;

	(void)state;
	assert_int_equal(load(NULL), 0);
	assert_int_equal(send(0, 1, 7, &action), 0);
	assert_int_equal(send(0, 1, 7, &action), 0); /* the same message again */
	assert_int_equal(send(1, 1, 8, &action), 0); /* another key */
	assert_int_equal(send(0, 3, 9, &action), 0);
	assert_int_equal(send(0, 1, 9, &action), HUSK_EXIT_HARMED);
}

static void lies_are_told_on_time(void **state)
{
	struct report_rsp response;
	enum malice_psp action = MALICE_PSP_HONEST;

	(void)state;
	assert_int_equal(load("other-data@1+other-vmpl@2"), 0);
	memset(&response, 0, sizeof(response));
	assert_int_equal(send(0, 1, 1, &action), 0);
	malice_psp_answer(GUEST_MSG_KEY_REQ, &response);
	assert_int_equal(response.report.report_data[0], 0);
	malice_psp_answer(GUEST_MSG_REPORT_REQ, &response);
	assert_int_equal(response.report.report_data[0], 1);
	assert_int_equal(send(0, 3, 2, &action), 0);
	malice_psp_answer(GUEST_MSG_REPORT_REQ, &response);
	assert_int_equal(response.report.vmpl, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_say_when),
		cmocka_unit_test(bad_scripts_end_the_machine),
		cmocka_unit_test(a_repeated_iv_harms),
		cmocka_unit_test(lies_are_told_on_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

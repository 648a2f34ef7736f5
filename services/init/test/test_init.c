/* SPDX-License-Identifier: MIT */
/* init's configuration and its state machine, without processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../config.h"
#include "../supervisor.h"

static struct config config;
static struct supervisor supervisor;
static unsigned line;

static enum config_error parse(const char *text)
{
	return config_parse(text, strlen(text), &config, &line);
}

static void test_config(void **context)
{
	(void)context;
	assert_int_equal(
		parse("# comment\n\nlaunch after 500\n"
		      "service late\n\trun /bin/late a b # c\n\tafter early\n"
		      "service early\n run /bin/early\n required\n timeout 9\n restarts 3"),
		CONFIG_OK);
	assert_int_equal(config.count, 2);
	assert_int_equal(config.launch_after_ms, 500);
	assert_string_equal(config.services[0].name, "early");
	assert_true(config.services[0].required);
	assert_int_equal(config.services[0].timeout_ms, 9);
	assert_int_equal(config.services[0].restarts, 3);
	assert_string_equal(config.services[1].arguments[2], "b");
	assert_null(config.services[1].arguments[3]);
	assert_int_equal(config.services[1].after, 1);
	assert_int_equal(parse(""), CONFIG_OK);
	assert_int_equal(config.count, 0);
}

static void test_config_errors(void **context)
{
	static const struct {
		const char *text;
		enum config_error error;
		unsigned line;
	} bad[] = {
		{"run /bin/x", CONFIG_SYNTAX, 1},
		{"\nservice", CONFIG_SYNTAX, 2},
		{"service a b", CONFIG_SYNTAX, 1},
		{"service a", CONFIG_SYNTAX, 0},
		{"service a\nrun x", CONFIG_SYNTAX, 2},
		{"service a\nrun /x\nrun /y", CONFIG_SYNTAX, 3},
		{"service a\nrun /x\ntimeout -1", CONFIG_SYNTAX, 3},
		{"service a\nrun /x\ntimeout 1x", CONFIG_SYNTAX, 3},
		{"service a\nrun /x\nrequired yes", CONFIG_SYNTAX, 3},
		{"service a\nrun /x\nnonsense 1", CONFIG_SYNTAX, 3},
		{"launch", CONFIG_SYNTAX, 1},
		{"launch after", CONFIG_SYNTAX, 1},
		{"service a\nrun /x\nservice a\nrun /x", CONFIG_NAME, 3},
		{"service a\nrun /x\nafter b", CONFIG_NAME, 0},
		{"service a\nrun /x\nafter a", CONFIG_CYCLE, 0},
		{"service a\nrun /x\nafter b\nservice b\nrun /x\nafter a", CONFIG_CYCLE, 0},
		{"service a\nrun /x 1 2 3 4 5 6 7 8", CONFIG_TOO_MUCH, 2},
	};

	(void)context;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(bad[i].text), bad[i].error);
		assert_int_equal(line, bad[i].line);
	}
}

static void begin(const char *text)
{
	assert_int_equal(parse(text), CONFIG_OK);
	supervisor_begin(&supervisor, &config, 0);
}

static void expect(int64_t now, enum action_kind kind, size_t index)
{
	struct action action = supervisor_next(&supervisor, now);

	assert_int_equal(action.kind, kind);
	assert_int_equal(action.index, index);
}

static void test_order_and_launch(void **context)
{
	(void)context;
	begin("service b\nrun /b\nafter a\nrequired\nservice a\nrun /a\nservice c\nrun /c");
	expect(0, ACTION_START, 0); /* a */
	expect(0, ACTION_START, 2); /* c waits for nobody */
	expect(0, ACTION_NONE, 0);
	supervisor_ready(&supervisor, 0, 10);
	expect(10, ACTION_START, 1);
	expect(10, ACTION_NONE, 0);
	supervisor_ready(&supervisor, 1, 20);
	expect(20, ACTION_LAUNCH, 0); /* without c */
	expect(20, ACTION_NONE, 0);
	supervisor_ready(&supervisor, 2, 30);
	assert_int_equal(supervisor_wait(&supervisor, 30), -1);
}

static void test_launch_without_a_service(void **context)
{
	(void)context;
	begin("launch after 100\nservice a\nrun /a\nrequired");
	expect(0, ACTION_START, 0);
	expect(99, ACTION_NONE, 0);
	assert_int_equal(supervisor_wait(&supervisor, 60), 40);
	expect(100, ACTION_LAUNCH, 0);
}

static void test_backoff_and_limit(void **context)
{
	static const int64_t delays[] = {100, 200, 400, 800};
	int64_t now = 0;

	(void)context;
	begin("service a\nrun /a\nrequired\nrestarts 4");
	for (size_t i = 0; i < ARRAY_SIZE(delays); i++) {
		expect(now, ACTION_START, 0);
		supervisor_ended(&supervisor, 0, now);
		expect(now + delays[i] - 1, ACTION_NONE, 0);
		assert_int_equal(supervisor_wait(&supervisor, now), delays[i]);
		now += delays[i];
	}
	expect(now, ACTION_START, 0);
	supervisor_ended(&supervisor, 0, now);
	assert_int_equal(supervisor.services[0].state, SERVICE_GIVEN_UP);
	expect(now + 1000000, ACTION_NONE, 0); /* and the guest, which needs it, does not start */
	assert_int_equal(supervisor_wait(&supervisor, now), -1);
}

static void test_stable_service_is_forgiven(void **context)
{
	int64_t now = 0;

	(void)context;
	begin("service a\nrun /a\nrestarts 1");
	expect(0, ACTION_START, 0);
	expect(0, ACTION_LAUNCH, 0);
	for (int i = 0; i < 10; i++) {
		supervisor_ready(&supervisor, 0, now);
		now += STABLE_MS;
		supervisor_ended(&supervisor, 0, now);
		assert_int_equal(supervisor.services[0].state, SERVICE_WAITING);
		now += BACKOFF_FIRST_MS;
		expect(now, ACTION_START, 0);
	}
}

static void test_never_ready_is_killed(void **context)
{
	(void)context;
	begin("service a\nrun /a\nrequired\ntimeout 50");
	expect(0, ACTION_START, 0);
	assert_int_equal(supervisor_wait(&supervisor, 0), 50);
	expect(50, ACTION_KILL, 0);
	expect(50, ACTION_NONE, 0);
	supervisor_ready(&supervisor, 0, 51); /* too late, but true: it may stay */
	expect(51, ACTION_LAUNCH, 0);
	supervisor_ended(&supervisor, 0, 52);
	supervisor_ready(&supervisor, 0, 53); /* a word of one who is gone counts nothing */
	assert_int_equal(supervisor.services[0].state, SERVICE_WAITING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_config_errors),
		cmocka_unit_test(test_order_and_launch),
		cmocka_unit_test(test_launch_without_a_service),
		cmocka_unit_test(test_backoff_and_limit),
		cmocka_unit_test(test_stable_service_is_forgiven),
		cmocka_unit_test(test_never_ready_is_killed),
	};

	return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The command page, the command line and the state store, without a TPM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../options.h"
#include "../page.h"
#include "../state.h"
#include "../vtpm.h"
#include "../wire.h"

static uint8_t page[VTPM_PAGE_SIZE];

static void fill(uint32_t command, uint8_t locality, uint32_t size)
{
	memset(page, 0xa5, sizeof(page));
	store_le32(page, command);
	page[4] = locality;
	store_le32(page + 5, size);
}

static void test_page_sizes(void **context)
{
	struct page_command command;

	(void)context;
	fill(SVSM_TPM_SEND_COMMAND, 0, VTPM_REQUEST_MAX);
	assert_int_equal(page_decode(page, sizeof(page), &command), PAGE_OK);
	assert_int_equal(command.size, 4087);
	assert_ptr_equal(command.bytes, page + 9);
	fill(SVSM_TPM_SEND_COMMAND, 0, VTPM_REQUEST_MAX + 1);
	assert_int_equal(page_decode(page, sizeof(page), &command), PAGE_BAD_SIZE);
	fill(SVSM_TPM_SEND_COMMAND, 0, UINT32_MAX);
	assert_int_equal(page_decode(page, sizeof(page), &command), PAGE_BAD_SIZE);
	fill(SVSM_TPM_SEND_COMMAND, 0, 0);
	assert_int_equal(page_decode(page, sizeof(page), &command), PAGE_OK);
	assert_int_equal(command.size, 0);
}

static void test_page_short_buffer(void **context)
{
	struct page_command command;

	(void)context;
	fill(SVSM_TPM_SEND_COMMAND, 0, 1);
	assert_int_equal(page_decode(page, 8, &command), PAGE_BAD_SIZE);
	assert_int_equal(page_decode(page, 9, &command), PAGE_BAD_SIZE);
	assert_int_equal(page_decode(page, 10, &command), PAGE_OK);
	assert_int_equal(page_decode(page, VTPM_PAGE_SIZE + 1, &command), PAGE_BAD_SIZE);
}

static void test_page_commands(void **context)
{
	struct page_command command;
	uint32_t unsupported = 0;

	(void)context;
	for (uint32_t n = 0; n < 300; n++) {
		fill(n, 0, 10);
		switch (page_decode(page, sizeof(page), &command)) {
		case PAGE_OK:
			assert_int_equal(n, 8);
			break;
		case PAGE_UNSUPPORTED_COMMAND:
			unsupported++;
			break;
		default:
			assert_true(n == 0 || n == 19 || n > 21);
		}
	}
	assert_int_equal(unsupported, 22);
}

static void test_page_locality(void **context)
{
	struct page_command command = {.size = 77};

	(void)context;
	for (unsigned n = 1; n < 256; n++) {
		fill(SVSM_TPM_SEND_COMMAND, (uint8_t)n, 10);
		assert_int_equal(page_decode(page, sizeof(page), &command), PAGE_BAD_LOCALITY);
	}
	assert_int_equal(command.size, 77); /* untouched on error */
}

static void test_page_answer(void **context)
{
	static uint8_t answer[VTPM_RESPONSE_MAX + 1];
	uint32_t used = 0;

	(void)context;
	memset(page, 0, sizeof(page));
	memset(answer, 0x5a, sizeof(answer));
	assert_int_equal(page_encode(page, answer, VTPM_RESPONSE_MAX + 1, &used), PAGE_BAD_SIZE);
	assert_int_equal(page[0], 0);
	assert_int_equal(used, 0);
	assert_int_equal(page_encode(page, answer, VTPM_RESPONSE_MAX, &used), PAGE_OK);
	assert_int_equal(used, VTPM_PAGE_SIZE);
	assert_int_equal(load_le32(page), 4092);
	assert_int_equal(page[4095], 0x5a);
}

static void test_state(void **context)
{
	struct memory_state memory;
	const uint8_t *data;
	size_t size;

	(void)context;
	memory_state_init(&memory);
	assert_int_equal(state_load(&memory.store, "a", &data, &size), STATE_ABSENT);
	assert_int_equal(state_remove(&memory.store, "a"), STATE_ABSENT);
	assert_int_equal(state_save(&memory.store, "a", page, 10), STATE_OK);
	assert_int_equal(state_save(&memory.store, "a", page, 20), STATE_OK);
	assert_int_equal(state_load(&memory.store, "a", &data, &size), STATE_OK);
	assert_int_equal(size, 20);
	assert_int_equal(state_save(&memory.store, "b", page, 1), STATE_OK);
	assert_int_equal(state_save(&memory.store, "c", page, 1), STATE_OK);
	assert_int_equal(state_save(&memory.store, "d", page, 1), STATE_OK);
	assert_int_equal(state_save(&memory.store, "e", page, 1), STATE_NO_MEMORY);
	assert_int_equal(state_save(&memory.store, "a", page, 0), STATE_NO_MEMORY);
	assert_int_equal(state_save(&memory.store, "a", page, STATE_BLOB_MAX + 1), STATE_NO_MEMORY);
	assert_int_equal(state_load(&memory.store, "a", &data, &size), STATE_OK);
	assert_int_equal(size, 20);
	assert_int_equal(state_remove(&memory.store, "b"), STATE_OK);
	assert_int_equal(state_save(&memory.store, "e", page, 1), STATE_OK);
	memory_state_clear(&memory);
	assert_int_equal(state_load(&memory.store, "a", &data, &size), STATE_ABSENT);
}

static bool parse(const char *argument, struct options *options)
{
	char *arguments[] = {(char *)"tpmd", (char *)(uintptr_t)argument};
	const char *bad;

	return options_parse(2, arguments, options, &bad);
}

static void test_options(void **context)
{
	struct options options = {.banks = 0};
	const char *bad = NULL;
	char *nothing[] = {(char *)"tpmd"};

	(void)context;
	assert_true(options_parse(1, nothing, &options, &bad));
	assert_int_equal(options.banks, VTPM_BANK_SHA256);
	assert_false(options.manifest_at_start);
	assert_true(parse("--banks=sha256,sha384", &options));
	assert_int_equal(options.banks, VTPM_BANK_SHA256 | VTPM_BANK_SHA384);
	assert_true(parse("--manifest-at-start", &options));
	assert_true(options.manifest_at_start);
	assert_true(parse("--device=/x", &options));
	assert_string_equal(options.device, "/x");
	assert_false(parse("--banks=", &options));
	assert_false(parse("--banks=sha256,", &options));
	assert_false(parse("--banks=sha2566", &options));
	assert_false(parse("--bank", &options));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_sizes),    cmocka_unit_test(test_page_short_buffer),
		cmocka_unit_test(test_page_commands), cmocka_unit_test(test_page_locality),
		cmocka_unit_test(test_page_answer),   cmocka_unit_test(test_state),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests_name("tpmd-page", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The server over a real libtpms: protocol, banks, endorsement keys, failing storage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../command.h"
#include "../ek.h"
#include "../page.h"
#include "../server.h"
#include "../vtpm.h"
#include "../wire.h"

#define TPM_CC_GET_CAPABILITY 0x17aU
#define TPM_CC_PCR_EXTEND     0x182U
#define TPM_CC_PCR_READ       0x17eU
#define TPM_CC_HIERARCHY_AUTH 0x129U
#define TPM_CAP_PCRS          5U
#define TPM_CAP_PROPERTIES    6U
#define TPM_CAP_HANDLES       1U
#define TPM_RC_INITIALIZE     0x100U
#define TPM_RC_FAILURE        0x101U

static struct memory_state state;
static struct svc_request request;
static struct svc_response response;

static int power_on(void **context)
{
	(void)context;
	memory_state_init(&state);
	return vtpm_power_on(&state.store, VTPM_BANK_SHA256) == VTPM_OK ? 0 : -1;
}

static int power_off(void **context)
{
	(void)context;
	vtpm_power_off();
	memory_state_clear(&state);
	return 0;
}

/* Sends a TPM command as a guest does; returns the TPM's response code. */
static uint32_t send(struct command *command)
{
	assert_true(command_end(command));
	request = (struct svc_request){.id = 7, .kind = SVC_REQUEST_CALL, .rcx = 0x1234};
	request.protocol = SVSM_PROTOCOL_VTPM;
	request.call = SVSM_VTPM_CMD;
	request.buffer_size = VTPM_PAGE_SIZE;
	store_le32(request.buffer, SVSM_TPM_SEND_COMMAND);
	store_le32(request.buffer + 5, (uint32_t)command->size);
	memcpy(request.buffer + VTPM_REQUEST_HEADER, command->bytes, command->size);
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(response.result, SVSM_SUCCESS);
	assert_int_equal(response.id, 7);
	assert_int_equal(response.rcx, 0x1234);
	assert_int_equal(response.buffer_size, load_le32(response.buffer) + VTPM_RESPONSE_HEADER);
	return load_be32(response.buffer + VTPM_RESPONSE_HEADER + 6);
}

static uint32_t startup(void)
{
	struct command command;

	command_begin(&command, TPM_ST_NO_SESSIONS, TPM_CC_STARTUP);
	command_u16(&command, TPM_SU_CLEAR);
	return send(&command);
}

static uint32_t capability(uint32_t capability, uint32_t property)
{
	struct command command;

	command_begin(&command, TPM_ST_NO_SESSIONS, TPM_CC_GET_CAPABILITY);
	command_u32(&command, capability);
	command_u32(&command, property);
	command_u32(&command, 32);
	return send(&command);
}

static const uint8_t *answer(size_t offset)
{
	return response.buffer + VTPM_RESPONSE_HEADER + TPM_RESPONSE_HEADER + offset;
}

static uint32_t extend(uint32_t pcr, uint16_t algorithm, size_t size)
{
	static const uint8_t digest[64] = {1, 2, 3};
	struct command command;

	command_begin(&command, TPM_ST_SESSIONS, TPM_CC_PCR_EXTEND);
	command_u32(&command, pcr);
	command_empty_password(&command);
	command_u32(&command, 1);
	command_u16(&command, algorithm);
	command_bytes(&command, digest, size);
	return send(&command);
}

static void read_pcr4(uint8_t out[32])
{
	struct command command;

	command_begin(&command, TPM_ST_NO_SESSIONS, TPM_CC_PCR_READ);
	command_u32(&command, 1);
	command_u16(&command, 0x000b);
	command_bytes(&command, (const uint8_t[]){3, 0x10, 0, 0}, 4);
	assert_int_equal(send(&command), 0);
	memcpy(out, answer(4 + 10 + 4 + 2), 32);
}

static void test_query(void **context)
{
	(void)context;
	request = (struct svc_request){.id = 1, .kind = SVC_REQUEST_CALL, .rcx = 5, .rdx = 6};
	request.protocol = SVSM_PROTOCOL_VTPM;
	request.call = SVSM_VTPM_QUERY;
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(response.result, SVSM_SUCCESS);
	assert_int_equal(response.rcx, 0x100);
	assert_int_equal(response.rdx, 0);
	request.call = 2;
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(response.result, SVSM_ERR_UNSUPPORTED_CALL);
	assert_int_equal(response.rcx, 5);
	request.protocol = 3;
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(response.result, SVSM_ERR_UNSUPPORTED_PROTOCOL);
	request.kind = 99;
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(response.result, SVSM_ERR_INVALID_REQUEST);
}

static void test_bad_pages(void **context)
{
	(void)context;
	request = (struct svc_request){.id = 1, .kind = SVC_REQUEST_CALL};
	request.protocol = SVSM_PROTOCOL_VTPM;
	request.call = SVSM_VTPM_CMD;
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(response.result, SVSM_ERR_INVALID_PARAMETER); /* no buffer at all */
	request.buffer_size = VTPM_PAGE_SIZE;
	store_le32(request.buffer, 9);
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(response.result, SVSM_ERR_UNSUPPORTED_CALL);
	assert_int_equal(response.buffer_size, 0);
}

static void test_waits_for_startup(void **context)
{
	(void)context;
	assert_int_equal(capability(TPM_CAP_PCRS, 0), TPM_RC_INITIALIZE);
	assert_int_equal(startup(), 0);
	assert_int_equal(startup(), TPM_RC_INITIALIZE); /* only once */
}

static void expect_only_sha256(void)
{
	assert_int_equal(capability(TPM_CAP_PCRS, 0), 0);
	assert_int_equal(load_be32(answer(5)), 4); /* all four are known, one has PCRs */
	for (size_t i = 0; i < 4; i++) {
		const uint8_t *bank = answer(9 + i * 6);

		assert_int_equal(bank[3], load_be16(bank) == 0x000b ? 0xff : 0);
	}
}

static void test_only_sha256_bank(void **context)
{
	(void)context;
	assert_int_equal(startup(), 0);
	expect_only_sha256();
	assert_int_equal(extend(4, 0x000b, 32), 0);
}

static void test_sizes_fit_the_page(void **context)
{
	uint32_t max_command = 0, max_response = 0;

	(void)context;
	assert_int_equal(startup(), 0);
	assert_int_equal(capability(TPM_CAP_PROPERTIES, 0x100), 0);
	for (uint32_t i = 0; i < load_be32(answer(5)); i++) {
		if (load_be32(answer(9 + i * 8)) == 0x11e)
			max_command = load_be32(answer(13 + i * 8));
		if (load_be32(answer(9 + i * 8)) == 0x11f)
			max_response = load_be32(answer(13 + i * 8));
	}
	assert_int_equal(max_command, VTPM_REQUEST_MAX);
	assert_in_range(max_response, 1, VTPM_RESPONSE_MAX);
}

static void test_garbage_gets_an_answer(void **context)
{
	struct command command;

	(void)context;
	assert_int_equal(startup(), 0);
	for (size_t size = 0; size < 10; size++) {
		command = (struct command){.size = 0};
		command.size = size;
		request = (struct svc_request){.kind = SVC_REQUEST_CALL};
		request.protocol = SVSM_PROTOCOL_VTPM;
		request.call = SVSM_VTPM_CMD;
		request.buffer_size = VTPM_PAGE_SIZE;
		store_le32(request.buffer, SVSM_TPM_SEND_COMMAND);
		store_le32(request.buffer + 5, (uint32_t)size);
		assert_int_equal(server_answer(&request, &response), SERVER_OK);
		assert_int_equal(response.result, SVSM_SUCCESS);
		assert_true(load_be32(response.buffer + VTPM_RESPONSE_HEADER + 6) != 0);
	}
	command_begin(&command, TPM_ST_NO_SESSIONS, TPM_CC_STARTUP);
	command_u16(&command, TPM_SU_CLEAR);
	assert_true(command_end(&command));
	store_le32(request.buffer + 5, (uint32_t)command.size + 1); /* not what the header says */
	memcpy(request.buffer + VTPM_REQUEST_HEADER, command.bytes, command.size);
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(load_be32(response.buffer + VTPM_RESPONSE_HEADER + 6), 0x142);
}

static uint32_t transient_objects(void)
{
	assert_int_equal(capability(TPM_CAP_HANDLES, 0x80000000), 0);
	return load_be32(answer(5));
}

/* The guest locks the endorsement hierarchy; its TPM notices nothing of the keys made. */
static void test_endorsement_keys(void **context)
{
	uint8_t before[32], after[32], template[EK_PUBLIC_MAX];
	const uint8_t *public, *again;
	struct command command;
	size_t size;

	(void)context;
	assert_int_equal(startup(), 0);
	assert_int_equal(extend(4, 0x000b, 32), 0);
	read_pcr4(before);
	command_begin(&command, TPM_ST_SESSIONS, TPM_CC_HIERARCHY_AUTH);
	command_u32(&command, TPM_RH_ENDORSEMENT);
	command_empty_password(&command);
	command_u16(&command, 4);
	command_u32(&command, 0x61626364);
	assert_int_equal(send(&command), 0);
	for (enum ek_kind kind = 0; kind < EK_KINDS; kind++) {
		assert_int_equal(ek_public(kind, &public, &size), VTPM_OK);
		assert_true(size > 0 && size <= EK_PUBLIC_MAX);
		(void)ek_template(kind, template);
		assert_memory_equal(public, template, 8); /* type, name algorithm, attributes */
		assert_int_equal(ek_public(kind, &again, &size), VTPM_OK);
		assert_ptr_equal(public, again);
	}
	read_pcr4(after);
	assert_memory_equal(before, after, sizeof(before));
	expect_only_sha256();
	assert_int_equal(transient_objects(), 0);
}

static void test_manifest(void **context)
{
	(void)context;
	request = (struct svc_request){.id = 9, .kind = SVC_REQUEST_MANIFEST};
	request.call = 1;
	assert_int_equal(server_answer(&request, &response), SERVER_OK);
	assert_int_equal(response.result, SVSM_ERR_INVALID_PARAMETER);
	request.call = VTPM_MANIFEST_VERSION;
	assert_int_equal(server_answer(&request, &response), SERVER_OK); /* before TPM2_Startup */
	assert_int_equal(response.result, SVSM_SUCCESS);
	assert_int_equal(response.buffer_size, 2 + 2 + 4 + 34 + 6 + 2 + 2 + 4 + 2 + 256);
	assert_int_equal(startup(), 0);
	expect_only_sha256();
}

static void test_new_endorsement_seed(void **context)
{
	uint8_t old[EK_PUBLIC_MAX];
	const uint8_t *public;
	struct command command;
	size_t size;

	(void)context;
	assert_int_equal(startup(), 0);
	assert_int_equal(ek_public(EK_P256, &public, &size), VTPM_OK);
	memcpy(old, public, size);
	command_begin(&command, TPM_ST_SESSIONS, TPM_CC_CHANGE_EPS);
	command_u32(&command, TPM_RH_PLATFORM);
	command_empty_password(&command);
	assert_int_equal(send(&command), 0);
	assert_int_equal(ek_public(EK_P256, &public, &size), VTPM_OK);
	assert_memory_not_equal(old, public, size);
}

/* A reset keeps seeds and forgets PCRs. */
static void test_reset_keeps_the_seed(void **context)
{
	uint8_t old[EK_PUBLIC_MAX], pcr[32];
	static const uint8_t zeros[32];
	const uint8_t *public;
	size_t size;

	(void)context;
	assert_int_equal(startup(), 0);
	assert_int_equal(extend(4, 0x000b, 32), 0);
	assert_int_equal(ek_public(EK_P256, &public, &size), VTPM_OK);
	memcpy(old, public, size);
	vtpm_power_off();
	assert_int_equal(vtpm_power_on(&state.store, VTPM_BANK_SHA384), VTPM_OK);
	assert_int_equal(startup(), 0);
	read_pcr4(pcr);
	assert_memory_equal(pcr, zeros, sizeof(pcr));
	assert_int_equal(ek_public(EK_P256, &public, &size), VTPM_OK);
	assert_memory_equal(old, public, size);
}

/* --- A store whose n-th save fails ------------------------------------------------------ */

static struct {
	struct state_store store;
	unsigned saves_left;
} failing;

static enum state_error failing_load(struct state_store *store, const char *name,
				     const uint8_t **data, size_t *size)
{
	(void)store;
	return state_load(&state.store, name, data, size);
}

static enum state_error failing_save(struct state_store *store, const char *name,
				     const uint8_t *data, size_t size)
{
	(void)store;
	if (failing.saves_left == 0)
		return STATE_IO;
	failing.saves_left--;
	return state_save(&state.store, name, data, size);
}

static enum state_error failing_remove(struct state_store *store, const char *name)
{
	(void)store;
	return state_remove(&state.store, name);
}

static void test_failing_storage(void **context)
{
	static const struct state_operations operations = {failing_load, failing_save,
							   failing_remove};
	enum vtpm_error error = VTPM_STATE;
	unsigned n;

	(void)context;
	failing.store.operations = &operations;
	for (n = 0; error && n < 100; n++) {
		memory_state_init(&state);
		failing.saves_left = n;
		error = vtpm_power_on(&failing.store, VTPM_BANK_SHA256);
		if (error)
			memory_state_clear(&state);
	}
	assert_int_equal(error, VTPM_OK);
	assert_in_range(n, 2, 20);
	failing.saves_left = 0; /* from now on: the TPM's own failure mode, and no crash */
	(void)startup();
	for (uint32_t i = 0; i < 10; i++)
		(void)extend(i, 0x000b, 32);
	vtpm_power_off();
	memory_state_clear(&state);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, power_on, power_off)
	const struct CMUnitTest tests[] = {
		TEST(test_query),
		TEST(test_bad_pages),
		TEST(test_waits_for_startup),
		TEST(test_only_sha256_bank),
		TEST(test_sizes_fit_the_page),
		TEST(test_garbage_gets_an_answer),
		TEST(test_endorsement_keys),
		TEST(test_manifest),
		TEST(test_new_endorsement_seed),
		TEST(test_reset_keeps_the_seed),
		cmocka_unit_test(test_failing_storage),
	};

	return cmocka_run_group_tests_name("tpmd-vtpm", tests, NULL, NULL);
}

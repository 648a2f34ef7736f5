/* SPDX-License-Identifier: MIT */
/*
 * Calls of a guest to a ring-3 server that answers, dawdles, lies, crashes and comes back
 * (kernel/object/test-server/server.c). This thread plays the guest's vCPU.
 */
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/page.h"
#include "kernel/process.h"
#include "kernel/service.h"
#include "kernel/string.h"
#include "kernel/test.h"
#include "kernel/user.h"
#include "kernel/wait.h"

#define PROTOCOL 7
#define SLICE_NS 2000000ULL
#define LONG_NS  60000000000ULL
#define PATIENCE 4000 /* repetitions of one call */

enum {
	CALL_ECHO,
	CALL_SLOW,
	CALL_EXIT,
	CALL_CRASH,
	CALL_SILENT,
	CALL_WRONG_ID,
	CALL_TOO_BIG,
	CALL_STALE
};

static struct service_slot *slot;
static uint32_t fills; /* how often a buffer was asked for */

static enum error fill(void *context, uint8_t *buffer, uint32_t size)
{
	fills++;
	if (context != NULL)
		return ERR_FAULT;
	for (uint32_t i = 0; i < size; i++)
		buffer[i] = (uint8_t)i;
	return OK;
}

static enum error start_server(void)
{
	static bool mounted;
	const struct boot_params *params = &boot_info.params;
	uint64_t deadline = clock_ns() + 5000000000ULL;
	enum error error = OK;

	if (!mounted) {
		service_init();
		error = user_mount(
			boot_region_pointer(params->archive_offset, params->archive_size),
			params->archive_size);
		if (error == OK)
			error = service_slot_create(&slot, 3);
		mounted = error == OK;
	}
	service_set_limits(SLICE_NS, LONG_NS);
	if (error == OK && !service_present(PROTOCOL))
		error = process_start("/bin/server", false);
	while (error == OK && !(service_present(PROTOCOL) && service_manifest_list(NULL, 0) == 2)) {
		if (clock_ns() > deadline)
			return ERR_TIMEOUT;
		error = wait_until(clock_ns() + 1000000);
	}
	return error;
}

/* Repeat a call as a guest does; *pending counts the INCOMPLETE answers. */
static enum service_status call(uint32_t number, uint64_t rdx, uint32_t size,
				struct service_answer *answer, uint32_t *pending)
{
	const struct service_call request = {
		.protocol = PROTOCOL, .call = number, .rcx = 41, .rdx = rdx, .buffer_size = size};
	enum service_status status;

	*pending = 0;
	for (;;) {
		status = service_request(slot, &request, fill, NULL, answer);
		if (status != SERVICE_PENDING || *pending == PATIENCE)
			return status;
		++*pending;
	}
}

KTEST(service_answers, 0)
{
	struct service_answer answer = {0};
	enum error error = start_server();
	uint32_t pending;

	if (error != OK)
		return error;
	for (uint32_t size = 0; size <= 4096; size += 1024) {
		KTEST_CHECK(call(CALL_ECHO, 0, size, &answer, &pending) == SERVICE_ANSWERED);
		KTEST_CHECK(answer.result == 0 && answer.rcx == 42);
		KTEST_CHECK(answer.buffer_size == size);
		KTEST_CHECK(size == 0 || answer.buffer[0] == (uint8_t)(size - 1));
	}
	return OK;
}

KTEST(service_slow_answer_is_incomplete_first, 0)
{
	struct service_answer answer = {0};
	enum error error = start_server();
	uint32_t pending;

	if (error != OK)
		return error;
	fills = 0;
	KTEST_CHECK(call(CALL_SLOW, 30, 64, &answer, &pending) == SERVICE_ANSWERED);
	KTEST_CHECK(pending >= 5 && answer.rcx == 42 && fills == 1);
	return OK;
}

KTEST(service_bad_buffer_is_not_accepted, 0)
{
	const struct service_call request = {
		.protocol = PROTOCOL, .call = CALL_ECHO, .buffer_size = 8};
	struct service_call too_big = request;
	struct service_answer answer;
	enum error error = start_server();

	if (error != OK)
		return error;
	KTEST_CHECK(service_request(slot, &request, fill, &error, &answer) == SERVICE_BAD_BUFFER);
	too_big.buffer_size = 4097;
	KTEST_CHECK(service_request(slot, &too_big, fill, NULL, &answer) == SERVICE_BAD_BUFFER);
	too_big.protocol = SERVICE_PROTOCOL_MAX;
	KTEST_CHECK(service_request(slot, &too_big, fill, NULL, &answer) == SERVICE_ABSENT);
	too_big.protocol = 6;
	KTEST_CHECK(service_request(slot, &too_big, fill, NULL, &answer) == SERVICE_ABSENT);
	return OK;
}

KTEST(service_lies_are_refused, 0)
{
	struct service_answer answer = {0};
	enum error error = start_server();
	uint32_t pending;

	if (error != OK)
		return error;
	KTEST_CHECK(call(CALL_WRONG_ID, 0, 16, &answer, &pending) == SERVICE_ANSWERED);
	KTEST_CHECK(call(CALL_TOO_BIG, 0, 16, &answer, &pending) == SERVICE_ANSWERED);
	KTEST_CHECK(answer.buffer_size == 16);
	return OK;
}

/* The guest gives up and makes another call: the late answer finds nobody. */
KTEST(service_dropped_call_is_stale, 0)
{
	const struct service_call silent = {.protocol = PROTOCOL, .call = CALL_SILENT, .rcx = 1};
	struct service_answer answer = {0};
	enum error error = start_server();
	uint32_t pending;

	if (error != OK)
		return error;
	for (int i = 0; i < 5; i++)
		KTEST_CHECK(service_request(slot, &silent, fill, NULL, &answer) == SERVICE_PENDING);
	KTEST_CHECK(call(CALL_STALE, 0, 0, &answer, &pending) == SERVICE_ANSWERED);
	KTEST_CHECK(answer.rcx == LINUX_ESTALE);
	return OK;
}

KTEST(service_budget_ends_a_call, 0)
{
	struct service_answer answer = {0};
	enum error error = start_server();
	uint32_t pending;

	if (error != OK)
		return error;
	service_set_limits(SLICE_NS, 20000000);
	KTEST_CHECK(call(CALL_SILENT, 0, 0, &answer, &pending) == SERVICE_FAILED);
	KTEST_CHECK(pending >= 4 && pending < 100);
	service_set_limits(SLICE_NS, LONG_NS);
	KTEST_CHECK(call(CALL_ECHO, 0, 0, &answer, &pending) == SERVICE_ANSWERED);
	return OK;
}

KTEST(service_death_fails_the_call_and_restart_heals, 0)
{
	struct service_answer answer = {0};
	struct page_statistics before, after;
	uint32_t pending;

	for (uint32_t i = 0; i < 6; i++) {
		enum error error = start_server();

		if (error != OK)
			return error;
		KTEST_CHECK(call(CALL_ECHO, 0, 32, &answer, &pending) == SERVICE_ANSWERED);
		KTEST_CHECK(call(i % 2 == 0 ? CALL_EXIT : CALL_CRASH, 0, 0, &answer, &pending) ==
			    SERVICE_FAILED);
		KTEST_CHECK(!service_present(PROTOCOL) && service_manifest_list(NULL, 0) == 0);
		KTEST_CHECK(call(CALL_ECHO, 0, 0, &answer, &pending) == SERVICE_ABSENT);
		while (process_count() != 0)
			(void)!wait_until(clock_ns() + 1000000);
		page_statistics(i == 1 ? &before : &after);
	}
	KTEST_CHECK(after.owned[PAGE_OWNER_USER] == 0);
	KTEST_CHECK(after.owned[PAGE_OWNER_PAGE_TABLE] == before.owned[PAGE_OWNER_PAGE_TABLE]);
	return OK;
}

KTEST(service_manifests, 0)
{
	static const uint8_t fixed[16] = "fixed-manifest!", asked[16] = "asked-manifest!";
	uint8_t data[8] = {0};
	uint32_t size = sizeof(data);
	enum service_status status;
	enum error error = start_server();

	if (error != OK)
		return error;
	KTEST_CHECK(service_manifest_read(slot, fixed, 0, data, &size) == SERVICE_ANSWERED);
	KTEST_CHECK(size == 5 && memcmp(data, "data", 5) == 0);
	size = 4;
	KTEST_CHECK(service_manifest_read(slot, fixed, 0, data, &size) == SERVICE_FAILED &&
		    size == 5);
	KTEST_CHECK(service_manifest_read(slot, fixed, 1, data, &size) == SERVICE_ABSENT);
	do {
		size = sizeof(data);
		status = service_manifest_read(slot, asked, 3, data, &size);
	} while (status == SERVICE_PENDING);
	KTEST_CHECK(status == SERVICE_ANSWERED && size == 4 && memcmp(data, "made", 4) == 0);
	return OK;
}

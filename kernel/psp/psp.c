/* SPDX-License-Identifier: MIT */
/* The channel as the kernel uses it: one at a time, patient with a busy host, checks of answers. */
#include <mbedtls/platform_util.h>

#include "channel.h"
#include "kernel/clock.h"
#include "kernel/log.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "kernel/wait.h"

#define BACKOFF_FIRST_NS 1000000ULL   /* 1 ms */
#define BACKOFF_MAX_NS   200000000ULL /* 200 ms */

static struct psp_channel channel;
static struct mutex channel_lock;
static bool initialised;

static void wipe_key(void)
{
	mbedtls_platform_zeroize(channel.key, sizeof(channel.key));
}

enum error psp_init(const uint8_t key[VMPCK_SIZE], psp_transport transport)
{
	mutex_init(&channel_lock);
	psp_channel_init(&channel, key, transport);
	stop_register_wipe(wipe_key);
	initialised = true;
	return OK;
}

bool psp_alive(void)
{
	return initialised && channel.sequence.state != PSP_SEQUENCE_GONE;
}

/* Nobody wakes this queue: it is a bounded sleep. */
static void sleep_until(uint64_t deadline_ns)
{
	struct wait_queue queue;

	wait_queue_init(&queue);
	(void)wait_event_until(&queue, false, deadline_ns);
}

static enum error try_once(const struct psp_request *request, void *answer, size_t size,
			   struct psp_certs *certs)
{
	bool was_alive;
	enum error error;

	mutex_lock(&channel_lock);
	was_alive = psp_alive();
	error = was_alive ? psp_channel_try(&channel, request, answer, size, certs) : ERR_CLOSED;
	if (was_alive && !psp_alive())
		log_error("psp: the host's answers can't be trusted; VMPCK0 is wiped");
	mutex_unlock(&channel_lock);
	return error;
}

/* BUSY is retried with growing pauses, outside the lock, until the deadline. */
static enum error request_answer(const struct psp_request *request, void *answer, size_t size,
				 struct psp_certs *certs, uint64_t deadline_ns)
{
	uint64_t pause = BACKOFF_FIRST_NS;
	enum error error;

	for (;;) {
		error = try_once(request, answer, size, certs);
		if (error != ERR_BUSY && error != ERR_PLATFORM)
			return error;
		if (clock_ns() + pause > deadline_ns)
			return error;
		sleep_until(clock_ns() + pause);
		pause = pause * 2 > BACKOFF_MAX_NS ? BACKOFF_MAX_NS : pause * 2;
	}
}

/* The report is for what we asked: a host may have another guest's valid one at hand (A21). */
static enum error check_report(const struct report_rsp *response, const uint8_t report_data[64],
			       uint32_t vmpl)
{
	if (response->status != MSG_STATUS_OK)
		return ERR_IO;
	if (response->report_size != sizeof(response->report) || response->report.vmpl != vmpl ||
	    memcmp(response->report.report_data, report_data, 64) != 0)
		return ERR_PLATFORM;
	return OK;
}

enum error psp_report(const uint8_t report_data[64], uint32_t vmpl,
		      struct attestation_report *report, struct psp_certs *certs,
		      uint64_t deadline_ns)
{
	struct psp_request request = {.type = GUEST_MSG_REPORT_REQ,
				      .size = sizeof(struct report_req)};
	struct report_req payload = {.vmpl = vmpl, .key_sel = REPORT_KEY_SEL_DEFAULT};
	struct report_rsp response;
	enum error error;

	memcpy(payload.report_data, report_data, sizeof(payload.report_data));
	memcpy(request.payload, &payload, sizeof(payload));
	error = request_answer(&request, &response, sizeof(response), certs, deadline_ns);
	if (error == OK)
		error = check_report(&response, report_data, vmpl);
	if (error == OK)
		*report = response.report;
	return error;
}

enum error psp_derive_key(const struct key_req *key_request, uint8_t key[32], uint64_t deadline_ns)
{
	struct psp_request request = {.type = GUEST_MSG_KEY_REQ, .size = sizeof(*key_request)};
	struct key_rsp response;
	enum error error;

	memset(key, 0, 32);
	memcpy(request.payload, key_request, sizeof(*key_request));
	error = request_answer(&request, &response, sizeof(response), NULL, deadline_ns);
	if (error == OK && response.status != MSG_STATUS_OK)
		error = ERR_IO;
	if (error == OK)
		memcpy(key, response.key, sizeof(response.key));
	mbedtls_platform_zeroize(&response, sizeof(response));
	return error;
}

enum error psp_tsc_info(struct tsc_info_rsp *info, uint64_t deadline_ns)
{
	struct psp_request request = {.type = GUEST_MSG_TSC_INFO_REQ,
				      .size = sizeof(struct tsc_info_req)};
	struct tsc_info_rsp response;
	enum error error;

	error = request_answer(&request, &response, sizeof(response), NULL, deadline_ns);
	if (error == OK && response.status != MSG_STATUS_OK)
		error = ERR_IO;
	if (error == OK)
		*info = response;
	return error;
}

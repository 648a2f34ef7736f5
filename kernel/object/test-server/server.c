/* SPDX-License-Identifier: MIT */
/*
 * A protocol server that behaves as the call number says; the ring-3 side of the in-kernel tests of
 * calls (kernel/object/test-kernel/test_service.c, which has the same numbers).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "svcabi/svcabi.h"

#define PROTOCOL_FILE "/dev/svsm/protocol/7"

enum {
	CALL_ECHO = 0,     /* rcx + 1; the buffer reversed */
	CALL_SLOW = 1,     /* the same after rdx milliseconds */
	CALL_EXIT = 2,     /* ends without an answer */
	CALL_CRASH = 3,    /* faults */
	CALL_SILENT = 4,   /* no answer; goes on with the next */
	CALL_WRONG_ID = 5, /* an answer to a call that nobody made, then the right one */
	CALL_TOO_BIG = 6,  /* an answer larger than its room, then the right one */
	CALL_STALE = 7,    /* answers the call before this one first: rcx = the errno of that */
};

static struct svc_request request;
static struct svc_response response;
static uint64_t before;

static int answer(int server)
{
	ssize_t size = write(server, &response, sizeof(response));

	return size == (ssize_t)sizeof(response) ? 0 : errno;
}

static void register_manifests(void)
{
	struct {
		struct svc_manifest head;
		uint8_t data[5];
	} fixed = {.head = {.guid = "fixed-manifest!", .version = 0, .size = 5}, .data = "data"};
	struct svc_manifest asked = {.guid = "asked-manifest!", .version = 3, .size = 0};
	int file = open("/dev/svsm/manifest", O_WRONLY);

	if (write(file, &fixed, sizeof(fixed.head) + 5) != (ssize_t)sizeof(fixed.head) + 5 ||
	    write(file, &asked, sizeof(asked)) != (ssize_t)sizeof(asked))
		exit(10);
	close(file);
}

static void reverse(void)
{
	response.buffer_size = request.buffer_size;
	for (uint32_t i = 0; i < request.buffer_size; i++)
		response.buffer[i] = request.buffer[request.buffer_size - 1 - i];
}

/* What to do before the answer; false: there is none. */
static int prepare(int server)
{
	struct timespec pause = {0, (long)request.rdx * 1000000};

	switch (request.call) {
	case CALL_SLOW:
		nanosleep(&pause, NULL);
		return 1;
	case CALL_EXIT:
		exit(0);
	case CALL_CRASH:
		__asm__ volatile("ud2");
		return 0;
	case CALL_SILENT:
		return 0;
	case CALL_WRONG_ID:
		response.id = request.id + 1000;
		response.rcx = (uint64_t)answer(server);
		return response.rcx == ESTALE;
	case CALL_TOO_BIG:
		response.buffer_size = request.buffer_size + 1;
		response.rcx = (uint64_t)answer(server);
		return response.rcx == EINVAL;
	case CALL_STALE:
		response.id = before;
		response.rcx = (uint64_t)answer(server);
		return 1;
	default:
		return 1;
	}
}

static void serve_call(int server)
{
	memset(&response, 0, sizeof(response));
	response.id = request.id;
	response.rcx = request.rcx + 1;
	if (request.kind == SVC_REQUEST_MANIFEST) {
		response.buffer_size = 4;
		memcpy(response.buffer, "made", 4);
	} else if (!prepare(server)) {
		return;
	} else {
		reverse();
	}
	response.id = request.id;
	(void)!answer(server);
}

int main(void)
{
	int server = open(PROTOCOL_FILE, O_RDWR);

	if (server < 0 || open(PROTOCOL_FILE, O_RDWR) != -1 || errno != EBUSY)
		return 11;
	register_manifests();
	for (;;) {
		if (read(server, &request, sizeof(request)) != (ssize_t)sizeof(request))
			return 12;
		serve_call(server);
		before = request.id;
	}
}

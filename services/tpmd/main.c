/* SPDX-License-Identifier: MIT */
/*
 * tpmd: the vTPM, a server of SVSM protocol 2. Single-threaded: it reads a request, lets the TPM
 * work, writes the answer. It has no access to the guest's memory and keeps its state in its own;
 * when it ends it is a new TPM with new seeds that comes back, so a crash never hides a
 * measurement.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "server.h"
#include "vtpm.h"

#define READY_FD 3 /* init's end of readiness: one line, then closed */

static struct memory_state state;

static int fail(const char *what)
{
	fprintf(stderr, "tpmd: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

/* Registers the service; the kernel asks for the data when somebody attests, unless given now. */
static bool register_manifest(const struct options *options)
{
	static struct svc_request ask = {.kind = SVC_REQUEST_MANIFEST,
					 .call = VTPM_MANIFEST_VERSION};
	static struct svc_response answer;
	static uint8_t message[sizeof(struct svc_manifest) + SVC_MANIFEST_MAX];
	struct svc_manifest header = {.version = VTPM_MANIFEST_VERSION};
	size_t size;
	ssize_t written;
	int fd;

	if (options->manifest_at_start) {
		if (server_answer(&ask, &answer) != SERVER_OK)
			return false;
		header.size = answer.buffer_size;
	}
	memcpy(header.guid, vtpm_service_guid.bytes, sizeof(header.guid));
	memcpy(message, &header, sizeof(header));
	memcpy(message + sizeof(header), answer.buffer, header.size);
	size = sizeof(header) + header.size;
	fd = open(options->manifest, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	written = write(fd, message, size);
	close(fd);
	return written == (ssize_t)size;
}

/* Whoever started us by hand has no such descriptor; that is no error. */
static void tell_ready(void)
{
	if (write(READY_FD, "\n", 1) == 1)
		close(READY_FD);
}

/* Serves until the kernel has no more requests for us. Returns the exit status. */
static int serve(int fd)
{
	static struct svc_request request;
	static struct svc_response response;

	for (;;) {
		ssize_t got = read(fd, &request, sizeof(request));

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			return EXIT_SUCCESS;
		if (got != (ssize_t)sizeof(request))
			return fail("read");
		if (server_answer(&request, &response) != SERVER_OK) {
			fprintf(stderr, "tpmd: the TPM is lost\n");
			return EXIT_FAILURE;
		}
		if (write(fd, &response, sizeof(response)) < 0 && errno != ESTALE)
			return fail("write");
	}
}

int main(int argc, char **argv)
{
	struct options options;
	enum vtpm_error error;
	const char *bad;
	int fd;

	if (!options_parse(argc, argv, &options, &bad)) {
		fprintf(stderr, "tpmd: bad argument: %s\n", bad);
		return EXIT_FAILURE;
	}
	memory_state_init(&state);
	error = vtpm_power_on(&state.store, options.banks);
	if (error) {
		fprintf(stderr, "tpmd: no TPM: error %d\n", (int)error);
		return EXIT_FAILURE;
	}
	fd = open(options.device, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail(options.device);
	if (!register_manifest(&options))
		return fail(options.manifest);
	tell_ready();
	return serve(fd);
}

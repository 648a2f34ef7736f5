/* SPDX-License-Identifier: MIT */
/*
 * The vTPM as a host program that speaks the TPM simulator's socket protocol, for tests with other
 * people's TPM software: tpmd-mssim PORT [EK-FILE]. Commands come on PORT, platform signals on PORT
 * +
 * 1. Each TPM command goes through a request page and the server, as a guest's does. EK-FILE.0, .1
 * and .2 get the public parts of the endorsement keys (enum ek_kind).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../ek.h"
#include "../page.h"
#include "../server.h"
#include "../vtpm.h"
#include "../wire.h"

#define MSSIM_POWER_ON     1U
#define MSSIM_POWER_OFF    2U
#define MSSIM_SEND_COMMAND 8U
#define MSSIM_RESET        17U
#define MSSIM_SESSION_END  20U
#define MSSIM_STOP         21U

#define MAX_CONNECTIONS 16

static struct memory_state state;
static bool powered;

static bool receive(int fd, void *to, size_t size)
{
	return recv(fd, to, size, MSG_WAITALL) == (ssize_t)size;
}

static bool receive_u32(int fd, uint32_t *value)
{
	uint8_t bytes[4];

	if (!receive(fd, bytes, sizeof(bytes)))
		return false;
	*value = load_be32(bytes);
	return true;
}

static bool transmit(int fd, const void *from, size_t size)
{
	return send(fd, from, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static bool transmit_u32(int fd, uint32_t value)
{
	uint8_t bytes[4];

	store_be32(bytes, value);
	return transmit(fd, bytes, sizeof(bytes));
}

static void set_power(bool on)
{
	if (on && !powered && vtpm_power_on(&state.store, VTPM_BANK_SHA256) != VTPM_OK) {
		fprintf(stderr, "tpmd-mssim: the TPM does not start\n");
		exit(EXIT_FAILURE);
	}
	if (!on && powered)
		vtpm_power_off();
	powered = on;
}

/* u8 locality, u32 size, bytes; answered with u32 size, bytes, u32 0. */
static bool serve_command(int fd)
{
	static struct svc_request request;
	static struct svc_response response;
	uint32_t size, answered;
	uint8_t locality;

	if (!receive(fd, &locality, 1) || !receive_u32(fd, &size) || size > VTPM_REQUEST_MAX)
		return false;
	request = (struct svc_request){.id = 1, .kind = SVC_REQUEST_CALL};
	request.protocol = SVSM_PROTOCOL_VTPM;
	request.call = SVSM_VTPM_CMD;
	request.buffer_size = VTPM_PAGE_SIZE;
	store_le32(request.buffer, SVSM_TPM_SEND_COMMAND);
	request.buffer[4] = locality;
	store_le32(request.buffer + 5, size);
	if (!receive(fd, request.buffer + VTPM_REQUEST_HEADER, size))
		return false;
	if (server_answer(&request, &response) != SERVER_OK || response.result != SVSM_SUCCESS)
		return false;
	answered = load_le32(response.buffer);
	return transmit_u32(fd, answered) &&
	       transmit(fd, response.buffer + VTPM_RESPONSE_HEADER, answered) &&
	       transmit_u32(fd, 0);
}

/* False: the connection ends. */
static bool serve_connection(int fd)
{
	uint32_t signal;

	if (!receive_u32(fd, &signal))
		return false;
	switch (signal) {
	case MSSIM_SEND_COMMAND:
		return powered && serve_command(fd);
	case MSSIM_POWER_ON:
		set_power(true);
		break;
	case MSSIM_POWER_OFF:
		set_power(false);
		break;
	case MSSIM_RESET:
		set_power(false);
		set_power(true);
		break;
	case MSSIM_SESSION_END:
		return false;
	case MSSIM_STOP:
		set_power(false);
		memory_state_clear(&state);
		exit(EXIT_SUCCESS);
	default:
		break;
	}
	return transmit_u32(fd, 0);
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8)) {
		perror("tpmd-mssim");
		exit(EXIT_FAILURE);
	}
	return fd;
}

static void loop(struct pollfd *polled)
{
	nfds_t count = 2; /* the listeners, then the connections */

	for (;;) {
		if (poll(polled, count, -1) < 0)
			continue;
		for (nfds_t i = count; i-- > 2;) {
			if (polled[i].revents == 0 || serve_connection(polled[i].fd))
				continue;
			close(polled[i].fd);
			polled[i] = polled[--count];
		}
		for (nfds_t i = 0; i < 2; i++) {
			if (!(polled[i].revents & POLLIN) || count == MAX_CONNECTIONS + 2)
				continue;
			polled[count].fd = accept(polled[i].fd, NULL, NULL);
			polled[count].revents = 0;
			polled[count++].events = POLLIN;
		}
	}
}

static void write_endorsement_keys(const char *path)
{
	for (enum ek_kind kind = 0; kind < EK_KINDS; kind++) {
		const uint8_t *public;
		char name[4096];
		size_t size;
		FILE *file;

		snprintf(name, sizeof(name), "%s.%d", path, (int)kind);
		file = fopen(name, "wb");
		if (!file || ek_public(kind, &public, &size) != VTPM_OK ||
		    fwrite(public, 1, size, file) != size || fclose(file)) {
			fprintf(stderr, "tpmd-mssim: %s: no endorsement key\n", name);
			exit(EXIT_FAILURE);
		}
	}
}

int main(int argc, char **argv)
{
	struct pollfd polled[MAX_CONNECTIONS + 2] = {0};
	long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

	if (port < 1 || port > 65534) {
		fprintf(stderr, "usage: tpmd-mssim PORT [EK-FILE]\n");
		return EXIT_FAILURE;
	}
	memory_state_init(&state);
	set_power(true);
	if (argc > 2)
		write_endorsement_keys(argv[2]);
	for (uint16_t i = 0; i < 2; i++) {
		polled[i].fd = listen_on((uint16_t)(port + i));
		polled[i].events = POLLIN;
	}
	loop(polled);
}

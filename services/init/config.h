/* SPDX-License-Identifier: MIT */
/*
 * init's configuration, a text file in the measured archive:
 *
 *   # a comment
 *   launch required            the guest starts when all required services are ready, or
 *   launch after MS            at the latest MS milliseconds after init's start
 *   service NAME               begins a service; the lines below belong to it
 *     run PATH [ARGUMENT...]   what is executed
 *     after NAME               starts when that service is ready (may be repeated)
 *     required                 the guest needs it
 *     timeout MS               must be ready within MS (default 60000), else it is ended
 *     restarts N               consecutive restarts before it is given up (default 8)
 */
#ifndef INIT_CONFIG_H
#define INIT_CONFIG_H

#include "base/compiler.h"
#include "base/types.h"

#define CONFIG_SERVICES  16U
#define CONFIG_ARGUMENTS 8U
#define CONFIG_FILE_MAX  8192U

enum config_error {
	CONFIG_OK = 0,
	CONFIG_SYNTAX,   /* a line makes no sense */
	CONFIG_TOO_MUCH, /* more services, arguments or text than there is room for */
	CONFIG_NAME,     /* a name is used twice, or `after` names nobody */
	CONFIG_CYCLE,    /* services wait for each other */
};

struct service_config {
	const char *name;
	const char *arguments[CONFIG_ARGUMENTS + 1]; /* [0] is the path; ends with NULL */
	uint32_t after; /* bit i: waits for services[i]; services[] is in dependency order */
	uint32_t timeout_ms;
	uint32_t restarts;
	bool required;
};

struct config {
	struct service_config services[CONFIG_SERVICES];
	size_t count;
	int64_t launch_after_ms;        /* -1: wait for the required services for ever */
	char text[CONFIG_FILE_MAX + 1]; /* what the names point into */
};

/*
 * Reads the configuration from `size` bytes of text at `text` (no NUL needed) and puts the services
 * in dependency order. On error `*line` is the line (from 1; 0: no single line is to blame) and
 * `out` is not usable.
 */
enum config_error config_parse(const char *text, size_t size, struct config *out,
			       unsigned *line) MUST_CHECK;

#endif

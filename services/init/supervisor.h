/* SPDX-License-Identifier: MIT */
/*
 * Which service runs when: a state machine over time and events, without processes of its own.
 * Times are milliseconds of a clock that never steps back.
 */
#ifndef INIT_SUPERVISOR_H
#define INIT_SUPERVISOR_H

#include "config.h"

#define BACKOFF_FIRST_MS 100U
#define BACKOFF_MAX_MS   10000U
#define STABLE_MS        30000U /* ready for so long: earlier crashes are forgiven */

enum service_state {
	SERVICE_WAITING, /* not started yet: its predecessors are not ready, or its back-off runs */
	SERVICE_STARTING, /* runs, and has not said that it is ready */
	SERVICE_READY,
	SERVICE_GIVEN_UP, /* crashed too often */
};

struct service {
	const struct service_config *config;
	enum service_state state;
	int64_t since;      /* when it came into this state */
	int64_t not_before; /* SERVICE_WAITING: the end of its back-off */
	uint32_t failures;  /* consecutive */
};

struct supervisor {
	const struct config *config;
	struct service services[CONFIG_SERVICES];
	int64_t started;
	bool launched;
};

/* What is to be done now. */
enum action_kind {
	ACTION_NONE,
	ACTION_START,  /* start services[index] */
	ACTION_KILL,   /* end services[index]: it is not ready in time */
	ACTION_LAUNCH, /* let the guest start */
};

struct action {
	enum action_kind kind;
	size_t index;
};

/* Begins at `now`. `config` must outlive the supervisor. */
void supervisor_begin(struct supervisor *supervisor, const struct config *config, int64_t now);

/*
 * Gives the next thing to do at `now`, and counts it as done: called until ACTION_NONE. A killed or
 * not startable service is reported by supervisor_ended.
 */
struct action supervisor_next(struct supervisor *supervisor, int64_t now);

/* services[index] said that it is ready. */
void supervisor_ready(struct supervisor *supervisor, size_t index, int64_t now);

/* The process of services[index] ended, for whatever reason, or could not be started. */
void supervisor_ended(struct supervisor *supervisor, size_t index, int64_t now);

/*
 * Milliseconds from `now` until supervisor_next has something to do though nothing happens, 0 to
 * INT32_MAX; -1: only an event can change anything.
 */
int supervisor_wait(const struct supervisor *supervisor, int64_t now);

#endif

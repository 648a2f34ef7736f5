/* SPDX-License-Identifier: MIT */
#include "supervisor.h"

static void enter(struct service *service, enum service_state state, int64_t now)
{
	service->state = state;
	service->since = now;
}

void supervisor_begin(struct supervisor *supervisor, const struct config *config, int64_t now)
{
	*supervisor = (struct supervisor){.config = config, .started = now};
	for (size_t i = 0; i < config->count; i++) {
		supervisor->services[i].config = &config->services[i];
		supervisor->services[i].not_before = now;
		enter(&supervisor->services[i], SERVICE_WAITING, now);
	}
}

static bool predecessors_ready(const struct supervisor *supervisor, const struct service *service)
{
	for (size_t i = 0; i < supervisor->config->count; i++)
		if ((service->config->after >> i & 1) != 0 &&
		    supervisor->services[i].state != SERVICE_READY)
			return false;
	return true;
}

static int64_t start_deadline(const struct service *service)
{
	return service->since + service->config->timeout_ms;
}

static bool required_ready(const struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->config->count; i++)
		if (supervisor->services[i].config->required &&
		    supervisor->services[i].state != SERVICE_READY)
			return false;
	return true;
}

static int64_t launch_deadline(const struct supervisor *supervisor)
{
	int64_t after = supervisor->config->launch_after_ms;

	return after < 0 ? INT64_MAX : supervisor->started + after;
}

struct action supervisor_next(struct supervisor *supervisor, int64_t now)
{
	for (size_t i = 0; i < supervisor->config->count; i++) {
		struct service *service = &supervisor->services[i];

		if (service->state == SERVICE_WAITING && service->not_before <= now &&
		    predecessors_ready(supervisor, service)) {
			enter(service, SERVICE_STARTING, now);
			return (struct action){ACTION_START, i};
		}
		if (service->state == SERVICE_STARTING && start_deadline(service) <= now) {
			service->since = now; /* asked once per time-out, not without end */
			return (struct action){ACTION_KILL, i};
		}
	}
	if (!supervisor->launched &&
	    (required_ready(supervisor) || launch_deadline(supervisor) <= now)) {
		supervisor->launched = true;
		return (struct action){ACTION_LAUNCH, 0};
	}
	return (struct action){ACTION_NONE, 0};
}

void supervisor_ready(struct supervisor *supervisor, size_t index, int64_t now)
{
	if (supervisor->services[index].state == SERVICE_STARTING)
		enter(&supervisor->services[index], SERVICE_READY, now);
}

/* Doubles with each failure in a row. */
static int64_t backoff(uint32_t failures)
{
	int64_t delay = BACKOFF_FIRST_MS;

	for (uint32_t i = 1; i < failures && delay < BACKOFF_MAX_MS; i++)
		delay *= 2;
	return delay < BACKOFF_MAX_MS ? delay : BACKOFF_MAX_MS;
}

void supervisor_ended(struct supervisor *supervisor, size_t index, int64_t now)
{
	struct service *service = &supervisor->services[index];

	if (service->state == SERVICE_READY && now - service->since >= STABLE_MS)
		service->failures = 0;
	service->failures++;
	if (service->failures > service->config->restarts) {
		enter(service, SERVICE_GIVEN_UP, now);
		return;
	}
	service->not_before = now + backoff(service->failures);
	enter(service, SERVICE_WAITING, now);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int supervisor_wait(const struct supervisor *supervisor, int64_t now)
{
	int64_t next = supervisor->launched ? INT64_MAX : launch_deadline(supervisor);

	for (size_t i = 0; i < supervisor->config->count; i++) {
		const struct service *service = &supervisor->services[i];

		if (service->state == SERVICE_WAITING && predecessors_ready(supervisor, service))
			next = earlier(next, service->not_before);
		if (service->state == SERVICE_STARTING)
			next = earlier(next, start_deadline(service));
	}
	if (next == INT64_MAX)
		return -1;
	if (next <= now)
		return 0;
	return next - now > INT32_MAX ? INT32_MAX : (int)(next - now);
}

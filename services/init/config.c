/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS              (CONFIG_ARGUMENTS + 2)
#define DEFAULT_TIMEOUT_MS 60000U
#define DEFAULT_RESTARTS   8U
#define NUMBER_MAX         100000000L

/* What one line says, as words that point into the text. */
struct line {
	char *words[WORDS];
	size_t count;
};

/* Names of `after` lines, resolved when all services are known. */
struct parser {
	struct config *config;
	const char *after[CONFIG_SERVICES][CONFIG_SERVICES];
	size_t after_count[CONFIG_SERVICES];
};

static enum config_error split(char *text, struct line *line)
{
	char *save = NULL;

	line->count = 0;
	text[strcspn(text, "#")] = '\0';
	for (char *word = strtok_r(text, " \t\r", &save); word;
	     word = strtok_r(NULL, " \t\r", &save)) {
		if (line->count == WORDS)
			return CONFIG_TOO_MUCH;
		line->words[line->count++] = word;
	}
	return CONFIG_OK;
}

static bool parse_number(const char *word, uint32_t *out)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	if (errno || end == word || *end != '\0' || value < 0 || value > NUMBER_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

static enum config_error parse_launch(struct config *config, const struct line *line)
{
	uint32_t ms;

	if (line->count == 2 && strcmp(line->words[1], "required") == 0) {
		config->launch_after_ms = -1;
		return CONFIG_OK;
	}
	if (line->count != 3 || strcmp(line->words[1], "after") != 0 ||
	    !parse_number(line->words[2], &ms))
		return CONFIG_SYNTAX;
	config->launch_after_ms = ms;
	return CONFIG_OK;
}

static enum config_error begin_service(struct config *config, const struct line *line)
{
	if (line->count != 2)
		return CONFIG_SYNTAX;
	if (config->count == CONFIG_SERVICES)
		return CONFIG_TOO_MUCH;
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->services[i].name, line->words[1]) == 0)
			return CONFIG_NAME;
	config->services[config->count++] = (struct service_config){
		.name = line->words[1],
		.timeout_ms = DEFAULT_TIMEOUT_MS,
		.restarts = DEFAULT_RESTARTS,
	};
	return CONFIG_OK;
}

static enum config_error parse_run(struct service_config *service, const struct line *line)
{
	if (line->count < 2 || line->words[1][0] != '/' || service->arguments[0])
		return CONFIG_SYNTAX;
	if (line->count - 1 > CONFIG_ARGUMENTS)
		return CONFIG_TOO_MUCH;
	for (size_t i = 1; i < line->count; i++)
		service->arguments[i - 1] = line->words[i];
	return CONFIG_OK;
}

static enum config_error parse_after(struct parser *parser, const struct line *line)
{
	size_t index = parser->config->count - 1;

	if (line->count != 2)
		return CONFIG_SYNTAX;
	if (parser->after_count[index] == CONFIG_SERVICES)
		return CONFIG_TOO_MUCH;
	parser->after[index][parser->after_count[index]++] = line->words[1];
	return CONFIG_OK;
}

static enum config_error parse_service_line(struct parser *parser, const struct line *line)
{
	struct service_config *service = &parser->config->services[parser->config->count - 1];
	const char *key = line->words[0];
	uint32_t *number = NULL;

	if (strcmp(key, "run") == 0)
		return parse_run(service, line);
	if (strcmp(key, "after") == 0)
		return parse_after(parser, line);
	if (strcmp(key, "required") == 0) {
		service->required = true;
		return line->count == 1 ? CONFIG_OK : CONFIG_SYNTAX;
	}
	if (strcmp(key, "timeout") == 0)
		number = &service->timeout_ms;
	else if (strcmp(key, "restarts") == 0)
		number = &service->restarts;
	if (!number || line->count != 2 || !parse_number(line->words[1], number))
		return CONFIG_SYNTAX;
	return CONFIG_OK;
}

static enum config_error parse_line(struct parser *parser, char *text)
{
	struct line line;
	enum config_error error = split(text, &line);

	if (error || line.count == 0)
		return error;
	if (strcmp(line.words[0], "launch") == 0)
		return parse_launch(parser->config, &line);
	if (strcmp(line.words[0], "service") == 0)
		return begin_service(parser->config, &line);
	if (parser->config->count == 0)
		return CONFIG_SYNTAX;
	return parse_service_line(parser, &line);
}

static enum config_error resolve(struct parser *parser, size_t index)
{
	struct config *config = parser->config;

	for (size_t a = 0; a < parser->after_count[index]; a++) {
		size_t i = 0;

		while (i < config->count &&
		       strcmp(config->services[i].name, parser->after[index][a]) != 0)
			i++;
		if (i == config->count)
			return CONFIG_NAME;
		config->services[index].after |= (uint32_t)1 << i;
	}
	return CONFIG_OK;
}

/* Repeatedly takes the first service whose predecessors are all placed; renumbers `after`. */
static enum config_error sort(struct config *config)
{
	struct service_config sorted[CONFIG_SERVICES] = {0};
	size_t place[CONFIG_SERVICES] = {0};
	uint32_t placed = 0;

	for (size_t n = 0; n < config->count; n++) {
		size_t i = 0;

		while (i < config->count &&
		       ((placed >> i & 1) != 0 || (config->services[i].after & ~placed) != 0))
			i++;
		if (i == config->count)
			return CONFIG_CYCLE;
		sorted[n] = config->services[i];
		sorted[n].after = 0;
		for (size_t j = 0; j < config->count; j++)
			if ((config->services[i].after >> j & 1) != 0)
				sorted[n].after |= (uint32_t)1 << place[j];
		place[i] = n;
		placed |= (uint32_t)1 << i;
	}
	memcpy(config->services, sorted, config->count * sizeof(sorted[0]));
	return CONFIG_OK;
}

static enum config_error finish(struct parser *parser)
{
	for (size_t i = 0; i < parser->config->count; i++) {
		enum config_error error = resolve(parser, i);

		if (!error && !parser->config->services[i].arguments[0])
			error = CONFIG_SYNTAX;
		if (error)
			return error;
	}
	return sort(parser->config);
}

enum config_error config_parse(const char *text, size_t size, struct config *out, unsigned *line)
{
	struct parser parser = {.config = out};
	char *next = out->text;

	*line = 0;
	if (size > CONFIG_FILE_MAX)
		return CONFIG_TOO_MUCH;
	*out = (struct config){.launch_after_ms = -1};
	memcpy(out->text, text, size);
	while (next) {
		char *current = next;
		enum config_error error;

		next = strchr(current, '\n');
		if (next)
			*next++ = '\0';
		++*line;
		error = parse_line(&parser, current);
		if (error)
			return error;
	}
	*line = 0;
	return finish(&parser);
}

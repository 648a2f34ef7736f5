/* SPDX-License-Identifier: MIT */
/* igvm: build, measure, sign and look at IGVM images. */
#include <stdio.h>
#include <string.h>

#include "base/types.h"
#include "tool.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
};

static const struct command commands[] = {
	{"build", command_build, "make an image from kernel, shim, archive and firmware"},
	{"measure", command_measure, "print the SNP launch digest"},
	{"sign", command_sign, "add an ID block"},
	{"dump", command_dump, "print every header"},
};

static void usage(FILE *stream)
{
	fputs("usage: igvm COMMAND [OPTION]...\n", stream);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stream, "  %-8s %s\n", commands[i].name, commands[i].summary);
}

int main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return TOOL_OK;
	}
	for (size_t i = 0; argc >= 2 && i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	usage(stderr);
	return TOOL_USAGE;
}

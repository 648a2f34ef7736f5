/* SPDX-License-Identifier: MIT */
/* What all commands of the program igvm share. */
#ifndef IGVM_TOOL_H
#define IGVM_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "igvm/reader.h"

/* Exit status of the program. A complaint has been printed for all but TOOL_OK. */
enum tool_status {
	TOOL_OK = 0,
	TOOL_USAGE = 2, /* bad command line */
	TOOL_INPUT = 3, /* an input file or the recipe can't be used */
	TOOL_IO = 4,    /* reading or writing failed, or no memory */
	TOOL_CHECK = 5, /* a check that was asked for failed */
};

/* A file in memory. */
struct file {
	const char *path;
	uint8_t *bytes;
	size_t size;
};

/* Prints "igvm: ..." and a newline on stderr. */
void complain(const char *format, ...) PRINTF(1, 2);

/* Reads a whole file, at most 1 GiB. */
MUST_CHECK enum tool_status file_read(struct file *file, const char *path);

/* Writes a file in one piece: a new file appears complete or not at all. */
MUST_CHECK enum tool_status file_write(const char *path, const void *bytes, size_t size);

void file_free(struct file *file);

/* Reads and checks an IGVM file; complaints name the header and offset. */
MUST_CHECK enum tool_status igvm_load(struct file *file, struct igvm_file *igvm, const char *path);

/* A whole number, decimal or 0x…, with an optional K, M or G (binary) behind it. */
MUST_CHECK bool parse_number(const char *text, uint64_t *value);

/* 2 * size hex digits of bytes, and a NUL, into text. */
void hex_text(const uint8_t *bytes, size_t size, char *text);

/* The commands: argv[0] is the command's name. */
int command_build(int argc, char **argv);
int command_measure(int argc, char **argv);
int command_sign(int argc, char **argv);
int command_dump(int argc, char **argv);

#endif

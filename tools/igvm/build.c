/* SPDX-License-Identifier: MIT */
/* igvm build */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

struct build_options {
	const char *recipe;
	const char *shim;
	const char *kernel;
	const char *archive;
	const char *firmware;
	const char *output;
	char **sets;
	int set_count;
};

static const struct option long_options[] = {
	{"recipe", required_argument, NULL, 'r'},   {"shim", required_argument, NULL, 's'},
	{"kernel", required_argument, NULL, 'k'},   {"archive", required_argument, NULL, 'a'},
	{"firmware", required_argument, NULL, 'f'}, {"output", required_argument, NULL, 'o'},
	{"set", required_argument, NULL, 'S'},      {NULL, 0, NULL, 0},
};

static const char usage[] =
	"usage: igvm build --recipe FILE --shim FILE --kernel ELF [--archive CPIO]\n"
	"                  [--firmware OVMF] [--set KEY=VALUE]... --output FILE\n";

static enum tool_status parse_options(struct build_options *options, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
		switch (option) {
		case 'r':
			options->recipe = optarg;
			break;
		case 's':
			options->shim = optarg;
			break;
		case 'k':
			options->kernel = optarg;
			break;
		case 'a':
			options->archive = optarg;
			break;
		case 'f':
			options->firmware = optarg;
			break;
		case 'o':
			options->output = optarg;
			break;
		case 'S':
			options->sets[options->set_count++] = optarg;
			break;
		default:
			fputs(usage, stderr);
			return TOOL_USAGE;
		}
	}
	if (optind != argc || options->shim == NULL || options->kernel == NULL ||
	    options->output == NULL) {
		fputs(usage, stderr);
		return TOOL_USAGE;
	}
	return TOOL_OK;
}

static enum tool_status read_recipe(struct recipe *recipe, const struct build_options *options)
{
	enum tool_status status = TOOL_OK;

	recipe_defaults(recipe);
	if (options->recipe != NULL) {
		struct file file;
		char *text;

		status = file_read(&file, options->recipe);
		if (status != TOOL_OK)
			return status;
		text = strndup((const char *)file.bytes, file.size);
		file_free(&file);
		if (text == NULL)
			return TOOL_IO;
		status = recipe_parse(recipe, options->recipe, text);
		free(text);
	}
	for (int i = 0; status == TOOL_OK && i < options->set_count; i++)
		status = recipe_set(recipe, options->sets[i]);
	return status == TOOL_OK ? recipe_check(recipe) : status;
}

static enum tool_status check_archive(const struct file *archive)
{
	static const char magic[] = "070701";

	if (archive->size >= sizeof(magic) - 1 &&
	    memcmp(archive->bytes, magic, sizeof(magic) - 1) == 0)
		return TOOL_OK;
	complain("%s: not a cpio archive in newc format", archive->path);
	return TOOL_INPUT;
}

static enum tool_status read_inputs(struct image_inputs *inputs, struct file *kernel,
				    const struct build_options *options)
{
	enum tool_status status = read_recipe(&inputs->recipe, options);

	if (status == TOOL_OK)
		status = file_read(&inputs->shim, options->shim);
	if (status == TOOL_OK)
		status = file_read(kernel, options->kernel);
	if (status == TOOL_OK)
		status = elf_parse(kernel, &inputs->kernel);
	if (status == TOOL_OK && options->archive != NULL) {
		status = file_read(&inputs->archive, options->archive);
		if (status == TOOL_OK)
			status = check_archive(&inputs->archive);
	}
	if (status == TOOL_OK && options->firmware != NULL) {
		status = file_read(&inputs->firmware_file, options->firmware);
		if (status == TOOL_OK)
			status = firmware_parse(&inputs->firmware_file, &inputs->firmware);
	}
	return status;
}

static enum tool_status write_image(const struct image *image, const char *path)
{
	enum tool_status status = TOOL_IO;
	struct igvm_writer writer;
	struct igvm_buffer output;

	image_emit(image, &writer);
	if (igvm_writer_finish(&writer, &output)) {
		status = file_write(path, output.bytes, output.size);
		igvm_buffer_free(&output);
	} else {
		complain("%s: no memory, or the image exceeds 4 GiB", path);
	}
	igvm_writer_free(&writer);
	return status;
}

static enum tool_status build(const struct build_options *options)
{
	struct image_inputs inputs = {0};
	struct file kernel = {0};
	struct image *image = malloc(sizeof(*image));
	enum tool_status status = TOOL_IO;

	if (image == NULL)
		complain("no memory");
	else
		status = read_inputs(&inputs, &kernel, options);
	if (status == TOOL_OK)
		status = image_layout(image, &inputs);
	if (status == TOOL_OK)
		status = write_image(image, options->output);

	free(image);
	file_free(&kernel);
	file_free(&inputs.shim);
	file_free(&inputs.archive);
	file_free(&inputs.firmware_file);
	return status;
}

int command_build(int argc, char **argv)
{
	struct build_options options = {.sets = calloc((size_t)argc, sizeof(char *))};
	enum tool_status status = TOOL_IO;

	if (options.sets != NULL)
		status = parse_options(&options, argc, argv);
	if (status == TOOL_OK)
		status = build(&options);
	free(options.sets);
	return (int)status;
}

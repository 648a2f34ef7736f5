/* SPDX-License-Identifier: MIT */
/* The builder's inputs: any bytes as kernel, firmware or recipe. The first byte chooses. */
#include <stdlib.h>
#include <string.h>

#include "../firmware.h"
#include "../igvm_elf.h"
#include "../recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Instead of file.c's: refusing is what is tested, saying it only takes time. */
void complain(const char *format, ...)
{
	(void)format;
}

bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	*value = strtoull(text, &end, 0);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static void try_firmware(const struct file *file)
{
	size_t size = (file->size + 0xfff) & ~(size_t)0xfff;
	struct file padded = {.path = "fuzz", .bytes = calloc(1, size + 1), .size = size};
	struct firmware firmware;

	if (padded.bytes == NULL)
		return;
	/* The metadata is found from the end. */
	memcpy(padded.bytes + size - file->size, file->bytes, file->size);
	(void)!firmware_parse(&padded, &firmware);
	free(padded.bytes);
}

static void try_recipe(const struct file *file)
{
	char *text = strndup((const char *)file->bytes, file->size);
	struct recipe recipe;

	if (text == NULL)
		return;
	recipe_defaults(&recipe);
	if (recipe_parse(&recipe, "fuzz", text) == TOOL_OK)
		(void)!recipe_check(&recipe);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file file = {.path = "fuzz"};
	struct elf_kernel kernel;

	if (size < 2)
		return 0;
	file.size = size - 1;
	file.bytes = malloc(file.size);
	if (file.bytes == NULL)
		return 0;
	memcpy(file.bytes, data + 1, file.size);
	if (data[0] % 3 == 0)
		(void)!elf_parse(&file, &kernel);
	else if (data[0] % 3 == 1)
		try_firmware(&file);
	else
		try_recipe(&file);
	free(file.bytes);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* QEMU's fw_cfg device: the directory by port, everything else by DMA (docs: QEMU specs/fw_cfg). */
#include "arch/insn.h"
#include "husk/fwcfg.h"
#include "husk/pages.h"
#include "mem/mem.h"

#define FWCFG_SELECT   0x510
#define FWCFG_DATA     0x511
#define FWCFG_DMA_HIGH 0x514
#define FWCFG_DMA_LOW  0x518

#define FWCFG_KEY_SIGNATURE 0x00
#define FWCFG_KEY_CPUS      0x05
#define FWCFG_KEY_DIRECTORY 0x19

#define FWCFG_DMA_ERROR  0x01U
#define FWCFG_DMA_READ   0x02U
#define FWCFG_DMA_SELECT 0x08U

#define FWCFG_NAME_SIZE 56
#define FWCFG_FILES_MAX 1024

/* All fields big endian. */
struct fwcfg_dma {
	uint32_t control;
	uint32_t length;
	uint64_t address;
};

struct fwcfg_entry {
	uint32_t size;
	uint16_t selector;
	uint16_t reserved;
	char name[FWCFG_NAME_SIZE];
};
LAYOUT_SIZE(struct fwcfg_entry, 64);

static void read_port(void *to, size_t size)
{
	uint8_t *bytes = to;

	for (size_t i = 0; i < size; i++)
		bytes[i] = in8(FWCFG_DATA);
}

static bool device_present(void)
{
	char signature[4];

	out16(FWCFG_SELECT, FWCFG_KEY_SIGNATURE);
	read_port(signature, sizeof(signature));
	return memcmp(signature, "QEMU", sizeof(signature)) == 0;
}

uint16_t fwcfg_cpu_count(void)
{
	uint16_t count;

	out16(FWCFG_SELECT, FWCFG_KEY_CPUS);
	read_port(&count, sizeof(count));
	return count;
}

bool fwcfg_find(const char *name, struct fwcfg_file *file)
{
	struct fwcfg_entry entry;
	uint32_t count;

	if (!device_present())
		return false;
	out16(FWCFG_SELECT, FWCFG_KEY_DIRECTORY);
	read_port(&count, sizeof(count));
	count = __builtin_bswap32(count);
	for (uint32_t i = 0; i < count && i < FWCFG_FILES_MAX; i++) {
		read_port(&entry, sizeof(entry));
		if (strncmp(entry.name, name, FWCFG_NAME_SIZE) == 0) {
			file->selector = __builtin_bswap16(entry.selector);
			file->size = __builtin_bswap32(entry.size);
			return true;
		}
	}
	return false;
}

void fwcfg_read(const struct fwcfg_file *file, void *to, uint32_t size)
{
	uint32_t control = (uint32_t)file->selector << 16 | FWCFG_DMA_SELECT | FWCFG_DMA_READ;
	struct fwcfg_dma dma ALIGNED(16) = {
		.control = __builtin_bswap32(control),
		.length = __builtin_bswap32(size),
		.address = __builtin_bswap64(page_physical(to).raw),
	};
	uint64_t at = page_physical(&dma).raw;

	out32(FWCFG_DMA_HIGH, __builtin_bswap32((uint32_t)(at >> 32)));
	out32(FWCFG_DMA_LOW, __builtin_bswap32((uint32_t)at));
	while (READ_ONCE(dma.control) & ~__builtin_bswap32(FWCFG_DMA_ERROR))
		cpu_pause();
}

bool fwcfg_option(const char *name, char *text, size_t size)
{
	struct fwcfg_file file;
	uint32_t length;

	if (!fwcfg_find(name, &file))
		return false;
	length = file.size < size - 1 ? file.size : (uint32_t)(size - 1);
	fwcfg_read(&file, text, length);
	text[length] = 0;
	return true;
}

static int digit_value(char c, unsigned base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	return value < (int)base ? value : -1;
}

uint64_t fwcfg_option_number(const char *name, uint64_t otherwise)
{
	char text[24] = {0};
	const char *p = text;
	unsigned base = 10;
	uint64_t value = 0;

	if (!fwcfg_option(name, text, sizeof(text)))
		return otherwise;
	if (p[0] == '0' && p[1] == 'x') {
		base = 16;
		p += 2;
	}
	for (; digit_value(*p, base) >= 0; p++)
		value = value * base + (uint64_t)digit_value(*p, base);
	return value;
}

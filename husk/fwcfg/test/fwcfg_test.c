/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../device.h"
#include "../directory.h"
#include "fake_device.h"
#include "husk/fwcfg_filter.h"
#include "husk/machine.h"

#define KEY_KERNEL 0x08
#define KEY_E820   0x20
#define KEY_IGVM   0x21
#define KEY_VCEK   0x22
#define KEY_FILE   0x23
#define KEY_RAMFB  0x24

#define DESCRIPTOR 0x1000
#define BUFFER     0x2000

static uint8_t kernel[10000], secret[] = "secret image", file[5000], ramfb[28];
static struct e820_entry map[] = {
	{0, 0x40000000, E820_RAM},
	{0xb0000000, 0x10000000, 2},
	{0x100000000, 0x40000000, E820_RAM},
};

static int start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kernel); i++)
		kernel[i] = (uint8_t)(i * 31 >> 3);
	for (size_t i = 0; i < sizeof(file); i++)
		file[i] = (uint8_t)(i * 7 >> 2);
	memset(ramfb, 0, sizeof(ramfb));
	fake_device_reset();
	fake_add(KEY_KERNEL, NULL, kernel, sizeof(kernel), false);
	fake_add(KEY_E820, "etc/e820", map, sizeof(map), false);
	fake_add(KEY_IGVM, "opt/copra/igvm", secret, sizeof(secret), false);
	fake_add(KEY_VCEK, "opt/husk/vcek", secret, sizeof(secret), false);
	fake_add(KEY_FILE, "opt/org.tianocore/x", file, sizeof(file), false);
	fake_add(KEY_RAMFB, "etc/ramfb", ramfb, sizeof(ramfb), true);
	machine.husk_base = PADDR(0x3ca00000);
	machine.husk_size = 0x3600000;
	fwcfg_filter_init();
	return 0;
}

static void select_key(uint16_t key)
{
	fwcfg_filter_out(0x510, 2, key);
}

static void read_bytes(void *to, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = (uint8_t)fwcfg_filter_in(0x511, 1);
}

/* The guest's side of a DMA transfer; returns the result that it finds. */
static uint32_t dma(uint32_t control, uint32_t length, uint64_t address)
{
	uint32_t words[2] = {__builtin_bswap32(control), __builtin_bswap32(length)};
	uint32_t result;

	address = __builtin_bswap64(address);
	memcpy(fake_memory + DESCRIPTOR, words, 8);
	memcpy(fake_memory + DESCRIPTOR + 8, &address, 8);
	fwcfg_filter_out(0x514, 4, 0);
	fwcfg_filter_out(0x518, 4, __builtin_bswap32(DESCRIPTOR));
	memcpy(&result, fake_memory + DESCRIPTOR, 4);
	return __builtin_bswap32(result);
}

static uint32_t dma_read(uint16_t key, uint32_t length, uint64_t address)
{
	return dma((uint32_t)key << 16 | FWCFG_DMA_SELECT | FWCFG_DMA_READ, length, address);
}

static void test_directory(void **state)
{
	static struct fwcfg_directory seen;

	(void)state;
	select_key(FWCFG_KEY_DIRECTORY);
	read_bytes(&seen, 4 + 3 * FWCFG_ENTRY_SIZE);
	assert_int_equal(__builtin_bswap32(seen.count), 3);
	assert_string_equal(seen.entries[0].name, "etc/e820");
	assert_int_equal(__builtin_bswap32(seen.entries[0].size), 3 * sizeof(struct e820_entry));
	assert_string_equal(seen.entries[1].name, "opt/org.tianocore/x");
	assert_string_equal(seen.entries[2].name, "etc/ramfb");
}

static void test_hidden_items_read_as_nothing(void **state)
{
	static const uint8_t zeros[sizeof(secret)];
	uint8_t seen[sizeof(secret)];

	(void)state;
	for (uint32_t key = KEY_IGVM; key <= KEY_VCEK; key++) {
		select_key((uint16_t)key);
		read_bytes(seen, sizeof(seen));
		assert_memory_equal(seen, zeros, sizeof(zeros));
		select_key((uint16_t)(key | 0x4000)); /* the write channel is the same item */
		read_bytes(seen, sizeof(seen));
		assert_memory_equal(seen, zeros, sizeof(zeros));
		memset(fake_memory + BUFFER, 0x55, sizeof(zeros));
		assert_int_equal(dma_read((uint16_t)key, sizeof(zeros), BUFFER), 0);
		assert_memory_equal(fake_memory + BUFFER, zeros, sizeof(zeros));
	}
}

static void test_e820(void **state)
{
	struct e820_entry seen[4];

	(void)state;
	select_key(KEY_E820);
	read_bytes(seen, sizeof(seen));
	assert_int_equal(seen[0].base, 0);
	assert_int_equal(seen[0].size, 0x3ca00000);
	assert_int_equal(seen[1].type, 2);
	assert_int_equal(seen[2].base, 0x100000000);
	assert_int_equal(seen[3].size, 0); /* past the end: zeros */
}

static void test_e820_remove(void **state)
{
	struct e820_entry e[4] = {{0x1000, 0x9000, E820_RAM}, {0x4000, 0x1000, 2}};

	(void)state;
	assert_int_equal(e820_remove(e, 2, 4, 0x3000, 0x2000), 3);
	assert_int_equal(e[0].size, 0x2000);
	assert_int_equal(e[1].base, 0x5000);
	assert_int_equal(e[1].size, 0x5000);
	assert_int_equal(e[2].type, 2);
	assert_int_equal(e820_remove(e, 3, 3, 0x5800, 0x100), 0); /* no room to split */
	assert_int_equal(e820_remove(e, 3, 4, 0, 0x100000), 1);
	assert_int_equal(e[0].type, 2);
}

static void test_bytes_pass_through(void **state)
{
	uint8_t seen[sizeof(kernel) + 10];

	(void)state;
	select_key(KEY_KERNEL);
	read_bytes(seen, sizeof(seen));
	assert_memory_equal(seen, kernel, sizeof(kernel));
	assert_int_equal(seen[sizeof(kernel)], 0);
	select_key(KEY_FILE);
	read_bytes(seen, sizeof(file));
	assert_memory_equal(seen, file, sizeof(file));
	assert_int_equal(fwcfg_filter_in(0x514, 4), 0x554d4551);
	assert_int_equal(fwcfg_filter_in(0x511, 4), 0);
}

static void test_dma_read(void **state)
{
	(void)state;
	assert_int_equal(dma_read(KEY_KERNEL, sizeof(kernel), BUFFER + 3), 0);
	assert_memory_equal(fake_memory + BUFFER + 3, kernel, sizeof(kernel));
	/* Select, skip, read on; then bytes by the port from there. */
	assert_int_equal(dma(KEY_FILE << 16 | FWCFG_DMA_SELECT | FWCFG_DMA_SKIP, 100, 0), 0);
	assert_int_equal(dma(FWCFG_DMA_READ, 50, BUFFER), 0);
	assert_memory_equal(fake_memory + BUFFER, file + 100, 50);
	assert_int_equal(fwcfg_filter_in(0x511, 1), file[150]);
	assert_int_equal(dma_read(FWCFG_KEY_DIRECTORY, 4, BUFFER), 0);
	assert_int_equal(fake_memory[BUFFER + 3], 3);
}

static void test_dma_write(void **state)
{
	(void)state;
	memset(fake_memory + BUFFER, 0x77, 28);
	assert_int_equal(dma(KEY_RAMFB << 16 | FWCFG_DMA_SELECT | FWCFG_DMA_WRITE, 28, BUFFER), 0);
	assert_int_equal(ramfb[27], 0x77);
	assert_int_equal(dma(KEY_FILE << 16 | FWCFG_DMA_SELECT | FWCFG_DMA_WRITE, 4, BUFFER),
			 FWCFG_DMA_ERROR);
	assert_int_equal(dma(KEY_IGVM << 16 | FWCFG_DMA_SELECT | FWCFG_DMA_WRITE, 4, BUFFER),
			 FWCFG_DMA_ERROR);
	assert_int_equal(dma(KEY_E820 << 16 | FWCFG_DMA_SELECT | FWCFG_DMA_WRITE, 4, BUFFER),
			 FWCFG_DMA_ERROR);
	assert_int_equal(map[0].base, 0);
}

static void test_private_memory_is_left_alone(void **state)
{
	(void)state;
	fake_private[BUFFER / PAGE_SIZE + 1] = true;
	memset(fake_memory + BUFFER + PAGE_SIZE, 0x11, PAGE_SIZE);
	assert_int_equal(dma_read(KEY_KERNEL, 8192, BUFFER), FWCFG_DMA_ERROR);
	for (size_t i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(fake_memory[BUFFER + PAGE_SIZE + i], 0x11);
	assert_int_equal(dma_read(KEY_KERNEL, 16, FAKE_MEMORY - 8), FWCFG_DMA_ERROR);
	assert_int_equal(dma_read(KEY_KERNEL, 16, UINT64_MAX - 8), FWCFG_DMA_ERROR);
	fake_private[DESCRIPTOR / PAGE_SIZE] = true;
	(void)dma_read(KEY_KERNEL, 16, BUFFER); /* reads ciphertext, changes nothing private */
	assert_int_equal(fake_memory[DESCRIPTOR], KEY_KERNEL >> 8);
	assert_int_equal(fake_memory[DESCRIPTOR + 1], KEY_KERNEL);
}

static void test_no_operation(void **state)
{
	(void)state;
	assert_int_equal(dma(KEY_FILE << 16 | FWCFG_DMA_SELECT, 1000, BUFFER), 0);
	assert_int_equal(fwcfg_filter_in(0x511, 1), file[0]);
	fwcfg_filter_out(0x510, 1, 5); /* not a selection */
	fwcfg_filter_out(0x511, 1, 5); /* nor a write */
	assert_int_equal(fwcfg_filter_in(0x511, 1), file[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_directory, start),
		cmocka_unit_test_setup(test_hidden_items_read_as_nothing, start),
		cmocka_unit_test_setup(test_e820, start),
		cmocka_unit_test_setup(test_e820_remove, start),
		cmocka_unit_test_setup(test_bytes_pass_through, start),
		cmocka_unit_test_setup(test_dma_read, start),
		cmocka_unit_test_setup(test_dma_write, start),
		cmocka_unit_test_setup(test_private_memory_is_left_alone, start),
		cmocka_unit_test_setup(test_no_operation, start),
	};

	return cmocka_run_group_tests_name("fwcfg", tests, NULL, NULL);
}

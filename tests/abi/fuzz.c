/* SPDX-License-Identifier: MIT */
/*
 * abi-fuzz: random system calls from ring 3, for Copra only: on Linux it would do harm. Arguments
 * are drawn from values that tend to hurt: edges of the address space, sizes that overflow,
 * descriptors that exist. What it may not do to itself is left out (exit, its own stack). The
 * kernel must live; the machine's end tells.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEFAULT_CALLS 200000UL
#define BUFFER_SIZE   16384UL

static uint64_t seed = 0x636f707261;
static unsigned char *buffer;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Calls that end us, wait for ever, or change what we stand on: not by chance. */
static int is_left_out(uint64_t number)
{
	static const uint16_t left_out[] = {
		SYS_exit,
		SYS_exit_group,
		SYS_pause,
		SYS_vfork,
		SYS_clone,
		SYS_fork,
		SYS_clone3,
		SYS_execve,
		SYS_arch_prctl,
		SYS_set_robust_list,
		SYS_set_tid_address,
		SYS_nanosleep,
		SYS_wait4,
		SYS_clock_nanosleep,
		SYS_kill,
		SYS_tkill,
		SYS_waitid,
		SYS_tgkill,
		SYS_brk,
		SYS_rt_sigreturn,
		SYS_munmap,
		SYS_mprotect,
		SYS_madvise,
		SYS_poll,
		SYS_ppoll,
		SYS_rt_sigtimedwait,
		SYS_rt_sigsuspend,
		SYS_futex,
		SYS_rt_sigaction,
		SYS_sigaltstack,
	};

	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (left_out[i] == number)
			return 1;
	return 0;
}

static uint64_t argument(void)
{
	static const uint64_t edges[] = {
		0,
		1,
		4095,
		4096,
		INT32_MAX,
		UINT32_MAX,
		UINT64_MAX,
		UINT64_MAX - 4095,
		(uint64_t)INT64_MAX,
		UINT64_C(1) << 63,
		UINT64_C(0x00007ffffffff000),
		UINT64_C(0x0000800000000000),
		UINT64_C(0xffff800000000000),
		UINT64_C(0xffffffff80000000),
		UINT64_C(0x0000008000000000),
	};

	switch (next_random() % 5) {
	case 0:
		return edges[next_random() % (sizeof(edges) / sizeof(edges[0]))];
	case 1:
		return next_random() % 24; /* a descriptor, a small number, flags */
	case 2:
		return (uintptr_t)buffer + next_random() % (BUFFER_SIZE + 64);
	case 3:
		return UINT64_C(1) << (next_random() % 64);
	default:
		return next_random();
	}
}

/* Paths and small structures for whoever reads the buffer. */
static void refill(void)
{
	static const char *const texts[] = {
		"/tmp/f", "/dev/null", "/bin", "/etc/rights/abi-fuzz", "/dev/zero", "/"};

	for (size_t i = 0; i < BUFFER_SIZE; i += 8)
		memcpy(buffer + i, &(uint64_t){next_random() >> (next_random() % 64)}, 8);
	for (size_t i = 0; i < 32; i++) {
		const char *text = texts[next_random() % (sizeof(texts) / sizeof(texts[0]))];

		memcpy(buffer + next_random() % (BUFFER_SIZE - 64), text, strlen(text) + 1);
	}
}

/* Blocking for ever is no fault of the kernel: a read of an empty pipe, or of standard input. */
static int may_block(uint64_t number)
{
	return number == SYS_read || number == SYS_readv || number == SYS_write ||
	       number == SYS_writev;
}

/* mmap may not take the place of what we stand on. */
static uint64_t without_fixed(uint64_t flags)
{
	return flags & ~(uint64_t)(MAP_FIXED | 0x100000);
}

static void one_call(void)
{
	uint64_t number = next_random() % 16 == 0 ? next_random() : next_random() % 440;
	uint64_t a[6];

	for (size_t i = 0; i < 6; i++)
		a[i] = argument();
	if (is_left_out(number))
		return;
	if (may_block(number) || number == SYS_close)
		a[0] = a[0] % 3 + 1000; /* no such descriptor, on purpose */
	if (number == SYS_mmap) {
		a[1] %= 1U << 20;
		a[3] = without_fixed(a[3]);
	}
	syscall((long)number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int main(int argc, char **argv)
{
	unsigned long calls = argc > 1 ? strtoul(argv[1], NULL, 10) : DEFAULT_CALLS;

	buffer =
		mmap(NULL, BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		return EXIT_FAILURE;
	for (unsigned long i = 0; i < calls; i++) {
		if (i % 256 == 0)
			refill();
		one_call();
		if (i % 1000 == 999) /* what it has opened and mapped goes */
			for (int fd = 3; fd < 32; fd++)
				close(fd);
	}
	return EXIT_SUCCESS;
}

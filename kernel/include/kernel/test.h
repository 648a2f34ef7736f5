/* SPDX-License-Identifier: MIT */
/*
 * In-kernel tests. A test is a function in any file under kernel/test/ (or
 * <component>/test-kernel/), registered by its section, run in a kernel thread on the boot CPU with
 * everything up. The allocation sweep runs those marked KTEST_SWEEP again and again, failing the
 * n-th allocation, until one run meets no failure: such a test returns an error instead of
 * asserting when it gets ERR_NO_MEMORY.
 */
#ifndef KERNEL_TEST_H
#define KERNEL_TEST_H

#include "base/compiler.h"
#include "kernel/error.h"

#define KTEST_SWEEP 0x1

struct ktest {
	const char *name;
	enum error (*run)(void);
	unsigned int flags;
};

/* Record a failed check of the running test; it goes on. */
void ktest_fail(const char *expression, const char *file, unsigned int line);

#define KTEST_CHECK(e) ((e) ? (void)0 : ktest_fail(#e, __FILE__, __LINE__))

/* KTEST(name, flags) { ...; return OK; } */
#define KTEST(id, f)                                                                  \
	static enum error ktest_##id(void);                                           \
	static const struct ktest ktest_entry_##id = {                                \
		.name = #id, .run = ktest_##id, .flags = (f)};                        \
	static const struct ktest *const ktest_pointer_##id USED SECTION(".ktests") = \
		&ktest_entry_##id;                                                    \
	static enum error ktest_##id(void)

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Tests of the system-call ABI: the same program runs on Linux and on Copra, and prints the same
 * TAP. So nothing that may differ (addresses, times, numbers of processes) is ever printed.
 */
#ifndef ABI_CHECK_H
#define ABI_CHECK_H

#include <stdbool.h>

/* Prints the result of one test. */
void check(bool ok, const char *name);

/* The same, and prints the values' names when they differ: an expected errno, a size. */
void check_equal(long got, long expected, const char *name);

/* One group of tests each. */
void test_startup(int argc, char **argv, char **envp);
void test_files(void);
void test_directories(void);
void test_memory(const char *self);
void test_pipes(void);
void test_poll(void);
void test_time(void);
void test_random(void);
void test_threads(void);
void test_futex(void);
void test_signals(void);
void test_processes(const char *self);
void test_errors(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Conformance programs print one line per fact. The same binary runs on Copra and on Linux, and the
 * outputs must be equal: so what is printed never depends on the machine.
 */
#ifndef TESTS_USER_CHECK_H
#define TESTS_USER_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "what: yes" or "what: no". */
#define FACT(what, condition) printf("%s: %s\n", what, (condition) ? "yes" : "no")

/* Result of a call: its value, or the name of its error. */
#define CALL(what, expression)                                            \
	do {                                                              \
		long check_result_;                                       \
		errno = 0;                                                \
		check_result_ = (long)(expression);                       \
		if (check_result_ == -1)                                  \
			printf("%s: -1 %s\n", what, strerrorname(errno)); \
		else                                                      \
			printf("%s: %ld\n", what, check_result_);         \
	} while (0)

static inline const char *strerrorname(int error)
{
	switch (error) {
	case EBADF:
		return "EBADF";
	case EINVAL:
		return "EINVAL";
	case ENOENT:
		return "ENOENT";
	case EFAULT:
		return "EFAULT";
	case EAGAIN:
		return "EAGAIN";
	case EPIPE:
		return "EPIPE";
	case ESPIPE:
		return "ESPIPE";
	case EEXIST:
		return "EEXIST";
	case ENOTDIR:
		return "ENOTDIR";
	case EISDIR:
		return "EISDIR";
	case ENOTEMPTY:
		return "ENOTEMPTY";
	case ENOMEM:
		return "ENOMEM";
	case ECHILD:
		return "ECHILD";
	case ESRCH:
		return "ESRCH";
	case ETIMEDOUT:
		return "ETIMEDOUT";
	case ENOSYS:
		return "ENOSYS";
	case ENOTTY:
		return "ENOTTY";
	case EPERM:
		return "EPERM";
	case EACCES:
		return "EACCES";
	case ENOEXEC:
		return "ENOEXEC";
	case EMFILE:
		return "EMFILE";
	default:
		return "another error";
	}
}

#endif

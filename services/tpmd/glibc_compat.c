/* SPDX-License-Identifier: MIT */
/*
 * Debian builds libtpms.a and libcrypto.a with glibc's fortified headers. These are the functions
 * which that brings in and musl lacks, with the checks that their names promise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPAT(returns, name, ...) \
	returns name(__VA_ARGS__); \
	returns name(__VA_ARGS__)

COMPAT(void *, __memcpy_chk, void *to, const void *from, size_t size, size_t room)
{
	if (size > room)
		abort();
	return memcpy(to, from, size);
}

COMPAT(void *, __memset_chk, void *to, int value, size_t size, size_t room)
{
	if (size > room)
		abort();
	return memset(to, value, size);
}

COMPAT(int, __vsnprintf_chk, char *to, size_t size, int flag, size_t room, const char *format,
       va_list arguments)
{
	(void)flag;
	if (size > room)
		abort();
	return vsnprintf(to, size, format, arguments);
}

COMPAT(int, __snprintf_chk, char *to, size_t size, int flag, size_t room, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = __vsnprintf_chk(to, size, flag, room, format, arguments);
	va_end(arguments);
	return length;
}

COMPAT(int, __asprintf_chk, char **to, int flag, const char *format, ...)
{
	va_list arguments;
	int length;

	(void)flag;
	va_start(arguments, format);
	length = vasprintf(to, format, arguments);
	va_end(arguments);
	return length;
}

COMPAT(int, __vasprintf_chk, char **to, int flag, const char *format, va_list arguments)
{
	(void)flag;
	return vasprintf(to, format, arguments);
}

/*
 * libtpms' log, which dumps whole commands, secrets and all, when its TPM enters failure mode: to
 * nowhere. The TPM's answers tell the guest.
 */
COMPAT(int, __vdprintf_chk, int fd, int flag, const char *format, va_list arguments)
{
	(void)fd;
	(void)flag;
	(void)format;
	(void)arguments;
	return 0;
}

COMPAT(int, __dprintf_chk, int fd, int flag, const char *format, ...)
{
	(void)fd;
	(void)flag;
	(void)format;
	return 0;
}

COMPAT(int, __vfprintf_chk, FILE *to, int flag, const char *format, va_list arguments)
{
	(void)flag;
	return vfprintf(to, format, arguments);
}

COMPAT(int, __fprintf_chk, FILE *to, int flag, const char *format, ...)
{
	va_list arguments;
	int length;

	(void)flag;
	va_start(arguments, format);
	length = vfprintf(to, format, arguments);
	va_end(arguments);
	return length;
}

COMPAT(_Noreturn void, __longjmp_chk, jmp_buf where, int value)
{
	longjmp(where, value);
}

COMPAT(unsigned long, __isoc23_strtoul, const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}

/* select() on a descriptor set: libcrypto's asynchronous jobs, which nobody here starts. */
COMPAT(long, __fdelt_chk, long descriptor)
{
	if (descriptor < 0 || descriptor >= 1024)
		abort();
	return descriptor / 64;
}

/* Coroutines of libcrypto's asynchronous jobs: refused, so such a job never starts. */
COMPAT(int, getcontext, void *context)
{
	(void)context;
	return -1;
}

COMPAT(int, setcontext, const void *context)
{
	(void)context;
	return -1;
}

COMPAT(void, makecontext, void *context, void (*function)(void), int count, ...)
{
	(void)context;
	(void)function;
	(void)count;
}

/* SPDX-License-Identifier: MIT */
/* x87, SSE and AVX state of user threads. The kernel itself uses none of it. */
#ifndef KERNEL_FPU_H
#define KERNEL_FPU_H

#include "base/compiler.h"
#include "base/types.h"

/* A save area in its initial state, 64-byte aligned; NULL: no memory. */
void *fpu_create(void);
void fpu_destroy(void *area);

/* Back to the state of a new program. */
void fpu_reset(void *area);

/* Copy the state of the running thread, live in the registers, to another thread's area. */
void fpu_copy_live(void *area);

/* Between registers and area; interrupts off. */
void fpu_save(void *area);
void fpu_restore(const void *area);

/*
 * Let kernel code built with SSE (mbed TLS's AES-NI file) run: saves a user thread's registers and
 * keeps the thread on its CPU until fpu_kernel_end(). Does not nest, not from interrupts.
 */
void fpu_kernel_begin(void);
void fpu_kernel_end(void);

#endif

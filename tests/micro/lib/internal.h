/* SPDX-License-Identifier: MIT */
/* What the parts of the library know of each other. */
#ifndef MICRO_INTERNAL_H
#define MICRO_INTERNAL_H

#include "micro.h"

struct table_register {
	uint16_t limit;
	uint64_t base;
} PACKED;

extern char trap_vectors[], image_end[], plane_entry[];

/* entry.S */
int trap_enter(void (*fn)(void *), void *arg, uint64_t *saved_rsp);
void NORETURN trap_leave(uint64_t saved_rsp);
void NORETURN user_enter(void (*fn)(void *), void *arg, uint64_t user_rsp);

/* trap.c */
void trap_init(void);
void trap_dispatch(struct frame *frame);
struct table_register trap_gdt(void);
struct table_register trap_idt(void);
uint16_t trap_tss_selector(unsigned vmpl);
uint64_t trap_tss_base(unsigned vmpl);

/* tap.c */
void NORETURN trap_fatal(const struct trap *trap);

/* start.c */
void micro_init(const struct boot_params *params, uint64_t platform, uint64_t c_bit_mask);

/* memory.c */
void memory_init(void);
uint64_t memory_root(void);

/* ghcb.c */
void ghcb_init(void);
void io_out8(uint16_t port, uint8_t value);

/* plane.c */
void NORETURN plane_main(void (*fn)(void *), void *arg);

#endif

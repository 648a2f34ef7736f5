/* SPDX-License-Identifier: MIT */
/* A local APIC's state; for husk/apic only. */
#ifndef HUSK_APIC_STATE_H
#define HUSK_APIC_STATE_H

#include "husk/apic.h"

/* Registers: xAPIC offset / 16, which is also the x2APIC MSR's number less 0x800. */
enum apic_register {
	REG_ID = 0x02,
	REG_VERSION = 0x03,
	REG_TPR = 0x08,
	REG_APR = 0x09,
	REG_PPR = 0x0a,
	REG_EOI = 0x0b,
	REG_LDR = 0x0d,
	REG_DFR = 0x0e,
	REG_SVR = 0x0f,
	REG_ISR = 0x10, /* eight each */
	REG_TMR = 0x18,
	REG_IRR = 0x20,
	REG_ESR = 0x28,
	REG_ICR = 0x30,
	REG_ICR_HIGH = 0x31, /* xAPIC only */
	REG_LVT_TIMER = 0x32,
	REG_LVT_THERMAL = 0x33,
	REG_LVT_PMC = 0x34,
	REG_LVT_LINT0 = 0x35,
	REG_LVT_LINT1 = 0x36,
	REG_LVT_ERROR = 0x37,
	REG_TIMER_INITIAL = 0x38,
	REG_TIMER_CURRENT = 0x39,
	REG_TIMER_DIVIDE = 0x3e,
	REG_SELF_IPI = 0x3f, /* x2APIC only */
};

#define LVT_COUNT         (REG_LVT_ERROR - REG_LVT_TIMER + 1)
#define LVT_MASKED        0x10000U
#define LVT_VECTOR(lvt)   ((uint8_t)(lvt))
#define LVT_MODE(lvt)     (((lvt) >> 8) & 7U)
#define LVT_TIMER(lvt)    (((lvt) >> 17) & 3U)
#define MODE_NMI          4U
#define MODE_EXTINT       7U
#define TIMER_PERIODIC    1U
#define TIMER_DEADLINE    2U
#define SVR_ENABLED       0x100U
#define ESR_SEND_ILLEGAL  0x20U
#define ESR_RECV_ILLEGAL  0x40U
#define VECTOR_FIRST      16 /* those below are illegal */
#define APIC_VERSION      0x00050014U
#define DFR_FLAT          0xffffffffU
#define BASE_ADDRESS      0xfee00000ULL
#define PRIORITY_CLASS(x) ((x)&0xf0U)

struct vector_set {
	uint32_t words[8];
};

struct apic {
	uint64_t base; /* MSR 0x1b */
	struct vector_set irr, isr;
	struct vector_set level; /* TMR: the interrupt in IRR or ISR is level triggered */
	struct vector_set held;  /* the real APIC waits for an EOI of it */
	uint32_t tpr, ldr, dfr, svr, esr, esr_next;
	uint32_t icr_low, icr_high;
	uint32_t lvt[LVT_COUNT]; /* from REG_LVT_TIMER on */
	uint32_t initial, divide;
	uint64_t timer_start; /* ns */
	uint64_t deadline;    /* ns; APIC_NO_TIMER: not armed */
	uint64_t deadline_tsc;
	bool nmi;
	bool external; /* the 8259 has interrupted, with this vector */
	uint8_t external_vector;
};
_Static_assert(sizeof(struct apic) <= PAGE_SIZE, "an APIC is one page");

static inline void vector_set(struct vector_set *set, uint8_t vector)
{
	set->words[vector / 32] |= 1U << (vector % 32);
}

static inline void vector_clear(struct vector_set *set, uint8_t vector)
{
	set->words[vector / 32] &= ~(1U << (vector % 32));
}

static inline bool vector_test(const struct vector_set *set, uint8_t vector)
{
	return (set->words[vector / 32] >> (vector % 32) & 1) != 0;
}

/* The highest vector, or -1. */
static inline int vector_highest(const struct vector_set *set)
{
	for (int i = 7; i >= 0; i--) {
		if (set->words[i])
			return i * 32 + 31 - __builtin_clz(set->words[i]);
	}
	return -1;
}

static inline bool apic_is_x2(const struct apic *a)
{
	return (a->base & BIT(10)) != 0;
}

static inline bool apic_is_enabled(const struct apic *a)
{
	return (a->base & BIT(11)) != 0 && (a->svr & SVR_ENABLED) != 0;
}

static inline uint32_t *apic_lvt(struct apic *a, enum apic_register reg)
{
	return &a->lvt[reg - REG_LVT_TIMER];
}

/* Processor priority (APM2 16.6.3). */
uint32_t apic_ppr(const struct apic *a);
/* End of the highest interrupt in service. */
void apic_eoi(struct apic *a);
/* A fixed interrupt arrives; illegal vectors are an error. */
void apic_accept_vector(struct plane *p, uint8_t vector);
/* True if the plane is the one that owns the machine's devices on its vCPU. */
bool apic_owns_devices(const struct plane *p);
/* Pass on to the real APIC by which logical names devices reach the CPU. */
void apic_mirror(struct plane *p);

/* timer.c: the timer's registers changed, were written, or are read. */
void timer_start(struct apic *a);
void timer_set_deadline(struct plane *p, uint64_t tsc);
void timer_mode_changed(struct apic *a);
uint32_t timer_current(const struct apic *a);

#endif

/* SPDX-License-Identifier: MIT */
/* The registers, as memory (xAPIC) and as MSRs (x2APIC) (APM2 16.3, 16.11). */
#include "sevabi/msr.h"
#include "state.h"

#define BASE_RESERVED   ((BIT(8) - 1) | BIT(9) | ~(BIT(52) - 1))
#define X2APIC_LAST     0x83f
#define LVT_TIMER_BITS  0x000700ffU
#define LVT_BITS        0x000107ffU
#define LVT_LINT_BITS   0x0001a7ffU
#define SVR_BITS        0x000001ffU
#define ICR_WRITABLE    0x000ccfffU
#define ID_SHIFT_XAPIC  24
#define XAPIC_BROADCAST 0xffU

static uint32_t lvt_bits(unsigned reg)
{
	switch (reg) {
	case REG_LVT_TIMER:
		return LVT_TIMER_BITS;
	case REG_LVT_LINT0:
	case REG_LVT_LINT1:
		return LVT_LINT_BITS;
	default:
		return LVT_BITS;
	}
}

static uint32_t register_id(const struct plane *p)
{
	return apic_is_x2(p->apic) ? p->vcpu->apic_id : p->vcpu->apic_id << ID_SHIFT_XAPIC;
}

static uint32_t register_ldr(const struct plane *p)
{
	uint32_t id = p->vcpu->apic_id;

	return apic_is_x2(p->apic) ? (id >> 4) << 16 | 1U << (id & 0xf) : p->apic->ldr;
}

static uint32_t read_register(struct plane *p, unsigned reg)
{
	struct apic *a = p->apic;

	if (reg >= REG_ISR && reg < REG_ISR + 8)
		return a->isr.words[reg - REG_ISR];
	if (reg >= REG_TMR && reg < REG_TMR + 8)
		return a->level.words[reg - REG_TMR];
	if (reg >= REG_IRR && reg < REG_IRR + 8)
		return a->irr.words[reg - REG_IRR];
	if (reg >= REG_LVT_TIMER && reg <= REG_LVT_ERROR)
		return a->lvt[reg - REG_LVT_TIMER];
	switch (reg) {
	case REG_ID:
		return register_id(p);
	case REG_VERSION:
		return APIC_VERSION;
	case REG_TPR:
		return a->tpr;
	case REG_PPR:
		return apic_ppr(a);
	case REG_LDR:
		return register_ldr(p);
	case REG_DFR:
		return a->dfr;
	case REG_SVR:
		return a->svr;
	case REG_ESR:
		return a->esr;
	case REG_ICR:
		return a->icr_low;
	case REG_ICR_HIGH:
		return a->icr_high;
	case REG_TIMER_INITIAL:
		return a->initial;
	case REG_TIMER_CURRENT:
		return timer_current(a);
	case REG_TIMER_DIVIDE:
		return a->divide;
	default:
		return 0;
	}
}

static void write_svr(struct plane *p, uint32_t value)
{
	struct apic *a = p->apic;

	a->svr = value & SVR_BITS;
	if (a->svr & SVR_ENABLED)
		return;
	for (unsigned i = 0; i < LVT_COUNT; i++)
		a->lvt[i] |= LVT_MASKED;
}

static void write_lvt(struct plane *p, unsigned reg, uint32_t value)
{
	struct apic *a = p->apic;
	uint32_t before = a->lvt[reg - REG_LVT_TIMER];

	value &= lvt_bits(reg);
	if (!(a->svr & SVR_ENABLED))
		value |= LVT_MASKED;
	a->lvt[reg - REG_LVT_TIMER] = value;
	/* Between deadline mode and the others the timer is disarmed. */
	if (reg == REG_LVT_TIMER && LVT_TIMER(before) != LVT_TIMER(value) &&
	    (LVT_TIMER(before) == TIMER_DEADLINE || LVT_TIMER(value) == TIMER_DEADLINE))
		timer_mode_changed(a);
}

/* x2APIC's form of an xAPIC command. */
static uint64_t icr_of_xapic(const struct apic *a)
{
	uint32_t destination = a->icr_high >> ID_SHIFT_XAPIC;

	if (destination == XAPIC_BROADCAST)
		destination = 0xffffffffU;
	return (uint64_t)destination << 32 | a->icr_low;
}

static void write_register(struct plane *p, unsigned reg, uint32_t value)
{
	struct apic *a = p->apic;

	if (reg >= REG_LVT_TIMER && reg <= REG_LVT_ERROR) {
		write_lvt(p, reg, value);
		return;
	}
	switch (reg) {
	case REG_TPR:
		a->tpr = value & 0xff;
		break;
	case REG_EOI:
		apic_eoi(a);
		break;
	case REG_LDR:
		a->ldr = value & 0xff000000U;
		apic_mirror(p);
		break;
	case REG_DFR:
		a->dfr = value | 0x0fffffffU;
		apic_mirror(p);
		break;
	case REG_SVR:
		write_svr(p, value);
		break;
	case REG_ESR:
		a->esr = a->esr_next;
		a->esr_next = 0;
		break;
	case REG_ICR:
		a->icr_low = value & ICR_WRITABLE;
		apic_send_ipi(p, icr_of_xapic(a));
		break;
	case REG_ICR_HIGH:
		a->icr_high = value & 0xff000000U;
		break;
	case REG_TIMER_INITIAL:
		a->initial = value;
		timer_start(a);
		break;
	case REG_TIMER_DIVIDE:
		a->divide = value & 0xb;
		break;
	default:
		break;
	}
}

bool apic_mmio_page(const struct plane *p, gpa_t *page)
{
	if (!p->apic || apic_is_x2(p->apic) || !(p->apic->base & APIC_BASE_ENABLE))
		return false;
	*page = GPA(p->apic->base & APIC_BASE_ADDR_MASK);
	return true;
}

uint32_t apic_mmio_read(struct plane *p, uint32_t offset)
{
	return read_register(p, offset >> 4);
}

void apic_mmio_write(struct plane *p, uint32_t offset, uint32_t value)
{
	if ((offset & 0xf) == 0)
		write_register(p, offset >> 4, value);
}

/* --- MSRs ---------------------------------------------------------------------------------- */

bool apic_owns_msr(uint32_t msr)
{
	return msr == MSR_APIC_BASE || msr == MSR_TSC_DEADLINE ||
	       (msr >= MSR_X2APIC_BASE && msr <= MSR_X2APIC_LAST);
}

static bool x2_readable(unsigned reg)
{
	if (reg == REG_EOI || reg == REG_SELF_IPI || reg == REG_DFR || reg == REG_ICR_HIGH ||
	    reg == REG_APR)
		return false;
	return reg == REG_ID || reg == REG_VERSION || reg == REG_TPR || reg == REG_PPR ||
	       reg == REG_LDR || reg == REG_SVR || (reg >= REG_ISR && reg <= REG_ESR) ||
	       (reg >= REG_ICR && reg <= REG_TIMER_CURRENT) || reg == REG_TIMER_DIVIDE;
}

static bool x2_writable(unsigned reg)
{
	return reg == REG_TPR || reg == REG_EOI || reg == REG_SVR || reg == REG_ESR ||
	       reg == REG_ICR || (reg >= REG_LVT_TIMER && reg <= REG_TIMER_INITIAL) ||
	       reg == REG_TIMER_DIVIDE || reg == REG_SELF_IPI;
}

bool apic_msr_read(struct plane *p, uint32_t msr, uint64_t *value)
{
	struct apic *a = p->apic;
	unsigned reg = msr - MSR_X2APIC_BASE;

	if (msr == MSR_APIC_BASE) {
		*value = a->base;
		return true;
	}
	if (msr == MSR_TSC_DEADLINE) {
		*value = a->deadline_tsc;
		return true;
	}
	if (!apic_is_x2(a) || msr > X2APIC_LAST || !x2_readable(reg))
		return false;
	*value = read_register(p, reg);
	if (reg == REG_ICR)
		*value |= (uint64_t)a->icr_high << 32;
	return true;
}

/* Enabled or not, x2APIC or not: the transitions that are legal (APM2 16.9). */
static bool write_base(struct plane *p, uint64_t value)
{
	struct apic *a = p->apic;
	uint64_t before = a->base & (APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	uint64_t after = value & (APIC_BASE_ENABLE | APIC_BASE_X2APIC);

	if ((value & BASE_RESERVED) || after == APIC_BASE_X2APIC)
		return false;
	if (before == (APIC_BASE_ENABLE | APIC_BASE_X2APIC) && after == APIC_BASE_ENABLE)
		return false;
	if (before == 0 && (after & APIC_BASE_X2APIC))
		return false;
	a->base = (value & ~(uint64_t)APIC_BASE_BSP) | (a->base & APIC_BASE_BSP);
	apic_mirror(p);
	return true;
}

static bool write_icr_msr(struct plane *p, uint64_t value)
{
	p->apic->icr_low = (uint32_t)value & ICR_WRITABLE;
	p->apic->icr_high = (uint32_t)(value >> 32);
	apic_send_ipi(p, (value & ~0xffffffffULL) | p->apic->icr_low);
	return true;
}

bool apic_msr_write(struct plane *p, uint32_t msr, uint64_t value)
{
	unsigned reg = msr - MSR_X2APIC_BASE;

	if (msr == MSR_APIC_BASE)
		return write_base(p, value);
	if (msr == MSR_TSC_DEADLINE) {
		timer_set_deadline(p, value);
		return true;
	}
	if (!apic_is_x2(p->apic) || msr > X2APIC_LAST || !x2_writable(reg))
		return false;
	if (reg == REG_ICR)
		return write_icr_msr(p, value);
	if (value >> 32)
		return false;
	if ((reg == REG_EOI || reg == REG_ESR) && value != 0)
		return false;
	if (reg == REG_TPR && value > UINT8_MAX)
		return false;
	if (reg == REG_SELF_IPI) {
		if (value > UINT8_MAX)
			return false;
		apic_raise(p, (uint8_t)value);
		return true;
	}
	write_register(p, reg, (uint32_t)value);
	return true;
}

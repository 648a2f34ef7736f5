// SPDX-License-Identifier: MIT
/* FPU state: XSAVE where the CPU offers it, FXSAVE elsewhere. APM1 11.4, APM2 11.5. */
#include "kernel/fpu.h"

#include "kernel/cache.h"
#include "kernel/cpu.h"
#include "kernel/preempt.h"
#include "kernel/sched.h"
#include "kernel/string.h"
#include "arch/insn_fpu.h"
#include "kernel/user_thread.h"

#define FPU_ALIGN     64ULL
#define FXSAVE_FCW    0
#define FXSAVE_MXCSR  24
#define FCW_INITIAL   0x037f
#define MXCSR_INITIAL 0x1f80

/* The aligned area starts behind a pointer to what kalloc() gave. */
static size_t area_size(void)
{
	return cpu_features.xsave_size;
}

void fpu_reset(void *area)
{
	static const uint16_t fcw = FCW_INITIAL;
	static const uint32_t mxcsr = MXCSR_INITIAL;

	/* XSTATE_BV = 0 in the XSAVE header: every component is in its initial state. */
	memset(area, 0, area_size());
	memcpy((uint8_t *)area + FXSAVE_FCW, &fcw, sizeof(fcw));
	memcpy((uint8_t *)area + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
}

void *fpu_create(void)
{
	uint8_t *memory = kalloc(area_size() + FPU_ALIGN + sizeof(void *));
	uint8_t *area;

	if (memory == NULL)
		return NULL;
	area = (uint8_t *)ALIGN_UP((uintptr_t)memory + sizeof(void *), FPU_ALIGN);
	memcpy(area - sizeof(void *), &memory, sizeof(memory));
	fpu_reset(area);
	return area;
}

void fpu_destroy(void *area)
{
	void *memory;

	if (area == NULL)
		return;
	memcpy(&memory, (uint8_t *)area - sizeof(void *), sizeof(memory));
	kfree_secret(memory);
}

void fpu_save(void *area)
{
	if (cpu_features.xsave)
		insn_xsave(area, cpu_features.xcr0);
	else
		insn_fxsave(area);
}

void fpu_restore(const void *area)
{
	if (cpu_features.xsave)
		insn_xrstor(area, cpu_features.xcr0);
	else
		insn_fxrstor(area);
}

void fpu_copy_live(void *area)
{
	preempt_disable();
	fpu_save(area);
	preempt_enable();
}

void fpu_kernel_begin(void)
{
	struct user_thread *user;

	preempt_disable();
	user = thread_current()->user;
	if (user != NULL)
		fpu_save(user->fpu);
}

void fpu_kernel_end(void)
{
	struct user_thread *user = thread_current()->user;

	if (user != NULL)
		fpu_restore(user->fpu);
	preempt_enable();
}

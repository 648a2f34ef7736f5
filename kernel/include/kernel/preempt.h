/* SPDX-License-Identifier: MIT */
/* Between these the calling thread stays on its CPU and is not preempted. They nest. */
#ifndef KERNEL_PREEMPT_H
#define KERNEL_PREEMPT_H

#include "kernel/percpu.h"

/* Switch now if a switch is due and allowed. */
void preempt_check(void);

static inline void preempt_disable(void)
{
	insn_preempt_count_add(1);
}

static inline void preempt_enable(void)
{
	insn_preempt_count_add(-1);
	if (unlikely(this_cpu()->need_resched))
		preempt_check();
}

/* Without a switch: for paths that switch, or return to such, themselves. */
static inline void preempt_enable_no_check(void)
{
	insn_preempt_count_add(-1);
}

#endif

// SPDX-License-Identifier: MIT
/* What a thread switch does for user threads beyond the kernel's registers. */
#include "kernel/context.h"
#include "kernel/cpu.h"
#include "kernel/fpu.h"
#include "kernel/paging.h"
#include "kernel/thread.h"
#include "kernel/user_thread.h"

void context_switch_user(struct thread *previous, struct thread *next)
{
	struct user_thread *from = previous->user, *to = next->user;
	struct address_space *old = from != NULL ? user_thread_space(from) : NULL;
	struct address_space *new = to != NULL ? user_thread_space(to) : NULL;

	if (from != NULL)
		fpu_save(from->fpu);
	if (old != new)
		space_switch(new);
	if (to == NULL)
		return;
	fpu_restore(to->fpu);
	insn_wrmsr(MSR_FS_BASE, to->fs_base);
	cpu_set_kernel_stack(next->stack_top);
}

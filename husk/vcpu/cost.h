/* SPDX-License-Identifier: MIT */
/*
 * Cost mode (HUSK_OPTION_COST): the guest's TSC stands still while Husk works, so that counts taken
 * in the guest under -icount are the guest's own. Exact with one vCPU.
 */
#ifndef HUSK_VCPU_COST_H
#define HUSK_VCPU_COST_H

#include "husk/svm.h"

/* Right before VMRUN: sets the TSC offset. */
void cost_enter(struct vmcb *vmcb);
/* Right after VMRUN, or after sleeping (which is the guest's time). */
void cost_leave(void);
/* Before sleeping. */
void cost_sleep(void);
/* The TSC as the guest of this CPU would read it. */
uint64_t cost_guest_tsc(void);

#endif

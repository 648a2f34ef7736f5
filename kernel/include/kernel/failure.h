/* SPDX-License-Identifier: MIT */
/* Test hook: make the n-th allocation of a thread fail. Costs one load when it is not armed. */
#ifndef KERNEL_FAILURE_H
#define KERNEL_FAILURE_H

#include "base/types.h"

/* From now on the n-th (1 = next) page or object allocation of the calling thread fails, once. */
void failure_arm(uint64_t n);
/* Stop; returns whether the failure was delivered. */
bool failure_disarm(void);
/* Asked by every allocator. */
bool failure_due(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef HUSK_VCPU_TRACE_H
#define HUSK_VCPU_TRACE_H

#include "husk/vcpu.h"

/* Read HUSK_OPTION_TRACE and HUSK_OPTION_STATS. */
void trace_init(void);
/* One line for an exit that the option names. */
void trace_exit(const struct plane *p);

#endif

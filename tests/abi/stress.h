/* SPDX-License-Identifier: MIT */
/* Many threads on few futexes, pipes and mappings, with the sums checked at the end. */
#ifndef ABI_STRESS_H
#define ABI_STRESS_H

void stress(void);

#endif

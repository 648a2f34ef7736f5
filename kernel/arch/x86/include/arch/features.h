/* SPDX-License-Identifier: MIT */
#ifndef ARCH_FEATURES_H
#define ARCH_FEATURES_H

/* Fill cpu_features from the platform's CPUID. Stops when NX is missing. Boot CPU, once. */
void features_read(void);

/* Set this CPU's control registers by cpu_features. Every CPU. */
void features_enable(void);

/* One line of the log. */
void features_log(void);

#endif

/* SPDX-License-Identifier: MIT */
/* What kernel/build.mk chooses per image: constants, so that code is compiled in both cases. */
#ifndef KERNEL_CONFIG_H
#define KERNEL_CONFIG_H

/* 1: check lock ranks (the test image). */
#ifndef CONFIG_LOCK_ORDER
#define CONFIG_LOCK_ORDER 0
#endif

#endif

# SPDX-License-Identifier: MIT
kernel-boot-test.srcs   := kernel/core/test/boot_test.c kernel/core/boot.c
kernel-boot-test.cflags := $(KERNEL_UNIT_CFLAGS)
$(call unit_test,kernel-boot-test)

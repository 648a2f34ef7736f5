# SPDX-License-Identifier: MIT
kernel-spinlock-test.srcs   := kernel/sync/test/spinlock_test.c $(KERNEL_FAKE_SRCS)
kernel-spinlock-test.cflags := $(KERNEL_FAKE_CFLAGS)
$(call unit_test,kernel-spinlock-test)

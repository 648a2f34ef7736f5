# SPDX-License-Identifier: MIT
kernel-log-test.srcs   := kernel/log/test/log_test.c kernel/log/log.c
kernel-log-test.libs   := fmt
kernel-log-test.cflags := $(KERNEL_UNIT_CFLAGS)
$(call unit_test,kernel-log-test)

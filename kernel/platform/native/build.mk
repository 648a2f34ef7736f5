# SPDX-License-Identifier: MIT
kernel-madt-test.srcs   := kernel/platform/native/test/madt_test.c kernel/platform/native/madt.c
kernel-madt-test.cflags := $(KERNEL_UNIT_CFLAGS)
$(call unit_test,kernel-madt-test)

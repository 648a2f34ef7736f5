# SPDX-License-Identifier: MIT
guest-test.srcs := kernel/guest/memory_map.c kernel/guest/launch_pages.c kernel/guest/vmsa.c \
	kernel/guest/test/guest_test.c
guest-test.cflags := $(KERNEL_UNIT_CFLAGS) -Ikernel/guest
$(call unit_test,guest-test)

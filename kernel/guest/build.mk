# SPDX-License-Identifier: MIT
guest-test.srcs := kernel/guest/memory_map.c kernel/guest/launch_pages.c kernel/guest/vmsa.c \
	kernel/guest/test/guest_test.c
guest-test.cflags := $(KERNEL_UNIT_CFLAGS) -Ikernel/guest
$(call unit_test,guest-test)
vcpu-test.srcs := kernel/guest/vcpu.c kernel/guest/vmsa.c kernel/pagestate/pagestate.c \
	kernel/guest/test/vcpu_test.c kernel/guest/test/vcpu_model.c kernel/pagestate/test/host.c
vcpu-test.cflags := $(KERNEL_UNIT_CFLAGS) -fno-sanitize=leak
$(call unit_test,vcpu-test)

# SPDX-License-Identifier: MIT
test-vm-map.srcs := kernel/user/test/test_vm_map.c kernel/user/vm_map.c kernel/user/vm_page.c kernel/mm/cache.c \
	kernel/mm/tables.c kernel/mm/space.c $(KERNEL_FAKE_SRCS)
test-vm-map.cflags := $(KERNEL_FAKE_CFLAGS)
$(call unit_test,test-vm-map)

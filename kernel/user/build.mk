# SPDX-License-Identifier: MIT
test-vm-map.srcs := kernel/user/test/test_vm_map.c kernel/user/vm_map.c kernel/user/vm_page.c kernel/mm/cache.c \
	kernel/mm/tables.c kernel/mm/space.c $(KERNEL_FAKE_SRCS)
test-vm-map.cflags := $(KERNEL_FAKE_CFLAGS)
$(call unit_test,test-vm-map)

fuzz-elf.srcs   := kernel/user/fuzz/fuzz_elf.c kernel/user/elf.c kernel/user/rights.c
fuzz-elf.cflags := $(KERNEL_UNIT_CFLAGS)
fuzz-elf.seeds  := services/etc/rights/init services/etc/rights/tpmd $(BUILD)/tests/perf/ring3
$(call fuzzer,fuzz-elf)

test-rights.srcs   := kernel/user/test/test_rights.c kernel/user/rights.c
test-rights.cflags := $(KERNEL_UNIT_CFLAGS)
$(call unit_test,test-rights)

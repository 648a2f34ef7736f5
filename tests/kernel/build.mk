# SPDX-License-Identifier: MIT
# The in-kernel tests, booted on plain QEMU.
KERNEL_TEST_IMAGE := $(BUILD)/copra-test.igvm
KERNEL_TEST_DEPS  := $(KERNEL_TEST_IMAGE) $(BUILD)/husk.rom

$(call suite,kernel-1cpu,tests/kernel/run -c 1 $(KERNEL_TEST_IMAGE),$(KERNEL_TEST_DEPS),150)
$(call suite,kernel-4cpu,tests/kernel/run -c 4 $(KERNEL_TEST_IMAGE),$(KERNEL_TEST_DEPS),150)
$(call suite,kernel-microvm,tests/kernel/run -m microvm -c 2 $(KERNEL_TEST_IMAGE),$(KERNEL_TEST_DEPS),150)

# SPDX-License-Identifier: MIT
# The in-kernel tests, booted on plain QEMU, and at VMPL0 of an SNP guest on Husk.
KERNEL_TEST_IMAGE := $(BUILD)/copra-test.igvm
KERNEL_TEST_DEPS  := $(KERNEL_TEST_IMAGE) $(BUILD)/husk.rom

$(call suite,kernel-1cpu,tests/kernel/run -c 1 $(KERNEL_TEST_IMAGE),$(KERNEL_TEST_DEPS),150)
$(call suite,kernel-4cpu,tests/kernel/run -c 4 $(KERNEL_TEST_IMAGE),$(KERNEL_TEST_DEPS),150)
$(call suite,kernel-microvm,tests/kernel/run -m microvm -c 2 $(KERNEL_TEST_IMAGE),$(KERNEL_TEST_DEPS),150)
# There the guest ends by asking for termination (71) whatever the result; a failed test shows in the TAP.
$(call suite,kernel-snp-1cpu,tests/kernel/run -p snp -s 71 -t 240 -c 1 $(KERNEL_TEST_IMAGE),$(KERNEL_TEST_DEPS),300)
$(call suite,kernel-snp-2cpu,tests/kernel/run -p snp -s 71 -t 240 -c 2 $(KERNEL_TEST_IMAGE),$(KERNEL_TEST_DEPS),300)

# SPDX-License-Identifier: MIT
# Whole boots of the confidential VM, end to end: Husk, Copra, OVMF, Linux at VMPL2.

boot_deps    := $(BUILD)/husk.rom $(BUILD)/copra.igvm $(GUEST_KERNEL)
boot_command := scripts/run --qemu $(QEMU) --rom $(BUILD)/husk.rom --image $(BUILD)/copra.igvm --kernel $(GUEST_KERNEL)

$(call suite,boot-check-1cpu,$(boot_command) --initrd $(GUEST_INITRD_MINI) --run check --append copra.cpus=1,\
	$(boot_deps) $(GUEST_INITRD_MINI),900)
# With the owner's verdict on the evidence, as make run DEMO=1 has it.
$(call suite,boot-demo,$(boot_command) --initrd $(GUEST_INITRD) --run tour --timeout 1150 \
	--log-file $(BUILD)/test-logs/boot-demo.console --keys $(BUILD)/husk-keys --verify $(BUILD)/tools/copra-verify,\
	$(boot_deps) $(GUEST_INITRD) $(BUILD)/husk-keys/certs.bin $(BUILD)/tools/copra-verify,1200)
$(call nightly,boot-tpm2-steps,$(boot_command) --initrd $(GUEST_INITRD) --run tpm2-steps,\
	$(boot_deps) $(GUEST_INITRD),1500)

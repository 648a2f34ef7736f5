# SPDX-License-Identifier: MIT
# Plain SNP guests at VMPL0: firmware and kernels as Debian ships them, no SVSM.

# $(call snp_guest,suite or nightly,NAME,FIRMWARE,KERNEL,CPUS)
snp_guest = $(call $(1),guest-$(2)-$(5)cpu,tests/guests/run --qemu $(QEMU) --rom $(BUILD)/husk.rom \
	--firmware $(3) --kernel $(4) --initrd $(GUEST_INITRD_MINI) --smp $(5),$\
	tests/guests/run $(BUILD)/husk.rom $(3) $(4) $(GUEST_INITRD_MINI),300)

$(call snp_guest,suite,2026.08-7.2,$(GUEST_OVMF),$(GUEST_KERNEL),1)
$(call snp_guest,suite,2026.08-6.12,$(GUEST_OVMF),$(GUEST_KERNEL_6_12),4)
$(call snp_guest,suite,2025.02-6.1,$(GUEST_OVMF_2025_02),$(GUEST_KERNEL_6_1),2)

snp_guest_matrix = $(foreach n,1 4,$(call snp_guest,nightly,$(1)-7.2,$(2),$(GUEST_KERNEL),$(n)) \
	$(call snp_guest,nightly,$(1)-6.12,$(2),$(GUEST_KERNEL_6_12),$(n)) \
	$(call snp_guest,nightly,$(1)-6.1,$(2),$(GUEST_KERNEL_6_1),$(n)))
$(call snp_guest_matrix,2026.08,$(GUEST_OVMF))
$(call snp_guest_matrix,2025.02,$(GUEST_OVMF_2025_02))

# SPDX-License-Identifier: MIT
# The demonstration guest: Debian's own firmware and kernel, and an initramfs of ours.
#
#   GUEST_OVMF, GUEST_KERNEL, GUEST_INITRD   the guest of `make run`
#   GUEST_INITRD_MINI                        the same without tpm2-tools, for quick boots
#   GUEST_OVMF_2025_02, GUEST_OVMF_2022_11, GUEST_KERNEL_6_12, GUEST_KERNEL_6_1   for tests
# A rule that uses one names it as a prerequisite.

GUEST := $(BUILD)/guest

GUEST_OVMF         := $(GUEST)/OVMF.fd
GUEST_OVMF_2025_02 := $(GUEST)/OVMF-2025.02.fd
GUEST_OVMF_2022_11 := $(GUEST)/OVMF-2022.11.fd
GUEST_KERNEL       := $(GUEST)/vmlinuz
GUEST_KERNEL_6_12  := $(GUEST)/vmlinuz-6.12
GUEST_KERNEL_6_1   := $(GUEST)/vmlinuz-6.1
GUEST_INITRD       := $(GUEST)/initrd.zst
GUEST_INITRD_MINI  := $(GUEST)/initrd-mini.zst
GUEST_INIT_FILES   := $(wildcard guest/initramfs/* guest/initramfs/copra/*)

# One file of a fetched group, as a link: $(call guest_link,TARGET,GROUP,PATH BELOW THE GROUP)
define guest_link_rules
$(1): $(call fetched,$(2))
	$$(Q)mkdir -p $$(@D)
	$$(Q)ln -sf $$(abspath $$(wildcard $(THIRD_PARTY)/$(2)/$(3))) $$@ && test -e $$@
endef
guest_link = $(eval $(call guest_link_rules,$(strip $(1)),$(strip $(2)),$(strip $(3))))

$(call guest_link,$(GUEST_OVMF),ovmf,usr/share/ovmf/OVMF.fd)
$(call guest_link,$(GUEST_OVMF_2025_02),ovmf-2025.02,usr/share/ovmf/OVMF.fd)
$(call guest_link,$(GUEST_OVMF_2022_11),ovmf-2022.11,usr/share/ovmf/OVMF.fd)
$(call guest_link,$(GUEST_KERNEL_6_12),guest-6.12,boot/vmlinuz-*)
$(call guest_link,$(GUEST_KERNEL_6_1),guest-6.1,boot/vmlinuz-*)

$(GUEST)/kernel.stamp: guest/build-kernel scripts/packages.lock scripts/packages.private | $(HOST_READY)
	$(Q)mkdir -p $(@D)
	$(Q)guest/build-kernel $(CACHE) $(GUEST)/kernel
	$(Q)touch $@

$(GUEST_KERNEL): $(GUEST)/kernel.stamp
	$(Q)ln -sf kernel/vmlinuz $@

$(GUEST_INITRD): $(call fetched,guest-busybox) $(call fetched,guest-tpm2)
$(GUEST_INITRD_MINI): $(call fetched,guest-busybox)
$(GUEST_INITRD) $(GUEST_INITRD_MINI): $(GUEST)/kernel.stamp guest/build-initramfs $(GUEST_INIT_FILES)
	$(say) INITRD $@
	$(Q)guest/build-initramfs $@ $(THIRD_PARTY)/guest-busybox $(GUEST)/kernel \
		$(if $(findstring mini,$@),,$(THIRD_PARTY)/guest-tpm2)

.PHONY: guest
guest: $(GUEST_OVMF) $(GUEST_KERNEL) $(GUEST_INITRD) $(GUEST_INITRD_MINI) ## fetch and build the demonstration guest

# make run: variables a user may set
DEMO    ?=
SMP     ?= 1
MEMORY  ?= 1G
ACCEL   ?= tcg,thread=single
APPEND  ?=
LOG     ?=
RUN_ARGS = --qemu $(QEMU) --accel $(ACCEL) --rom $(BUILD)/husk.rom --image $(BUILD)/copra.igvm \
	--kernel $(GUEST_KERNEL) --initrd $(GUEST_INITRD) --smp $(SMP) --memory $(MEMORY) \
	--keys $(BUILD)/husk-keys \
	$(if $(APPEND),--append '$(APPEND)') $(if $(LOG),--log $(LOG)) \
	$(if $(DEMO),--run tour --log-file $(BUILD)/demo.log --verify $(BUILD)/tools/copra-verify)

run: $(BUILD)/husk.rom $(BUILD)/copra.igvm $(GUEST_KERNEL) $(GUEST_INITRD) $(BUILD)/husk-keys/certs.bin tools ## boot the confidential VM; DEMO=1: the tour, unattended
	$(Q)scripts/run $(RUN_ARGS)

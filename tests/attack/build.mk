# SPDX-License-Identifier: MIT
# The host's lies in GHCB answers; those about the PSP are declared in tests/attest.
define attack_rules
$$(call suite,attack-$(1),tests/attack/host $(BUILD) $(QEMU) $(BUILD)/copra-test.igvm tests/attack/$(1),$(BUILD)/husk.rom $(BUILD)/copra-test.igvm,600)
endef
$(foreach a,A15 A16 A17 A18,$(eval $(call attack_rules,$(a))))

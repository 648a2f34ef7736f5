# SPDX-License-Identifier: MIT
# Evidence from a guest at VMPL2, judged outside by copra-verify: honest (tests/attest) and with a host
# that plays with the PSP's answers (tests/attack). The guests are test firmwares of tests/svsm.

define psp_attack
$(call suite,attack-$(1),tests/attack/run $(BUILD) $(QEMU) $(BUILD)/svsm/psp.igvm tests/attack/$(1),\
	$(BUILD)/husk.rom $(BUILD)/svsm/psp.igvm $(HUSK_KEYS) $(BUILD)/tools/copra-verify,900)
endef

ifneq ($(origin svsm_guest),undefined)
$(call svsm_guest,attest,1)
$(call svsm_guest,psp,1)
# They are judged from outside only, on a machine with certificates.
SUITES := $(filter-out svsm-attest svsm-psp,$(SUITES))
$(call image,svsm/attest-vtpm,$(BUILD)/kernel/copra.elf,$(SERVICES_ARCHIVE) $(BUILD)/svsm/attest.fd,\
	--archive $(SERVICES_ARCHIVE) --firmware $(BUILD)/svsm/attest.fd)

$(call suite,attest,tests/attest/run $(BUILD) $(QEMU) $(BUILD)/svsm/attest.igvm,\
	$(BUILD)/husk.rom $(BUILD)/svsm/attest.igvm $(HUSK_KEYS) $(BUILD)/tools/copra-verify,600)
$(call suite,attest-vtpm,tests/attest/run $(BUILD) $(QEMU) $(BUILD)/svsm/attest-vtpm.igvm --vtpm,\
	$(BUILD)/husk.rom $(BUILD)/svsm/attest-vtpm.igvm $(HUSK_KEYS) $(BUILD)/tools/copra-verify,600)
$(foreach a,A19 A20 A21,$(call psp_attack,$(a)))
$(call nightly,attack-A19-endless,tests/attack/run $(BUILD) $(QEMU) $(BUILD)/svsm/psp.igvm tests/attack/A19-endless,\
	$(BUILD)/husk.rom $(BUILD)/svsm/psp.igvm $(HUSK_KEYS) $(BUILD)/tools/copra-verify,900)
endif

$(call suite,attack-A22,tests/attack/A22/run $(BUILD) $(QEMU),\
	$(BUILD)/husk.rom $(BUILD)/payload.igvm $(BUILD)/copra-test.igvm,600)

# SPDX-License-Identifier: MIT
# Builder, shim and Husk's loader against each other.
$(call suite,launch,tests/launch/run $(BUILD) $(QEMU),\
	$(BUILD)/husk.rom $(BUILD)/payload.igvm $(BUILD)/tools/igvm,600)

# SPDX-License-Identifier: MIT
# The same source gives the same image, wherever it is built.

$(call suite,reproducible,tests/reproducible/run $(BUILD) $(CACHE),$(BUILD)/copra.igvm $(BUILD)/husk.rom,900)

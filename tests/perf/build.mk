# SPDX-License-Identifier: MIT
# make perf: what operations cost, in retired instructions, and what the image takes.

PERF_DEPS := $(BUILD)/copra-perf.igvm $(BUILD)/copra.igvm $(BUILD)/husk.rom
perf: $(PERF_DEPS) ## costs in instructions, sizes, memory: build/perf.json
	$(Q)tests/perf/run --qemu $(QEMU) --build $(BUILD)
$(call suite,perf,tests/perf/run --qemu $(QEMU) --build $(BUILD),$(PERF_DEPS),300)

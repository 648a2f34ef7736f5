# SPDX-License-Identifier: MIT
# make perf: what operations cost, in retired instructions, and what the image takes.

perf-ring3.profile := user
perf-ring3.out     := $(BUILD)/tests/perf/ring3
perf-ring3.srcs    := tests/perf/programs/ring3.c
$(call program,perf-ring3)

$(BUILD)/tests/perf.cpio: $(perf-ring3.out) tests/perf/programs/rights services/pack-archive
	$(say) PACK $@
	$(Q)services/pack-archive $@ bin/init=$(perf-ring3.out):x etc/rights/init=tests/perf/programs/rights

PERF_DEPS := $(BUILD)/copra-perf.igvm $(BUILD)/svsm/perf.igvm $(BUILD)/copra.igvm $(BUILD)/husk.rom
perf: $(PERF_DEPS) ## costs in instructions, sizes, memory: build/perf.json
	$(Q)tests/perf/run --qemu $(QEMU) --build $(BUILD)
$(call suite,perf,tests/perf/run --qemu $(QEMU) --build $(BUILD),$(PERF_DEPS),300)

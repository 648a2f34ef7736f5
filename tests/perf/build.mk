# SPDX-License-Identifier: MIT
# make perf: what operations cost, in retired instructions, and what the image takes.

copra-bench-stage1.profile := kernel
copra-bench-stage1.out     := $(BUILD)/kernel/copra-bench-stage1.elf
copra-bench-stage1.srcs    := $(KERNEL_SRCS) tests/perf/bench.c
copra-bench-stage1.libs    := $(KERNEL_LIBS)
copra-bench-stage1.cflags  := $(KERNEL_CFLAGS)
copra-bench-stage1.script  := kernel/kernel.ld
$(call use_mbedtls,copra-bench-stage1,kernel)
$(call program,copra-bench-stage1)
$(eval $(call kernel_final_link,copra-bench))

$(BUILD)/copra-bench.igvm: $(BUILD)/tools/igvm $(BUILD)/boot/shim.bin $(BUILD)/kernel/copra-bench.elf \
		tools/igvm/copra.recipe
	$(say) IGVM $@
	$(Q)$(IGVM) build --recipe tools/igvm/copra.recipe --shim $(SHIM_BIN) --kernel $(BUILD)/kernel/copra-bench.elf \
		--set debug-exit=yes --output $@

PERF_DEPS := $(BUILD)/copra-bench.igvm $(BUILD)/copra.igvm $(BUILD)/husk.rom
perf: $(PERF_DEPS) ## costs in instructions, sizes, memory: build/perf.json
	$(Q)tests/perf/run --qemu $(QEMU) --build $(BUILD)
$(call suite,perf,tests/perf/run --qemu $(QEMU) --build $(BUILD),$(PERF_DEPS),300)

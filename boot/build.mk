# SPDX-License-Identifier: MIT
shim.profile := shim
shim.out     := $(BUILD)/boot/shim.elf
shim.srcs    := boot/shim.S
shim.ldflags := -Wl,-Ttext=0 -Wl,-e,start
$(call program,shim)

SHIM_BIN := $(BUILD)/boot/shim.bin
$(SHIM_BIN): $(shim.out)
	$(say) OBJCOPY $@
	$(Q)$(OBJCOPY) -O binary -j .text $< $@

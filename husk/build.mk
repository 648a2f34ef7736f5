# SPDX-License-Identifier: MIT
# Husk: the emulated SNP machine, a ROM image for QEMU's -bios.

husk.profile := husk
husk.out     := $(BUILD)/husk.elf
husk.srcs    := $(sort $(wildcard husk/*/*.c husk/*/*.S))
husk.libs    := igvm launch sha384_mbedtls
husk.cflags  := -Ihusk
husk.script  := husk/husk.ld
husk.ldflags := -Wl,-z,max-page-size=4096
$(call use_mbedtls,husk,kernel)
$(call program,husk)

$(BUILD)/husk.rom: $(BUILD)/husk.elf
	$(say) ROM $@
	$(Q)$(OBJCOPY) -O binary -R .bss --gap-fill 0 $< $@
ALL_IMAGES += $(BUILD)/husk.rom

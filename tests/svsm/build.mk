# SPDX-License-Identifier: MIT
# Test firmwares: they run as the guest, at VMPL2, below the real kernel.
lib.svsm_test.srcs := $(addprefix tests/micro/lib/,tap.c trap.c insn.c ghcb.c vmsa.c vectors.S) \
	$(addprefix tests/svsm/lib/,reset.S firmware.c svsm.c cpu.c)

# $(call svsm_guest,NAME,CPUS): tests/svsm/guests/NAME.c
define svsm_rules
svsm-$(1).profile := micro
svsm-$(1).out     := $(BUILD)/svsm/$(1).elf
svsm-$(1).srcs    := tests/svsm/guests/$(1).c
svsm-$(1).libs    := svsm_test mem
svsm-$(1).cflags  := -fpie -mcmodel=small -Itests/micro/lib -Itests/svsm/lib
svsm-$(1).script  := tests/svsm/lib/firmware.ld
TEST_PROGRAMS += $$(svsm-$(1).out)
$$(call program,svsm-$(1))
$(BUILD)/svsm/$(1).fd: $$(svsm-$(1).out)
	$$(say) OBJCOPY $$@
	$$(Q)$$(OBJCOPY) -O binary $$< $$@
$$(call image,svsm/$(1),$(BUILD)/kernel/copra.elf,$(BUILD)/svsm/$(1).fd,--firmware $(BUILD)/svsm/$(1).fd)
$$(call suite,svsm-$(1),$(MICRO_RUN) $(BUILD)/svsm/$(1).igvm -smp $(2),$(BUILD)/husk.rom $(BUILD)/svsm/$(1).igvm,600)
endef
svsm_guest = $(eval $(call svsm_rules,$(strip $(1)),$(strip $(2))))

$(call svsm_guest,core,1)
$(call svsm_guest,smp,4)
$(call svsm_guest,hammer,4)
$(call svsm_guest,perf,1)

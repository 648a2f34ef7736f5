# SPDX-License-Identifier: MIT
# Micro guests: one image each, run on Husk's SNP machine.
lib.micro.srcs := $(addprefix tests/micro/lib/,entry.S vectors.S start.c tap.c trap.c memory.c insn.c ghcb.c vmsa.c plane.c)

MICRO_RUN := tests/micro/run --build $(BUILD) --qemu $(QEMU)

comma := ,

# $(call micro_guest,NAME,OPTIONS,QEMU): tests/micro/guests/NAME.c; OPTIONS are the image builder's,
# QEMU's are QEMU's
define micro_rules
micro-$(1).profile := micro
micro-$(1).out     := $(BUILD)/micro/$(1).elf
micro-$(1).srcs    := tests/micro/guests/$(1).c
micro-$(1).libs    := micro mem
micro-$(1).cflags  += -Itests/micro/lib
micro-$(1).script  := tests/micro/lib/micro.ld
TEST_PROGRAMS += $$(micro-$(1).out)
$$(call program,micro-$(1))
$$(call image,micro/$(1),$$(micro-$(1).out),,--set debug-exit=yes $(2))
$$(call suite,micro-$(1),$(MICRO_RUN) $(BUILD)/micro/$(1).igvm $(3),$(BUILD)/husk.rom $(BUILD)/micro/$(1).igvm,300)
endef
micro_guest = $(eval $(call micro_rules,$(strip $(1)),$(2),$(3)))

MICRO_PLAIN := --set 'sev-features=snp debug-swap'

$(call use_mbedtls,micro-psp,kernel)
$(call micro_guest,insn,$(MICRO_PLAIN))
$(call micro_guest,vc,$(MICRO_PLAIN))
$(call micro_guest,msr,$(MICRO_PLAIN))
$(call micro_guest,nae,$(MICRO_PLAIN))
$(call micro_guest,vmpl,$(MICRO_PLAIN))
# It breaks the rules of sequence numbers on purpose.
$(call micro_guest,psp,$(MICRO_PLAIN),-fw_cfg name=opt/husk/malice$$(comma)string=blind)
$(call micro_guest,apic)

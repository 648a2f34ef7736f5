# SPDX-License-Identifier: MIT
# A vTPM that dies in the middle of a command, again and again; the guest above it goes on.
tpmd-dying.profile      := user
tpmd-dying.out          := $(BUILD)/test/crash/tpmd
tpmd-dying.srcs         := $(tpmd.srcs) tests/crash/dying.c
tpmd-dying.cflags       := $(tpmd.cflags) -Iservices/tpmd
tpmd-dying.ldflags      := -Wl,--wrap=server_answer
tpmd-dying.deps         := $(tpmd.deps)
tpmd-dying.ldlibs       := $(tpmd.ldlibs)
tpmd-dying.ldlibs.files := $(tpmd.ldlibs.files)
$(call program,tpmd-dying)

CRASH_ARCHIVE := $(BUILD)/test/crash.cpio

$(CRASH_ARCHIVE): $(BUILD)/test/crash/tpmd $(BUILD)/services/bin/init tests/crash/init.conf services/pack-archive \
		$(addprefix services/etc/rights/,init tpmd)
	$(say) PACK $@
	$(Q)$(OBJCOPY) --strip-all $< $<.stripped
	$(Q)services/pack-archive $@ bin/tpmd=$<.stripped:x bin/init=$(BUILD)/services/bin/init:x \
		etc/init.conf=tests/crash/init.conf \
		etc/rights/init=services/etc/rights/init etc/rights/tpmd=services/etc/rights/tpmd

$(call image,copra-crash,$(BUILD)/kernel/copra.elf,$(CRASH_ARCHIVE) $(GUEST_OVMF),\
	--archive $(CRASH_ARCHIVE) --firmware $(GUEST_OVMF))

CRASH_DEPS := $(BUILD)/copra-crash.igvm $(BUILD)/husk.rom $(GUEST_KERNEL) $(GUEST_INITRD)
$(call nightly,guest-crash,scripts/run --run crash --timeout 1100 --rom $(BUILD)/husk.rom \
	--image $(BUILD)/copra-crash.igvm --kernel $(GUEST_KERNEL) --initrd $(GUEST_INITRD),$(CRASH_DEPS),1200)

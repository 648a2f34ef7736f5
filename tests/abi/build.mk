# SPDX-License-Identifier: MIT
# The user ABI: one program, three ways to link it, on Linux and on Copra with equal output.
ABI_SRCS := $(addprefix tests/abi/,child.c files.c ipc.c main.c memory.c process.c stress.c threads.c time.c)

define abi_program
abi-$(1).profile := $(2)
abi-$(1).out     := $$(BUILD)/test/abi/abi-$(1)
abi-$(1).srcs    := $$(ABI_SRCS)
abi-$(1).cflags  := -Wno-missing-prototypes -pthread
abi-$(1).ldlibs  := -pthread
$$(call program,abi-$(1))
endef
$(eval $(call abi_program,musl,user))
$(eval $(call abi_program,glibc,userglibc))
$(eval $(call abi_program,pie,userpie))

abi-runner.profile := user
abi-runner.out     := $(BUILD)/test/abi/init
abi-runner.srcs    := tests/abi/runner.c
$(call program,abi-runner)

abi-fuzz.profile := user
abi-fuzz.out     := $(BUILD)/test/abi/abi-fuzz
abi-fuzz.srcs    := tests/abi/fuzz.c
$(call program,abi-fuzz)

ABI_PROGRAMS := init abi-musl abi-glibc abi-pie abi-fuzz
ABI_STRIPPED := $(ABI_PROGRAMS:%=$(BUILD)/test/abi/bin/%)
ABI_ARCHIVE  := $(BUILD)/test/abi.cpio

$(ABI_STRIPPED): $(BUILD)/test/abi/bin/%: $(BUILD)/test/abi/%
	$(Q)mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-all $< $@

$(ABI_ARCHIVE): $(ABI_STRIPPED) tests/abi/rights tests/abi/rights-init services/pack-archive
	$(say) PACK $@
	$(Q)services/pack-archive $@ $(foreach p,$(ABI_PROGRAMS),bin/$(p)=$(BUILD)/test/abi/bin/$(p):x) \
		$(foreach p,$(filter-out init,$(ABI_PROGRAMS)),etc/rights/$(p)=tests/abi/rights) \
		etc/rights/init=tests/abi/rights-init

$(call image,copra-abi,$(BUILD)/kernel/copra.elf,$(ABI_ARCHIVE),--archive $(ABI_ARCHIVE) --set debug-exit=yes)

ABI_DEPS := $(BUILD)/copra-abi.igvm $(BUILD)/husk.rom $(addprefix $(BUILD)/test/abi/,abi-musl abi-glibc abi-pie)
$(call suite,user-abi-1cpu,tests/abi/run -c 1 $(BUILD),$(ABI_DEPS),300)
$(call suite,user-abi-4cpu,tests/abi/run -c 4 $(BUILD),$(ABI_DEPS),300)
$(call suite,user-abi-snp,tests/abi/run -p snp -c 2 $(BUILD),$(ABI_DEPS),300)
